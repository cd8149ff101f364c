// Mirrors upstream's ephemeral volume controller: a pod's ephemeral volumes are claims that the pod owns and that go with it.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { pod } from '../../kinds/pod.js';
import type { PersistentVolumeClaim, Pod, Volume } from '../../machinery/api/core-v1.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { controllerOf, controllerReference, isControlledBy } from '../owner-references.js';
import { isAlreadyThere, isNamespaceTerminating } from '../status-errors.js';

type Context = ReconcileContext<undefined>;

export const ephemeralVolumeController = defineController<Pod>({
  name: 'ephemeral_volume',
  option: 'ephemeral-volume-controller',
  serviceAccount: 'ephemeral-volume-controller',
  primary: pod,
  matters: () => false,
  concerns: ({ spec }) => spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true,
  watches: [
    watching<PersistentVolumeClaim, undefined>({
      kind: persistentVolumeClaim,
      matters: () => false,
      /** A pod that still needs the claim gets it back. */
      map(object, _context, type) {
        const owner = controllerOf(object);
        if (type !== 'deleted' || owner?.kind !== pod.kind) return [];
        return [`${object.metadata.namespace ?? ''}/${owner.name}`];
      },
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
    for (const volume of object.spec.volumes ?? []) ensureClaim(context, object, volume);
    return undefined;
  },
});

function ensureClaim(context: Context, object: Pod, { name: volumeName, ephemeral }: Volume): void {
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined) return;
  const { client, recorder } = context;
  const { namespace = '', name: podName } = object.metadata;
  const name = `${podName}-${volumeName}`;
  const fail = (cause: string): void =>
    recorder.record(object, 'Warning', 'FailedBinding', `ephemeral volume ${volumeName}: ${cause}`);
  const there = client.get(persistentVolumeClaim, `${namespace}/${name}`);
  if (there !== undefined) {
    if (isControlledBy(there, object)) return;
    fail(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    context.retry();
    return;
  }
  if (context.outstanding > 0) return;
  const { labels, annotations } = template.metadata ?? {};
  const metadata = {
    name,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ownerReferences: [controllerReference(pod, object)],
  };
  context.create(persistentVolumeClaim, namespace, { metadata, spec: template.spec }, ({ error }) => {
    if (error === undefined || isAlreadyThere(error) || isNamespaceTerminating(error)) return;
    fail(`create PVC ${name}: ${error.message}`);
    context.fail(error);
  });
}
