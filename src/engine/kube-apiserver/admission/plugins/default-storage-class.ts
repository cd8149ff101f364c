import { persistentVolumeClaim } from '../../../kinds/persistent-volume-claim.js';
import { storageClass } from '../../../kinds/storage-class.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';
import { newestDefault } from '../newest-default.js';

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Gives a claim that names no class the default one: the newest, should there be several. */
export const defaultStorageClass = defineAdmissionPlugin({
  name: 'DefaultStorageClass',
  operations: ['CREATE'],
  resources: ['persistentvolumeclaims'],

  admit(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const { metadata, spec } = objectOf(persistentVolumeClaim, attributes);
    if (spec === undefined || spec.storageClassName !== undefined) return undefined;
    if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return undefined;
    const newest = newestDefault(reader.list(storageClass), DEFAULT_ANNOTATIONS);
    if (newest !== undefined) spec.storageClassName = newest.metadata.name;
    return undefined;
  },
});
