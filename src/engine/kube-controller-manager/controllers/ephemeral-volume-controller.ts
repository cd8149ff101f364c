// Mirrors upstream's ephemeral volume controller: a pod's ephemeral volumes are claims that the pod owns and that go with it.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { podsByClaim } from '../../kinds/pod-claims.js';
import { pod } from '../../kinds/pod.js';
import type { PersistentVolumeClaim, Pod, Volume } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { controllerReference, isControlledBy } from '../owner-references.js';
import { isAlreadyThere, isNamespaceTerminating } from '../status-errors.js';

type Context = ReconcileContext<undefined>;

export const ephemeralVolumeController = defineController<Pod>({
  name: 'ephemeral_volume',
  option: 'ephemeral-volume-controller',
  serviceAccount: 'ephemeral-volume-controller',
  primary: pod,
  matters: () => false,
  concerns: hasEphemeral,
  watches: [
    watching<PersistentVolumeClaim, undefined>({
      kind: persistentVolumeClaim,
      matters: () => false,
      /** A pod that still needs the claim gets it back, or gets its own where another one was in the way. */
      map: (object, { client }, type) =>
        type !== 'deleted' ? [] : client.indexed(pod, podsByClaim, keyOf(object)).filter(hasEphemeral).map(keyOf),
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
    if (context.outstanding > 0) return undefined;
    for (const volume of object.spec.volumes ?? []) if (!ensureClaim(context, object, volume)) break;
    return undefined;
  },
});

function hasEphemeral({ spec }: Pod): boolean {
  return spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true;
}

/** Whether nothing is in the way of the volume; else the pod's other volumes wait with it. */

function ensureClaim(context: Context, object: Pod, { name: volumeName, ephemeral }: Volume): boolean {
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined) return true;
  const { client, recorder } = context;
  const { namespace = '', name: podName } = object.metadata;
  const name = `${podName}-${volumeName}`;
  const fail = (cause: string): void =>
    recorder.record(object, 'Warning', 'FailedBinding', `ephemeral volume ${volumeName}: ${cause}`);
  const there = client.get(persistentVolumeClaim, `${namespace}/${name}`);
  if (there !== undefined) {
    if (isControlledBy(there, object)) return true;
    fail(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    context.retry();
    return false;
  }
  const { labels, annotations } = template.metadata ?? {};
  const metadata = {
    name,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ownerReferences: [controllerReference(pod, object)],
  };
  let isMade = true;
  context.create(persistentVolumeClaim, namespace, { metadata, spec: template.spec }, ({ error }) => {
    if (error === undefined || isAlreadyThere(error) || isNamespaceTerminating(error)) return;
    fail(`create PVC ${name}: ${error.message}`);
    context.fail(error);
    isMade = false;
  });
  return isMade;
}
