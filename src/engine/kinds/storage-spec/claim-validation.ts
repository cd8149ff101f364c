/** Mirrors `ValidatePersistentVolumeClaimUpdate`: a claim stays as it is, but for its size and its class of attributes. */
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { compareQuantity } from '../../machinery/quantity.js';
import { checkClaimSpec } from '../pod-spec/claim-template-rules.js';
import { internalDiff } from '../pod-spec/internal-diff.js';
import { quantityFrom } from '../pod-spec/resource-lists.js';
import { IMMUTABLE, checkImmutable } from '../shared/immutable.js';
import { STORAGE_CLASS_ANNOTATION } from '../shared/volumes.js';

const SPEC_TYPE = 'PersistentVolumeClaimSpec';
const FROZEN =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, report: Report): void {
  checkClaimSpec(report, 'spec', claim.spec);
  const annotation = claim.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? '';
  const oldAnnotation = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? '';
  if (annotation !== oldAnnotation && !movesAnnotation(claim, old)) {
    report(invalid(`metadata.annotations.${STORAGE_CLASS_ANNOTATION}`, annotation, IMMUTABLE));
  }
  const [before, now] = comparable(claim, old);
  if (!deepEqual(before, now)) report(forbidden('spec', `${FROZEN}\n${internalDiff(SPEC_TYPE, before, now)}`));
  validateSize(claim, old, report);
  checkImmutable(report, 'volumeMode', [claim.spec.volumeMode, old.spec.volumeMode]);
  validateAttributesClass(claim, old, report);
}

/** Both specs, alike in everything that may change. */
function comparable(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): readonly [PersistentVolumeClaimSpec, PersistentVolumeClaimSpec] {
  let before = old.spec;
  let now = claim.spec;
  if ((before.volumeName ?? '') === '') before = replaced(before, 'volumeName', now.volumeName);
  const oldAnnotation = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const className = now.storageClassName;
  if (before.storageClassName === undefined && className !== undefined) {
    if (oldAnnotation === undefined || className === oldAnnotation) now = replaced(now, 'storageClassName', undefined);
  }
  if (claim.status?.phase === 'Bound') {
    const size = before.resources?.requests?.['storage'];
    if (now.resources?.requests !== undefined && size !== undefined) {
      now = { ...now, resources: { ...now.resources, requests: { ...now.resources.requests, storage: size } } };
    }
    now = replaced(now, 'volumeAttributesClassName', before.volumeAttributesClassName);
  }
  return [before, now];
}

/** Whether the class moves from the old annotation into its field. */
function movesAnnotation(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const now = claim.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  if (before === undefined || old.spec.storageClassName !== undefined) return false;
  return claim.spec.storageClassName === before && (now === undefined || now === before);
}

function validateSize(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, report: Report): void {
  const sizeOf = (list: Readonly<Record<string, string>> | undefined) => quantityFrom(list?.['storage'] ?? '0');
  const now = sizeOf(claim.spec.resources?.requests);
  if (compareQuantity(now, sizeOf(old.spec.resources?.requests)) >= 0) return;
  if (compareQuantity(now, sizeOf(old.status?.capacity)) <= 0) {
    report(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
}

function validateAttributesClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, report: Report): void {
  const now = claim.spec.volumeAttributesClassName;
  if (now === old.spec.volumeAttributesClassName || old.status?.currentVolumeAttributesClassName === undefined) return;
  const what = now === undefined ? 'nil' : now === '' ? 'empty string' : undefined;
  if (what === undefined) return;
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  report(forbidden('spec.volumeAttributesClassName', detail));
}

function replaced<Name extends keyof PersistentVolumeClaimSpec>(
  spec: PersistentVolumeClaimSpec,
  name: Name,
  value: PersistentVolumeClaimSpec[Name] | undefined,
): PersistentVolumeClaimSpec {
  const { [name]: _replaced, ...rest } = spec;
  return value === undefined ? rest : { ...rest, [name]: value };
}
