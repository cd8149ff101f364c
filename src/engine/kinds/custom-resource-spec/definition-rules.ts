/**
 * Mirrors `ValidateCustomResourceDefinition` and its update. Upstream looks at an internal form in which what all versions
 * have in common stands once, at the top; the paths of errors show it.
 */
import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
} from '../../machinery/api/apiextensions-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1035LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkClientConfig } from '../admission-spec/client-config-rules.js';
import { reportFaults } from '../pod-spec/checks.js';
import { checkDefaults } from './default-rules.js';
import { internalForm } from '../pod-spec/internal-form.js';
import { checkImmutable } from '../shared/immutable.js';
import { ROOT, checkSchema } from './schema-rules.js';
import { checkRuleExpressions } from './rule-checks.js';
import { checkSelectableFields } from './selectable-field-rules.js';
import { hasStructure, structuralErrors } from './structural-rules.js';

const APPROVAL = 'api-approved.kubernetes.io';
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';
const SCOPES = ['Cluster', 'Namespaced'];
const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const COLUMN_TYPES: readonly string[] = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS: readonly string[] = [
  ...['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'],
];
const WARNING_LENGTH_MAX = 256;

export function checkDefinition(definition: CustomResourceDefinition, report: Report): void {
  const { metadata, spec } = definition;
  const { name = '' } = metadata;
  if (name !== '' && name !== `${spec.names.plural}.${spec.group}`) {
    report(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  checkRest(definition, undefined, report);
}

export function checkDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  report: Report,
): void {
  const [{ spec }, { spec: before }] = [definition, old];
  const tail = (): void => {
    const isEstablished = old.status?.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    );
    if (isEstablished === true) {
      checkImmutable(report, 'spec.scope', [spec.scope, before.scope]);
      checkImmutable(report, 'spec.names.kind', [spec.names.kind, before.names.kind]);
    }
    checkImmutable(report, 'spec.group', [spec.group, before.group]);
    checkImmutable(report, 'spec.names.plural', [spec.names.plural, before.names.plural]);
  };
  checkRest(definition, { old, tail }, report);
}

interface Update {
  readonly old: CustomResourceDefinition;
  /** What is checked right after the spec. */
  tail(): void;
}

function checkRest(definition: CustomResourceDefinition, update: Update | undefined, report: Report): void {
  checkSpec(report, definition.spec);
  update?.tail();
  const { acceptedNames, storedVersions } = definition.status ?? {};
  if (acceptedNames !== undefined) checkNames(report, 'status.acceptedNames', acceptedNames);
  checkStoredVersions(report, storedVersions ?? [], versionsOf(definition.spec));
  checkApproval(report, definition, update?.old);
  if (definition.spec.preserveUnknownFields === true && update?.old.spec.preserveUnknownFields !== true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    report(invalid('spec.preserveUnknownFields', true, detail));
  }
}

export function checkDefinitionStatus(definition: CustomResourceDefinition, report: Report): void {
  const names = definition.status?.acceptedNames;
  if (names !== undefined) checkNames(report, 'status.acceptedNames', names);
}

type Versions = readonly CustomResourceDefinitionVersion[];

/** A body without the list has null in its place. */
const versionsOf = ({ versions }: { readonly versions: Versions | null }): Versions => versions ?? [];

/** What all versions have alike; upstream moves it to the top. */
function common<Name extends 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'>(
  versions: Versions,
  name: Name,
): { readonly isCommon: boolean; readonly value: CustomResourceDefinitionVersion[Name] | undefined } {
  const value = versions[0]?.[name];
  const isCommon = versions.every((each) => deepEqual(each[name], value));
  return { isCommon, value: isCommon ? value : undefined };
}

function checkSpec(report: Report, spec: CustomResourceDefinitionSpec): void {
  const versions = versionsOf(spec);
  checkGroup(report, spec.group);
  if (spec.scope === '') report(required('spec.scope'));
  else if (!SCOPES.includes(spec.scope)) report(notSupported('spec.scope', spec.scope, SCOPES));
  for (const [index, { schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema === undefined) report(required(`spec.versions[${index}].schema.openAPIV3Schema`));
  }
  const [schema, subresources] = [common(versions, 'schema'), common(versions, 'subresources')];
  const columns = common(versions, 'additionalPrinterColumns');
  const selectable = common(versions, 'selectableFields');
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    const faults = dns1035LabelFaults(version.name);
    if (faults.length > 0) report(invalid(`${path}.name`, version.name, faults.join(',')));
    checkDeprecation(report, `${path}.deprecationWarning`, version);
    const hasStatus = version.subresources?.status !== undefined;
    if (!schema.isCommon) checkValidation(report, `${path}.schema`, version.schema, hasStatus);
    if (!subresources.isCommon) checkSubresources(report, `${path}.subresources`, version.subresources);
    if (!columns.isCommon) checkColumns(report, `${path}.additionalPrinterColumns`, version.additionalPrinterColumns);
    if (!selectable.isCommon) {
      const fields = `${path}.selectableFields`;
      checkSelectableFields(report, fields, version.selectableFields, version.schema?.openAPIV3Schema);
    }
  }
  checkVersionList(report, versions, spec.versions !== null);
  const first = versions[0]?.name ?? '';
  const versionFaults = first === '' ? [] : dns1035LabelFaults(first);
  if (versionFaults.length > 0) report(invalid('spec.version', first, versionFaults.join(',')));
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if ((spec.names[field] ?? '') === '') report(required(`spec.names.${field}`));
  }
  checkNames(report, 'spec.names', spec.names);
  const hasStatus = versions.some((each) => each.subresources?.status !== undefined);
  checkValidation(report, 'spec.validation', schema.value, hasStatus);
  checkSubresources(report, 'spec.subresources', subresources.value);
  checkColumns(report, 'spec.additionalPrinterColumns', columns.value);
  checkSelectableFields(report, 'spec.selectableFields', selectable.value, versions[0]?.schema?.openAPIV3Schema);
  checkConversion(report, 'spec.conversion', spec.conversion);
}

function checkGroup(report: Report, group: string): void {
  if (group === '') return report(required('spec.group'));
  const faults = dns1123SubdomainFaults(group);
  if (faults.length > 0) report(invalid('spec.group', group, faults.join(',')));
  else if (!group.includes('.')) report(invalid('spec.group', group, 'should be a domain with at least one dot'));
}

function checkVersionList(report: Report, versions: Versions, isGiven: boolean): void {
  const isUnique = new Set(versions.map(({ name }) => name)).size === versions.length;
  const storages = versions.filter(({ storage }) => storage).length;
  if (isUnique && storages === 1) return;
  const shown = isGiven ? internalVersions(versions) : null;
  if (!isUnique) report(invalid('spec.versions', shown, 'must contain unique version names'));
  if (storages === 1) return;
  report(invalid('spec.versions', shown, 'must have exactly one version marked as storage version'));
}

function internalVersions(versions: Versions): unknown {
  const moved = (['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const).filter(
    (name) => common(versions, name).isCommon,
  );
  return versions.map((version) => {
    const rest = Object.fromEntries(Object.entries(version).filter(([name]) => !moved.some((each) => each === name)));
    return internalForm('CustomResourceDefinitionVersion', rest);
  });
}

function checkDeprecation(report: Report, path: string, version: CustomResourceDefinitionVersion): void {
  const { deprecated, deprecationWarning: warning } = version;
  if (warning === undefined) return;
  if (deprecated !== true) return report(invalid(path, warning, 'can only be set for deprecated versions'));
  if (warning.length > WARNING_LENGTH_MAX) {
    report(invalid(path, warning, `must be <= ${WARNING_LENGTH_MAX} characters long`));
  }
  if (warning === '') report(invalid(path, warning, 'must not be an empty string'));
  const at = [...warning].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character));
  if (at < 0) return;
  const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${at}`;
  report(invalid(path, warning, detail));
}

function checkNames(report: Report, path: string, names: CustomResourceDefinitionNames): void {
  const { plural, singular = '', kind, listKind = '', shortNames, categories } = names;
  const checkLabel = (field: string, text: string): void => {
    const faults = dns1035LabelFaults(text);
    if (faults.length > 0) report(invalid(`${path}.${field}`, text, faults.join(',')));
  };
  const checkMixed = (field: string, text: string): void => {
    const faults = dns1035LabelFaults(text.toLowerCase());
    if (text === '' || faults.length === 0) return;
    report(invalid(`${path}.${field}`, text, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
  };
  if (plural !== '') checkLabel('plural', plural);
  if (singular !== '') checkLabel('singular', singular);
  checkMixed('kind', kind);
  checkMixed('listKind', listKind);
  for (const [index, each] of (shortNames ?? []).entries()) checkLabel(`shortNames[${index}]`, each);
  if (kind !== '' && kind === listKind) {
    report(invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  for (const [index, each] of (categories ?? []).entries()) checkLabel(`categories[${index}]`, each);
}

function checkValidation(
  report: Report,
  path: string,
  validation: CustomResourceValidation | undefined,
  hasStatus: boolean,
): void {
  const schema = validation?.openAPIV3Schema;
  if (schema === undefined) return;
  const at = `${path}.openAPIV3Schema`;
  if (hasStatus && (schema.type ?? '') !== '' && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    report(invalid(`${at}.type`, schema.type, detail));
  }
  if (schema.nullable === true) report(forbidden(`${at}.nullable`, 'nullable cannot be true at the root'));
  const structural: FieldError[] = [];
  if (hasStructure(schema)) {
    structural.push(...structuralErrors(at, schema));
    if (structural.length === 0) checkDefaults((error) => void structural.push(error), at, schema);
    structural.forEach(report);
  }
  const faults: FieldError[] = [];
  checkSchema((error) => void faults.push(error), at, schema, ROOT);
  faults.forEach(report);
  if (structural.length === 0 && hasStructure(schema)) checkRuleExpressions(report, at, schema, faults);
}

function checkSubresources(report: Report, path: string, subresources: CustomResourceSubresources | undefined): void {
  const scale = subresources?.scale;
  if (scale === undefined) return;
  checkScalePath(report, `${path}.scale.specReplicasPath`, scale.specReplicasPath, ['.spec.']);
  checkScalePath(report, `${path}.scale.statusReplicasPath`, scale.statusReplicasPath, ['.status.']);
  const { labelSelectorPath = '' } = scale;
  if (labelSelectorPath === '') return;
  checkScalePath(report, `${path}.scale.labelSelectorPath`, labelSelectorPath, ['.spec.', '.status.']);
}

function checkScalePath(report: Report, path: string, value: string, starts: readonly string[]): void {
  if (value === '') return report(required(path));
  if (!checkJsonPath(report, path, value) || starts.some((start) => value.startsWith(start))) return;
  const where = starts.map((start) => start.slice(0, -1)).join(' or ');
  report(invalid(path, value, `should be a json path under ${starts.length > 1 ? 'either ' : ''}${where}`));
}

function checkJsonPath(report: Report, path: string, value: string): boolean {
  if (value.startsWith('.')) return true;
  report(invalid(path, value, 'must be a simple json path starting with .'));
  return false;
}

function checkColumns(
  report: Report,
  path: string,
  columns: readonly CustomResourceColumnDefinition[] | undefined,
): void {
  for (const [index, { name, type, format = '', jsonPath }] of (columns ?? []).entries()) {
    const at = `${path}[${index}]`;
    if (name === '') report(required(`${at}.name`));
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (type === '') report(required(`${at}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) report(invalid(`${at}.type`, type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      report(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (jsonPath === '') report(required(`${at}.JSONPath`));
    else checkJsonPath(report, `${at}.JSONPath`, jsonPath);
  }
}

function checkConversion(report: Report, path: string, conversion: CustomResourceConversion | undefined): void {
  if (conversion === undefined) return;
  const { strategy, webhook } = conversion;
  if (strategy === '') report(required(`${path}.strategy`));
  else if (!STRATEGIES.includes(strategy)) report(notSupported(`${path}.strategy`, strategy, STRATEGIES));
  const versions = webhook?.conversionReviewVersions ?? [];
  if (strategy === 'Webhook') {
    const at = `${path}.webhookClientConfig`;
    if (webhook?.clientConfig === undefined) report(required(at, 'required when strategy is set to Webhook'));
    else checkClientConfig(report, at, webhook.clientConfig);
    checkReviewVersions(report, `${path}.conversionReviewVersions`, versions);
    return;
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig !== undefined) report(forbidden(`${path}.webhookClientConfig`, detail));
  if (versions.length > 0) report(forbidden(`${path}.conversionReviewVersions`, detail));
}

function checkReviewVersions(report: Report, path: string, versions: readonly string[]): void {
  if (versions.length === 0) return report(required(path));
  for (const [index, version] of versions.entries()) {
    const at = `${path}[${index}]`;
    if (versions.indexOf(version) < index) report(invalid(at, version, 'duplicate version'));
    else reportFaults(report, at, version, dns1035LabelFaults(version));
  }
  if (versions.some((each) => REVIEW_VERSIONS.includes(each))) return;
  report(invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}

function checkStoredVersions(report: Report, stored: readonly string[], versions: Versions): void {
  const path = 'status.storedVersions';
  if (stored.length === 0) return report(invalid(path, null, 'must have at least one stored version'));
  for (const [index, { name, storage }] of versions.entries()) {
    // Upstream crosses off what it has met: a name that is there twice is missing the second time.
    const isMet = versions.findIndex((each) => each.name === name) < index;
    if (storage && (isMet || !stored.includes(name))) {
      report(invalid(path, stored, `must have the storage version ${name}`));
    }
  }
  for (const [index, name] of stored.entries()) {
    if (versions.some((each) => each.name === name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    report(invalid(`${path}[${index}]`, name, detail));
  }
}

/** Groups of the community take definitions that somebody has approved, or that say that nobody has. */
function checkApproval(report: Report, definition: CustomResourceDefinition, old?: CustomResourceDefinition): void {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec.group)) return;
  const state = approvalOf(definition);
  if (old !== undefined && approvalOf(old) === state) return;
  const path = `metadata.annotations[${APPROVAL}]`;
  const rule = `protected groups must have approval annotation "${APPROVAL}"`;
  if (state === 'missing') report(required(path, `${rule}, ${SEE}`));
  else if (state === 'invalid') {
    const text = definition.metadata.annotations?.[APPROVAL];
    report(invalid(path, text, `${rule} with either a URL or a reason starting with "unapproved", ${SEE}`));
  }
}

function approvalOf({ metadata }: CustomResourceDefinition): 'missing' | 'bypassed' | 'approved' | 'invalid' {
  const text = metadata.annotations?.[APPROVAL] ?? '';
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(text) ? 'approved' : 'invalid';
}
