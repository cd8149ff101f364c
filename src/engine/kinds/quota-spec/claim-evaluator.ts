import type { PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import {
  compareQuantity,
  parseQuantity,
  quantityOf,
  roundUpQuantity,
  type Quantity,
} from '../../machinery/quantity.js';
import type { QuotaEvaluator } from './quota-evaluator.js';
import { matchesScopeValues } from './scope-values.js';

const COUNT = 'count/persistentvolumeclaims';
const CLAIMS = 'persistentvolumeclaims';
const STORAGE = 'requests.storage';
const OF_CLASS = '.storageclass.storage.k8s.io/';
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export const claimEvaluator: QuotaEvaluator = Object.freeze({
  handles({ subresource, object, old }) {
    if (subresource === undefined) return true;
    return (
      subresource === 'status' &&
      old !== undefined &&
      isReshaped(object as PersistentVolumeClaim, old as PersistentVolumeClaim)
    );
  },

  matching: (names) =>
    names.filter(
      (name) =>
        name === COUNT ||
        name === CLAIMS ||
        name === STORAGE ||
        name.endsWith(`${OF_CLASS}${CLAIMS}`) ||
        name.endsWith(`${OF_CLASS}${STORAGE}`),
    ),

  isInScope: (selector, object) =>
    selector.scopeName === 'VolumeAttributesClass' &&
    matchesScopeValues(selector, attributesClasses(object as PersistentVolumeClaim)),

  usage(object) {
    const claim = object as PersistentVolumeClaim;
    const className = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec.storageClassName ?? '';
    const used: Record<string, Quantity> = { [CLAIMS]: quantityOf(1), [COUNT]: quantityOf(1) };
    if (className !== '') used[`${className}${OF_CLASS}${CLAIMS}`] = quantityOf(1);
    const storage = storageOf(claim);
    if (storage === undefined) return used;
    used[STORAGE] = storage;
    if (className !== '') used[`${className}${OF_CLASS}${STORAGE}`] = storage;
    return used;
  },

  frees: (object, former) =>
    !deepEqual((object as PersistentVolumeClaim).spec, (former as PersistentVolumeClaim).spec) ||
    isReshaped(object as PersistentVolumeClaim, former as PersistentVolumeClaim),
} satisfies QuotaEvaluator);

/** What is asked for, or what was allocated of it already, where that is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = parseQuantity(spec.resources?.requests?.['storage'] ?? '');
  if (asked === undefined) return undefined;
  const allocated = parseQuantity(status?.allocatedResources?.['storage'] ?? '');
  const most = allocated !== undefined && compareQuantity(allocated, asked) > 0 ? allocated : asked;
  return roundUpQuantity(most, 0);
}

function attributesClasses({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as readonly string[];
}

const isReshaped = (claim: PersistentVolumeClaim, former: PersistentVolumeClaim): boolean =>
  claim.status?.allocatedResources?.['storage'] !== former.status?.allocatedResources?.['storage'] ||
  !deepEqual(attributesClasses(claim), attributesClasses(former));
