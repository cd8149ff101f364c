/** Mirrors apiextensions' `schemaobjectmeta.Validate`: resources inside of others have a type and sound metadata. */
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { decode } from '../../machinery/schema/decode.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1035LabelFaults, dns1123LabelFaults, pathSegmentFaults } from '../../machinery/names.js';
import { goQuote } from '../../machinery/go-text.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../machinery/structure.js';
import { validateCommon } from '../strategy/object-metadata.js';
import { metadataSchema } from './object-reading.js';
import { schemaOfField, type StructuralSchema } from './structural-schema.js';

export function checkEmbedded(report: Report, path: string, value: JsonValue, schema: StructuralSchema): void {
  if (!schema.hasEmbedded && !schema.isEmbedded) return;
  if (isJsonArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((each, index) => checkEmbedded(report, `${path}[${index}]`, each, items));
    return;
  }
  if (!isJsonObject(value)) return;
  if (schema.isEmbedded) checkResource(report, path, value);
  for (const name of Object.keys(value).sort()) {
    const field = schemaOfField(schema, name);
    const inner = !schema.properties.has(name) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    if (field !== undefined) checkEmbedded(report, inner, value[name] ?? null, field);
  }
}

function checkResource(report: Report, path: string, resource: JsonObject): void {
  const { apiVersion, kind, metadata } = resource;
  if (apiVersion === undefined) report(required(`${path}.apiVersion`));
  if (kind === undefined) report(required(`${path}.kind`));
  if (apiVersion !== undefined) checkVersion(report, `${path}.apiVersion`, apiVersion);
  if (kind !== undefined) checkKindName(report, `${path}.kind`, kind);
  if (metadata !== undefined) checkMetadata(report, `${path}.metadata`, metadata);
}

function checkVersion(report: Report, path: string, value: JsonValue): void {
  if (typeof value !== 'string') report(invalid(path, value, 'must be a string'));
  else if (value === '') report(invalid(path, value, 'must not be empty'));
  else if (value.split('/').length > 2) {
    report(invalid(path, value, `unexpected GroupVersion string: ${value}`));
  }
}

function checkKindName(report: Report, path: string, value: JsonValue): void {
  if (typeof value !== 'string') return report(invalid(path, value, 'must be a string'));
  if (value === '') return report(invalid(path, value, 'must not be empty'));
  const faults = dns1035LabelFaults(value.toLowerCase());
  if (faults.length === 0) return;
  report(invalid(path, value, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
}

function checkMetadata(report: Report, path: string, value: JsonValue): void {
  const metadata = read(report, path, value);
  if (metadata === undefined) return;
  const { name = '', namespace = '', generateName = '' } = metadata;
  for (const fault of pathSegmentFaults(generateName, true))
    report(invalid(`${path}.generateName`, generateName, fault));
  for (const fault of pathSegmentFaults(name)) report(invalid(`${path}.name`, name, fault));
  if (namespace !== '') {
    for (const fault of dns1123LabelFaults(namespace)) report(invalid(`${path}.namespace`, namespace, fault));
  }
  validateCommon(metadata, (error) => report({ ...error, field: error.field.replace(/^metadata/, path) }));
}

function read(report: Report, path: string, value: JsonValue): ObjectMeta | undefined {
  try {
    return decode(metadataSchema(), value, { strict: false }).object as unknown as ObjectMeta;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    report(invalid(path, value, error.message));
    return undefined;
  }
}

const STANDARD_FINALIZERS: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** What upstream says of a finalizer that a custom resource gets. */
export function finalizerWarning(finalizer: string): string | undefined {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return undefined;
  const path = finalizer.includes('.') ? ' including a path (/)' : '';
  const rule = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
  return `metadata.finalizers: ${goQuote(finalizer)}: ${rule}`;
}
