import type { Kind } from '../../machinery/kind.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import type { FieldSetPool } from '../../machinery/managed-fields/field-set-pool.js';
import { apiVersionOf } from '../../machinery/object.js';
import type { JsonObject } from '../../machinery/structure.js';

/** Of the fields that a write names, those that it may come to own. */
export type OwnedFilter = (set: FieldSet) => FieldSet;

const STATUS: JsonObject = { 'f:status': {} };
const SPEC: JsonObject = { 'f:spec': {} };
const SPEC_AND_METADATA: JsonObject = { 'f:spec': {}, 'f:metadata': {} };

/** What upstream's strategies reset (`GetResetFields`), by resource and subresource, where it is not the rule. */
const EXCEPTIONS: Readonly<Record<string, JsonObject>> = {
  'certificatesigningrequests.certificates.k8s.io': { 'f:spec': {}, 'f:status': {} },
  'certificatesigningrequests.certificates.k8s.io/status': { 'f:spec': {}, 'f:status': { 'f:conditions': {} } },
  'certificatesigningrequests.certificates.k8s.io/approval': { 'f:spec': {}, 'f:status': { 'f:certificate': {} } },
  'customresourcedefinitions.apiextensions.k8s.io/status': SPEC_AND_METADATA,
  'deployments.apps/status': { 'f:spec': {}, 'f:metadata': { 'f:labels': {} } },
  'flowschemas.flowcontrol.apiserver.k8s.io/status': SPEC_AND_METADATA,
  'namespaces/finalize': STATUS,
  'pods/status': { 'f:spec': {}, 'f:metadata': { 'f:deletionTimestamp': {}, 'f:ownerReferences': {} } },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status': SPEC_AND_METADATA,
  'resourceclaims.resource.k8s.io/status': SPEC_AND_METADATA,
  // Upstream names the group wrongly, so that nothing is reset.
  'servicecidrs.networking.k8s.io': {},
  'servicecidrs.networking.k8s.io/status': {},
  'validatingadmissionpolicies.admissionregistration.k8s.io/status': SPEC_AND_METADATA,
  'volumeattachments.storage.k8s.io/status': SPEC_AND_METADATA,
};

export function ownedFilter(pool: FieldSetPool, kind: Kind, subresource: string): OwnedFilter {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  const reset = pool.read(
    (Object.hasOwn(EXCEPTIONS, name) ? EXCEPTIONS[name] : undefined) ?? ruleFor(kind, subresource),
  );
  return (set) => pool.recursiveDifference(set, reset);
}

/** Writes of an object do not touch its status, and those of the status nothing but that. */
function ruleFor(kind: Kind, subresource: string): JsonObject {
  if (subresource === 'status') return SPEC;
  const hasStatus = kind.subresources?.some(({ name }) => name === 'status') === true;
  return subresource === '' && hasStatus ? STATUS : {};
}

/** Whether an `apiVersion` is of a kind's own group: others count as unknown, even where they show the same object. */
export const isVersionOf = ({ group }: Kind, apiVersion: string): boolean =>
  apiVersionOf({ group, version: apiVersion.slice(apiVersion.indexOf('/') + 1) }) === apiVersion;
