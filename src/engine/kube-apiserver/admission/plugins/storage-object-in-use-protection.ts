import { defineAdmissionPlugin } from '../admission.js';

const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['volumeattributesclasses', 'kubernetes.io/vac-protection'],
]);

/** Marks new volumes and claims so that they outlive their users; the protection controllers take the mark away. */
export const storageObjectInUseProtection = defineAdmissionPlugin({
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  resources: ['persistentvolumes', 'persistentvolumeclaims', 'storage.k8s.io/volumeattributesclasses'],

  admit({ kind, subresource, object }) {
    const finalizer = FINALIZERS.get(kind.plural);
    if (subresource !== undefined || object === undefined || finalizer === undefined) return undefined;
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
    return undefined;
  },
});
