/**
 * Mirrors `ValidateCustomResourceDefinitionOpenAPISchema`.
 * Whether rules compile, and what they cost, is looked at elsewhere, and so is whether defaults fit their schemas.
 */
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { normalisedFieldPath } from '../../machinery/cel/schema/rule-programs.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { additionalOf, itemsOf, sortedEntries } from './structural-rules.js';

const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const META_FIELDS: readonly string[] = ['metadata', 'kind', 'apiVersion'];
const REASONS: readonly string[] = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];
const UNSUPPORTED = ['patternProperties', 'definitions', 'dependencies', '$ref'] as const;

/** What the schemas around a schema say of it. */
interface Place {
  readonly isRoot: boolean;
  readonly isInsideMeta: boolean;
  /** Why there may be no default here. */
  readonly noDefaults?: string;
}

export const ROOT: Place = Object.freeze({ isRoot: true, isInsideMeta: false });

export function checkSchema(report: Report, path: string, schema: JSONSchemaProps, place: Place): void {
  checkKeywords(report, path, schema, place);
  const inner: Place = { ...place, isRoot: false };
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    report(forbidden(`${path}.uniqueItems`, detail));
  }
  checkAdditional(report, path, schema, inner);
  checkProperties(report, path, schema, place);
  if (schema.not !== undefined) checkSchema(report, `${path}.not`, schema.not, inner);
  for (const list of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, each] of (schema[list] ?? []).entries()) {
      checkSchema(report, `${path}.${list}[${index}]`, each, inner);
    }
  }
  const items = itemsOf(schema);
  if (items !== undefined) checkSchema(report, `${path}.items`, items, inner);
  else if (Array.isArray(schema.items)) {
    for (const [index, each] of (schema.items as readonly JSONSchemaProps[]).entries()) {
      checkSchema(report, `${path}.items[${index}]`, each, inner);
    }
  }
  checkExtensions(report, path, schema);
  checkRules(report, path, schema);
}

function checkKeywords(report: Report, path: string, schema: JSONSchemaProps, place: Place): void {
  const { type = '', id = '' } = schema;
  if (type !== '' && !TYPES.includes(type)) report(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && place.noDefaults !== undefined) {
    report(forbidden(`${path}.default`, `must not be set ${place.noDefaults}`));
  }
  if (id !== '') report(forbidden(`${path}.id`, 'id is not supported'));
  if (schema.additionalItems !== undefined) {
    report(forbidden(`${path}.additionalItems`, 'additionalItems is not supported'));
  }
  for (const field of UNSUPPORTED) {
    if (schema[field] !== undefined) report(forbidden(`${path}.${field}`, `${field} is not supported`));
  }
  if (type === 'null') {
    report(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    report(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (place.isInsideMeta && schema['x-kubernetes-embedded-resource'] === true) {
    report(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
}

function checkAdditional(report: Report, path: string, schema: JSONSchemaProps, inner: Place): void {
  if (schema.additionalProperties === undefined) return;
  const at = `${path}.additionalProperties`;
  if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== true) {
    report(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
  }
  const additional = additionalOf(schema);
  if (additional === undefined) return;
  const noDefaults = 'inside additionalProperties applying to object metadata';
  checkSchema(report, at, additional, inner.isInsideMeta ? { ...inner, noDefaults } : inner);
}

function checkProperties(report: Report, path: string, schema: JSONSchemaProps, place: Place): void {
  const isObject = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, each] of sortedEntries(schema.properties)) {
    const isMeta = isObject && META_FIELDS.includes(name);
    checkSchema(report, `${path}.properties[${name}]`, each, {
      ...place,
      isRoot: false,
      isInsideMeta: isMeta || place.isInsideMeta,
      ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}),
    });
  }
}

function checkExtensions(report: Report, path: string, schema: JSONSchemaProps): void {
  const { type = '' } = schema;
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const typeFault = (wanted: string, extension: string): void => {
    const detail = `must be ${wanted} if ${extension} is specified`;
    report(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  };
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    report(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  if (mapType !== undefined && type !== 'object') typeFault('object', 'x-kubernetes-map-type');
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    report(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  if (listType !== undefined && type !== 'array') typeFault('array', 'x-kubernetes-list-type');
  else if (listType === 'set') checkSetItems(report, path, schema);
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    report(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  }
  checkMapList(report, path, schema);
  checkItemsOfKeyedList(report, path, schema);
}

function checkSetItems(report: Report, path: string, schema: JSONSchemaProps): void {
  const items = itemsOf(schema);
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic') {
    report(invalid(`${path}.items.x-kubernetes-list-type`, listType, detail));
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    report(invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, detail));
  }
}

function checkMapList(report: Report, path: string, schema: JSONSchemaProps): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    report(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType !== 'map') return;
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) report(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) {
    report(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    return;
  }
  const items = itemsOf(schema);
  if (items === undefined) {
    report(invalid(`${path}.items`, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'));
    return;
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    report(invalid(`${path}.items.type`, items.type ?? '', detail));
    return;
  }
  for (const [index, key] of keys.entries()) {
    const property = items.properties?.[key];
    if (property === undefined) report(invalid(keysPath, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      report(invalid(`${path}.items.properties[${key}].type`, items.type, detail));
    }
    if (keys.indexOf(key) < index) report(invalid(keysPath, keys, 'must not contain duplicate entries'));
  }
}

function checkItemsOfKeyedList(report: Report, path: string, schema: JSONSchemaProps): void {
  const listType = schema['x-kubernetes-list-type'];
  const items = itemsOf(schema);
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return;
  if (items.nullable === true) {
    report(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  for (const key of listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []) {
    const property = items.properties?.[key];
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    const is = 'this property is in x-kubernetes-list-map-keys, so it';
    if (items.required?.includes(key) !== true && property.default === undefined) {
      report(required(`${at}.default`, `${is} must have a default or be a required property`));
    }
    if (property.nullable === true) report(forbidden(`${at}.nullable`, `${is} cannot be nullable`));
  }
}

function checkRules(report: Report, path: string, schema: JSONSchemaProps): void {
  for (const [index, each] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const { rule, message = '', messageExpression = '', reason, fieldPath = '' } = each;
    if (rule.trim() === '') report(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== '' && message.trim() === '') {
      report(invalid(`${at}.message`, message, 'must be non-empty if specified'));
    } else if (hasLineBreak(message.trim())) {
      report(invalid(`${at}.message`, message, 'must not contain line breaks'));
    } else if (hasLineBreak(rule.trim()) && message.trim() === '') {
      report(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    }
    if (messageExpression !== '' && messageExpression.trim() === '') {
      report(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
    }
    if (reason !== undefined && !REASONS.includes(reason)) report(notSupported(`${at}.reason`, reason, REASONS));
    if (fieldPath !== '' && fieldPath.trim() === '') {
      report(invalid(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'));
    }
    if (hasLineBreak(fieldPath)) report(invalid(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'));
    if (fieldPath !== '' && normalisedFieldPath(fieldPath, schema) === undefined) {
      report(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
    }
  }
}

const hasLineBreak = (text: string): boolean => /[\n\r]/.test(text);
