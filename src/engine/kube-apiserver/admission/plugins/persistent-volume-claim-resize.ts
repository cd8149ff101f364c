import { persistentVolumeClaim } from '../../../kinds/persistent-volume-claim.js';
import { storageClass } from '../../../kinds/storage-class.js';
import type { PersistentVolumeClaim } from '../../../machinery/api/core-v1.js';
import { compareQuantities } from '../../../machinery/quantity.js';
import { admissionForbidden } from '../admission-forbidden.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const REFUSAL =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

/** Lets claims grow only where their class says that its volumes can. */
export const persistentVolumeClaimResize = defineAdmissionPlugin({
  name: 'PersistentVolumeClaimResize',
  operations: ['UPDATE'],
  resources: ['persistentvolumeclaims'],

  validate(attributes, { reader }) {
    if (attributes.subresource !== undefined || attributes.old === undefined) return undefined;
    const claim = objectOf(persistentVolumeClaim, attributes) as PersistentVolumeClaim;
    const former = attributes.old as PersistentVolumeClaim;
    if (compareQuantities(requestOf(claim), requestOf(former)) <= 0) return undefined;
    if (former.status?.phase !== 'Bound')
      throw admissionForbidden(attributes, 'Only bound persistent volume claims can be expanded');
    const className = classOf(claim);
    const isSame = className !== '' && className === classOf(former);
    const found = isSame ? reader.get(storageClass, className) : undefined;
    if (found?.allowVolumeExpansion !== true) throw admissionForbidden(attributes, REFUSAL);
    return undefined;
  },
});

const requestOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';

const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
