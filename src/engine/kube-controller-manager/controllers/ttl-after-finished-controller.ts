// Mirrors upstream's TTL-after-finished controller: a finished Job goes when its time is up.
import { instant, milliseconds, parseTimestamp, type Instant } from '../../kernel/clock.js';
import { job } from '../../kinds/job.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import { defineController } from '../controller.js';
import { isFinished, isTrue } from '../job/job-conditions.js';
import { failingUnlessGone } from '../owned-pods.js';

const MS_PER_SECOND = 1_000;

export const ttlAfterFinishedController = defineController<Job>({
  name: 'ttl-after-finished-controller',
  primary: job,
  concerns: (object) => object.spec.ttlSecondsAfterFinished !== undefined && isFinished(object),

  reconcile(context, object) {
    const expiry = object === undefined ? undefined : expiryOf(object);
    if (object === undefined || expiry === undefined || object.metadata.deletionTimestamp !== undefined)
      return undefined;
    const left = expiry - context.simulation.now;
    if (left > 0) return milliseconds(left);
    context.client.delete(job, object, { propagationPolicy: 'Foreground' }, failingUnlessGone(context));
    return undefined;
  },
});

function expiryOf(object: Job): Instant | undefined {
  const { ttlSecondsAfterFinished } = object.spec;
  if (ttlSecondsAfterFinished === undefined || !isFinished(object)) return undefined;
  const type = isTrue(object, 'Complete') ? 'Complete' : 'Failed';
  const time = object.status?.conditions?.find((each) => each.type === type)?.lastTransitionTime;
  const finished = parseTimestamp(time ?? '');
  return finished === undefined ? undefined : instant(finished + ttlSecondsAfterFinished * MS_PER_SECOND);
}
