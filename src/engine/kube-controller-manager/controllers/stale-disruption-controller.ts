// Mirrors the part of upstream's disruption controller that takes back what was said of pods that were to be disrupted and
// then were not.
import { after, instant, milliseconds, minutes, parseTimestamp, timestamp } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import type { Pod, PodCondition } from '../../machinery/api/core-v1.js';
import { defineController } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';
import { conditionOf, withPodCondition } from '../pods.js';

const STALE_AFTER = minutes(2);

export const staleDisruptionController = defineController<Pod>({
  name: 'stale-disruption-controller',
  option: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  primary: pod,
  concerns: (object) => disruptionOf(object) !== undefined,

  reconcile(context, object) {
    const condition = object === undefined ? undefined : disruptionOf(object);
    if (object === undefined || condition === undefined) return undefined;
    const { client, key, simulation } = context;
    const since = parseTimestamp(condition.lastTransitionTime ?? '') ?? instant(0);
    const left = after(since, STALE_AFTER) - simulation.now;
    if (left > 0) return milliseconds(left);
    const { uid, generation } = object.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const conditions = withPodCondition(
      object.status?.conditions ?? [],
      { type: 'DisruptionTarget', ...observed, status: 'False' },
      timestamp(simulation.now),
    );
    client.patchStatus(pod, key, { metadata: { uid }, status: { conditions } }, failingUnlessGone(context));
    return undefined;
  },
});

/** What was said of a pod that goes on all the same. */
function disruptionOf(object: Pod): PodCondition | undefined {
  const { metadata, status } = object;
  if (metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    return undefined;
  }
  const condition = conditionOf(object, 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason !== 'TerminationByKubelet' ? condition : undefined;
}
