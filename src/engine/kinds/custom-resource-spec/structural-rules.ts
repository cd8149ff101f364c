/**
 * Mirrors apiextensions' `ValidateStructural`: outside of value validations a schema says of every field what it is, so that
 * objects can be pruned and defaulted. Errors come sorted by their text.
 */
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fieldErrorMessage, forbidden, invalid, required, type FieldError } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { regularExpressionFault } from './regular-expression.js';

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }];
const UNTYPED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
/** What only the structural part of a schema may have: how it is called when a value validation has it. */
const STRUCTURAL_FIELDS = [
  ['type', 'must be empty'],
  ['additionalProperties', 'must be undefined'],
  ['default', 'must be undefined'],
  ['title', 'must be empty'],
  ['description', 'must be empty'],
  ['nullable', 'must be false'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false'],
  ['x-kubernetes-embedded-resource', 'must be false'],
  ['x-kubernetes-int-or-string', 'must be false'],
  ['x-kubernetes-list-map-keys', 'must be empty'],
  ['x-kubernetes-list-type', 'must be undefined'],
  ['x-kubernetes-map-type', 'must be undefined'],
  ['x-kubernetes-validations', 'must be empty'],
] as const satisfies readonly (readonly [keyof JSONSchemaProps, string])[];
const UNSUPPORTED = [
  'id',
  '$schema',
  '$ref',
  'patternProperties',
  'dependencies',
  'additionalItems',
  'definitions',
] as const satisfies readonly (keyof JSONSchemaProps)[];

/** Whether a schema has what has no structural form; other rules say so. */
export function hasStructure(schema: JSONSchemaProps): boolean {
  if (UNSUPPORTED.some((field) => schema[field] !== undefined && schema[field] !== '')) return false;
  if (Array.isArray(schema.items) || schema['x-kubernetes-preserve-unknown-fields'] === false) return false;
  return childrenOf(schema).every(hasStructure);
}

function childrenOf(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const { properties = {}, allOf = [], anyOf = [], oneOf = [], not } = schema;
  const single = [itemsOf(schema), additionalOf(schema), not].filter((each) => each !== undefined);
  return [...Object.values(properties), ...allOf, ...anyOf, ...oneOf, ...single];
}

/** The schema of all items. */
export const itemsOf = ({ items }: JSONSchemaProps): JSONSchemaProps | undefined =>
  items === undefined || Array.isArray(items) ? undefined : (items as JSONSchemaProps);

/** The schema of all other properties. */
export const additionalOf = ({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

export const sortedEntries = <Value>(
  map: Readonly<Record<string, Value>> | undefined,
): readonly (readonly [string, Value])[] => Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

export function structuralErrors(path: string, schema: JSONSchemaProps): readonly FieldError[] {
  const errors: FieldError[] = [];
  const report = (error: FieldError): void => void errors.push(error);
  checkInvariants(report, path, schema, 'root');
  checkComplete(report, schema, schema, { structure: path, validation: path });
  const keyed = errors.map((error) => ({ error, text: fieldErrorMessage(error) }));
  return keyed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ error }) => error);
}

function checkInvariants(report: Report, path: string, schema: JSONSchemaProps, level: Level): void {
  const items = itemsOf(schema);
  if (schema.type === 'array' && items === undefined) report(required(`${path}.items`, 'must be specified'));
  if (items !== undefined) checkInvariants(report, `${path}.items`, items, 'item');
  for (const [name, each] of sortedEntries(schema.properties)) {
    checkInvariants(report, `${path}.properties[${name}]`, each, 'field');
  }
  if (schema.additionalProperties !== undefined) {
    if (level === 'root') report(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
    const additional = additionalOf(schema);
    if (additional !== undefined) checkInvariants(report, `${path}.additionalProperties`, additional, 'field');
  }
  checkExtensions(report, path, schema);
  const isAnyOf = deepEqual(schema.anyOf, INT_OR_STRING);
  checkValidations(report, path, schema, {
    anyOf: isAnyOf,
    firstAllOf: deepEqual(schema.allOf?.[0]?.anyOf, INT_OR_STRING),
  });
  checkType(report, path, schema, level);
  checkObjectFields(report, path, schema, level);
}

function checkExtensions(report: Report, path: string, schema: JSONSchemaProps): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const field of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[field] !== true) continue;
    report(invalid(`${path}.${field}`, true, 'must be false if x-kubernetes-int-or-string is true'));
  }
}

function checkType(report: Report, path: string, schema: JSONSchemaProps, level: Level): void {
  const { type = '' } = schema;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    report(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === '' && !isFree) {
    report(required(`${path}.type`, UNTYPED[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    report(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    report(invalid(`${path}.type`, type, 'must be object at the root'));
  }
}

/** What every object has, is what it is everywhere. */
function checkObjectFields(report: Report, path: string, schema: JSONSchemaProps, level: Level): void {
  const { properties = {} } = schema;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isObject = level === 'root' || isEmbedded;
  for (const name of ['kind', 'apiVersion']) {
    const type = properties[name]?.type ?? '';
    if (!isObject || properties[name] === undefined || type === 'string') continue;
    report(invalid(`${path}.properties[${name}].type`, type, 'must be string'));
  }
  const { metadata } = properties;
  const metadataPath = `${path}.properties[metadata]`;
  if (metadata !== undefined) {
    if (isObject && metadata.type !== 'object') {
      report(invalid(`${metadataPath}.type`, metadata.type ?? '', 'must be object'));
    }
    if (level === 'root' && !isPlainMetadata(metadata)) {
      const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
      report(forbidden(metadataPath, detail));
    }
  }
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && !isOpen && Object.keys(properties).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    report(required(`${path}.properties`, detail));
  }
}

function isPlainMetadata({ type: _type, default: _default, properties = {}, ...rest }: JSONSchemaProps): boolean {
  if (Object.keys(rest).length > 0) return false;
  return Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
}

interface Skipped {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}
const NOTHING: Skipped = Object.freeze({ anyOf: false, firstAllOf: false });

function checkValidations(report: Report, path: string, schema: JSONSchemaProps, skipped: Skipped): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern = '' } = schema;
  for (const [index, each] of (skipped.anyOf ? [] : anyOf).entries()) {
    checkNested(report, `${path}.anyOf[${index}]`, each, NOTHING);
  }
  for (const [index, each] of allOf.entries()) {
    checkNested(report, `${path}.allOf[${index}]`, each, {
      anyOf: skipped.firstAllOf && index === 0,
      firstAllOf: false,
    });
  }
  for (const [index, each] of oneOf.entries()) checkNested(report, `${path}.oneOf[${index}]`, each, NOTHING);
  if (not !== undefined) checkNested(report, `${path}.not`, not, NOTHING);
  const fault = pattern === '' ? undefined : regularExpressionFault(pattern);
  if (fault === undefined) return;
  report(invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${fault}`));
}

/** Inside of `not`, `allOf` and their like a schema may only restrict. */
function checkNested(report: Report, path: string, schema: JSONSchemaProps, skipped: Skipped): void {
  checkValidations(report, path, schema, skipped);
  const items = itemsOf(schema);
  if (items !== undefined) checkNested(report, `${path}.items`, items, NOTHING);
  for (const [name, each] of sortedEntries(schema.properties)) {
    checkNested(report, `${path}.properties[${name}]`, each, NOTHING);
  }
  for (const [field, rule] of STRUCTURAL_FIELDS) {
    if (isSet(schema[field])) report(forbidden(`${path}.${field}`, `${rule} to be structural`));
  }
  if (schema.properties?.['metadata'] !== undefined) {
    report(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

interface Paths {
  readonly structure: string;
  readonly validation: string;
}

/** What is restricted is there. */
function checkComplete(report: Report, schema: JSONSchemaProps, structure: JSONSchemaProps, paths: Paths): void {
  const { not, allOf = [], anyOf = [], oneOf = [] } = schema;
  const nested = (each: JSONSchemaProps, step: string): void =>
    checkNestedComplete(report, each, structure, { ...paths, validation: `${paths.validation}.${step}` });
  if (not !== undefined) nested(not, 'not');
  for (const [index, each] of allOf.entries()) nested(each, `allOf[${index}]`);
  for (const [index, each] of anyOf.entries()) nested(each, `anyOf[${index}]`);
  for (const [index, each] of oneOf.entries()) nested(each, `oneOf[${index}]`);
}

function checkNestedComplete(
  report: Report,
  schema: JSONSchemaProps,
  structure: JSONSchemaProps | undefined,
  paths: Paths,
): void {
  if (structure === undefined) {
    report(required(paths.structure, `because it is defined in ${paths.validation}`));
    return;
  }
  checkComplete(report, schema, structure, paths);
  const into = (step: string): Paths => ({
    structure: `${paths.structure}.${step}`,
    validation: `${paths.validation}.${step}`,
  });
  const items = itemsOf(schema);
  if (items !== undefined) checkNestedComplete(report, items, itemsOf(structure), into('items'));
  for (const [name, each] of sortedEntries(schema.properties)) {
    checkNestedComplete(report, each, structure.properties?.[name], into(`properties[${name}]`));
  }
}
