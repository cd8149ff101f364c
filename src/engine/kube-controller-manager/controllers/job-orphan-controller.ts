// Mirrors the part of upstream's Job controller that looks after pods which no running Job counts any more: they lose the
// finalizer that kept them until they were counted.
import { job } from '../../kinds/job.js';
import { podsByOwner } from '../../kinds/pod-indexes.js';
import { pod } from '../../kinds/pod.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import { defineController, watching } from '../controller.js';
import { isFinished, isManagedElsewhere } from '../job/job-conditions.js';
import { isTracked, untrackingPatch } from '../job/job-pods.js';
import { controllerOf } from '../owner-references.js';
import { failingUnlessGone } from '../owned-pods.js';

export const jobOrphanController = defineController<Pod>({
  name: 'job-orphan-controller',
  option: 'job-controller',
  serviceAccount: 'job-controller',
  primary: pod,
  concerns: (object) => isTracked(object),
  watches: [
    watching<Job, undefined>({
      kind: job,
      matters: (object, previous) => isFinished(object) && !isFinished(previous),
      map: (object, { client }, type) =>
        type === 'deleted' || isFinished(object)
          ? client
              .indexed(pod, podsByOwner, object.metadata.uid ?? '')
              .filter(isTracked)
              .map(keyOf)
          : [],
    }),
  ],

  reconcile(context, object) {
    const { client, key } = context;
    if (object === undefined || !isTracked(object)) return undefined;
    const reference = controllerOf(object);
    if (reference !== undefined) {
      if (reference.kind !== job.kind || reference.apiVersion !== apiVersionOf(job)) return undefined;
      const owner = client.get(job, `${object.metadata.namespace ?? ''}/${reference.name}`);
      const isThere = owner?.metadata.uid === reference.uid;
      if (isThere && owner !== undefined && (isManagedElsewhere(owner) || !isFinished(owner))) return undefined;
    }
    client.patch(pod, key, untrackingPatch(object), failingUnlessGone(context));
    return undefined;
  },
});
