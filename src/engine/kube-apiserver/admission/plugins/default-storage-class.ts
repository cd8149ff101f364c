import { persistentVolumeClaim } from '../../../kinds/persistent-volume-claim.js';
import { storageClass } from '../../../kinds/storage-class.js';
import { parseTimestamp } from '../../../kernel/clock.js';
import type { StorageClass } from '../../../machinery/api/storage-v1.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';

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
    const [newest] = reader.list(storageClass).filter(isDefault).toSorted(newestFirst);
    if (newest !== undefined) spec.storageClassName = newest.metadata.name;
    return undefined;
  },
});

const isDefault = ({ metadata }: StorageClass): boolean =>
  DEFAULT_ANNOTATIONS.some((annotation) => metadata.annotations?.[annotation] === 'true');

const createdAt = ({ metadata }: StorageClass): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;

const newestFirst = (a: StorageClass, b: StorageClass): number =>
  createdAt(b) - createdAt(a) || (a.metadata.name < b.metadata.name ? -1 : 1);
