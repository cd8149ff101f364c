import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../../machinery/api/meta-v1.js';
import { invalid, required, forbidden, tooLong } from '../../machinery/field-error.js';
import type { Kind, Report } from '../../machinery/kind.js';
import {
  dns1123LabelFaults,
  dns1123SubdomainFaults,
  labelValueFaults,
  pathSegmentFaults,
  qualifiedNameFaults,
  maskTrailingDash,
} from '../../machinery/names.js';
import { byteLength, goQuote } from '../../machinery/go-text.js';

const ANNOTATION_BYTES_MAX = 256 * 1024;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** Finalizers without a domain that upstream knows. */
const STANDARD_FINALIZERS: readonly string[] = ['kubernetes', ORPHAN, FOREGROUND];
const MANAGER_LENGTH_MAX = 128;
const MANAGER_SUBRESOURCE_LENGTH_MAX = 256;
const FIXED_FIELDS: readonly (keyof ObjectMeta)[] = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** Mirrors `ValidateObjectMeta`: what upstream checks of every object's metadata. */
export function validateMetadata(kind: Kind, metadata: ObjectMeta, report: Report): void {
  const { name, generateName = '', namespace = '' } = metadata;
  if (generateName !== '') {
    for (const fault of nameFaults(kind, generateName, true))
      report(invalid('metadata.generateName', generateName, fault));
  }
  if (name === undefined || name === '') {
    report(required('metadata.name', 'name or generateName is required'));
  } else {
    for (const fault of nameFaults(kind, name, false)) report(invalid('metadata.name', name, fault));
  }
  if (kind.scope === 'Cluster') {
    if (namespace !== '') report(forbidden('metadata.namespace', 'not allowed on this type'));
  } else if (namespace === '') {
    report(required('metadata.namespace'));
  } else {
    for (const fault of dns1123LabelFaults(namespace)) report(invalid('metadata.namespace', namespace, fault));
  }
  validateCommon(metadata, report);
  if (metadata.finalizers !== undefined) {
    validateFinalizers(metadata.finalizers, report);
    if (asksForDomains(kind)) validateCoreFinalizers(metadata.finalizers, report);
  }
}

/** Mirrors `ValidateObjectMetaUpdate`. */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta, report: Report): void {
  if (old.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((each) => old.finalizers?.includes(each) !== true);
    if (added.length > 0) {
      const names = [...new Set(added)].sort().map(goQuote).join(', ');
      const fault = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
      report(forbidden('metadata.finalizers', fault));
    }
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    report(invalid('metadata.generation', metadata.generation ?? 0, 'must not be decremented'));
  }
  for (const field of FIXED_FIELDS) reportChange(field, metadata, old, report);
  validateCommon(metadata, report);
}

function reportChange(field: keyof ObjectMeta, metadata: ObjectMeta, old: ObjectMeta, report: Report): void {
  const value = metadata[field];
  if (value !== old[field]) report(invalid(`metadata.${field}`, value ?? '', 'field is immutable'));
}

function nameFaults(kind: Kind, name: string, isPrefix: boolean): readonly string[] {
  const faults =
    kind.validateName?.(name, isPrefix) ?? dns1123SubdomainFaults(isPrefix ? maskTrailingDash(name) : name);
  return faults.length > 0 ? faults : pathSegmentFaults(name, isPrefix);
}

/** What new and changed objects are checked for alike. */
export function validateCommon(metadata: ObjectMeta, report: Report): void {
  const { generation = 0, labels, annotations, ownerReferences, managedFields } = metadata;
  if (generation < 0) report(invalid('metadata.generation', generation, 'must be greater than or equal to 0'));
  if (labels !== undefined) validateLabels(labels, 'metadata.labels', report);
  if (annotations !== undefined) validateAnnotations(annotations, report);
  if (ownerReferences !== undefined) validateOwners(ownerReferences, report);
  managedFields?.forEach((entry, index) => validateManager(entry, `metadata.managedFields[${index}]`, report));
}

export function validateLabels(labels: Readonly<Record<string, string>>, field: string, report: Report): void {
  for (const key in labels) {
    for (const fault of qualifiedNameFaults(key)) report(invalid(field, key, fault));
    const value = labels[key] ?? '';
    for (const fault of labelValueFaults(value)) report(invalid(field, value, fault));
  }
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>>,
  report: Report,
  field = 'metadata.annotations',
): void {
  let bytes = 0;
  for (const key in annotations) {
    for (const fault of qualifiedNameFaults(key.toLowerCase())) report(invalid(field, key, fault));
    bytes += byteLength(key) + byteLength(annotations[key] ?? '');
  }
  if (bytes > ANNOTATION_BYTES_MAX) report(tooLong(field, ANNOTATION_BYTES_MAX));
}

function validateOwners(owners: readonly OwnerReference[], report: Report): void {
  const field = 'metadata.ownerReferences';
  let controller = '';
  for (const owner of owners) {
    validateOwner(owner, field, report);
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === '') {
      controller = name;
      continue;
    }
    const fault = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
    report(invalid(field, owners, fault));
  }
}

function validateOwner(owner: OwnerReference, field: string, report: Report): void {
  const slashes = owner.apiVersion.split('/');
  const version = slashes.length > 2 ? '' : (slashes.at(-1) ?? '');
  if (version === '') report(invalid(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'));
  if (owner.kind === '') report(invalid(`${field}.kind`, owner.kind, 'must not be empty'));
  if (owner.name === '') report(invalid(`${field}.name`, owner.name, 'must not be empty'));
  if (owner.uid === '') report(invalid(`${field}.uid`, owner.uid, 'must not be empty'));
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    report(invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
}

function validateManager({ manager = '', subresource = '' }: ManagedFieldsEntry, field: string, report: Report): void {
  if (manager.length > MANAGER_LENGTH_MAX) report(tooLong(`${field}.manager`, MANAGER_LENGTH_MAX));
  if (subresource.length > MANAGER_SUBRESOURCE_LENGTH_MAX) {
    report(tooLong(`${field}.subresource`, MANAGER_SUBRESOURCE_LENGTH_MAX));
  }
}

/** Mirrors apimachinery's `ValidateFinalizers`. */
export function validateFinalizers(finalizers: readonly string[], report: Report): void {
  const field = 'metadata.finalizers';
  for (const finalizer of finalizers) {
    for (const fault of qualifiedNameFaults(finalizer)) report(invalid(field, finalizer, fault));
  }
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    report(invalid(field, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`));
  }
}

/** Custom resources, and the kinds that say so, do not know the rules of the core's. */
export const asksForDomains = ({ custom, metadataRules = 'core' }: Kind): boolean =>
  custom === undefined && metadataRules === 'core';

/** Built-in kinds' further rule: without a domain only upstream's own names. */
export function validateCoreFinalizers(finalizers: readonly string[] | undefined, report: Report): void {
  finalizers?.forEach((finalizer, index) => validateDomain(finalizer, `metadata.finalizers[${index}]`, report));
}

/** A finalizer outside of the metadata. */
export function validateFinalizerName(finalizer: string, field: string, report: Report): void {
  for (const fault of qualifiedNameFaults(finalizer)) report(invalid(field, finalizer, fault));
  validateDomain(finalizer, field, report);
}

function validateDomain(finalizer: string, field: string, report: Report): void {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return;
  report(invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
}
