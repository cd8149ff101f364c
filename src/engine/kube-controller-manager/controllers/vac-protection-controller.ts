// Mirrors upstream's VAC protection controller: a deleted class of volume attributes stays while a claim or volume names it.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { volumeAttributesClass } from '../../kinds/volume-attributes-class.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import type { VolumeAttributesClass } from '../../machinery/api/storage-v1.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, watching } from '../controller.js';
import { needsProtecting, protect } from '../volumes/protection.js';

const FINALIZER = 'kubernetes.io/vac-protection';

export const vacProtectionController = defineController<VolumeAttributesClass>({
  name: 'volumeattributesclass-protection-controller',
  primary: volumeAttributesClass,
  concerns: (object) => needsProtecting(object, FINALIZER),
  watches: [
    watching<PersistentVolumeClaim, undefined>({
      kind: persistentVolumeClaim,
      asksFormer: true,
      matters: (object, previous) => classesOfClaim(object).join() !== classesOfClaim(previous).join(),
      map: (object, _context, type) => (type === 'added' ? [] : classesOfClaim(object)),
    }),
    watching<PersistentVolume, undefined>({
      kind: persistentVolume,
      asksFormer: true,
      matters: (object, previous) => classesOfVolume(object).join() !== classesOfVolume(previous).join(),
      map: (object, _context, type) => (type === 'added' ? [] : classesOfVolume(object)),
    }),
  ],

  reconcile(context, object) {
    const { client } = context;
    protect(context, object, {
      kind: volumeAttributesClass,
      finalizer: FINALIZER,
      isUsed: ({ metadata: { name } }) =>
        client.indexed(persistentVolume, volumesByClass, name).length > 0 ||
        client.indexed(persistentVolumeClaim, claimsByClass, name).length > 0,
    });
    return undefined;
  },
});

function classesOfClaim({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = status ?? {};
  const names = [
    spec?.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((each) => each !== undefined && each !== ''))] as readonly string[];
}

const classesOfVolume = ({ spec }: PersistentVolume): readonly string[] =>
  spec?.volumeAttributesClassName === undefined || spec.volumeAttributesClassName === ''
    ? []
    : [spec.volumeAttributesClassName];

const claimsByClass = defineIndex<PersistentVolumeClaim>({ name: 'claimsByAttributesClass', keysOf: classesOfClaim });
const volumesByClass = defineIndex<PersistentVolume>({ name: 'volumesByAttributesClass', keysOf: classesOfVolume });
