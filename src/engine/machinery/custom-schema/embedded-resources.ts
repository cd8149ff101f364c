/** Mirrors apiextensions' `schemaobjectmeta.Validate`: resources inside of others have a type and sound metadata. */
import { DecodeError } from '../schema/decode-error.js';
import { decode } from '../schema/decode.js';
import type { ObjectMeta } from '../api/meta-v1.js';
import { invalid, required } from '../field-error.js';
import type { Report } from '../kind.js';
import { dns1035LabelFaults, dns1123LabelFaults, pathSegmentFaults } from '../names.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../structure.js';
import { metadataSchema } from './object-reading.js';
import { schemaOfField, type StructuralSchema } from './structural-schema.js';

/** Labels, owners and the rest of an object's metadata, their paths beginning with `metadata`. */
export type MetadataRules = (metadata: ObjectMeta, report: Report) => void;

export function checkEmbedded(
  { report, rules }: { readonly report: Report; readonly rules: MetadataRules },
  path: string,
  value: JsonValue,
  schema: StructuralSchema,
): void {
  new EmbeddedCheck(report, rules).value(path, value, schema);
}

class EmbeddedCheck {
  readonly #report: Report;
  readonly #rules: MetadataRules;

  constructor(report: Report, rules: MetadataRules) {
    this.#report = report;
    this.#rules = rules;
  }

  value(path: string, value: JsonValue, schema: StructuralSchema): void {
    if (!schema.hasEmbedded && !schema.isEmbedded) return;
    if (isJsonArray(value)) {
      const { items } = schema;
      if (items !== undefined) value.forEach((each, index) => this.value(`${path}[${index}]`, each, items));
      return;
    }
    if (!isJsonObject(value)) return;
    if (schema.isEmbedded) this.#resource(path, value);
    for (const name of Object.keys(value).sort()) {
      const field = schemaOfField(schema, name);
      const inner = !schema.properties.has(name) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      if (field !== undefined) this.value(inner, value[name] ?? null, field);
    }
  }

  #resource(path: string, { apiVersion, kind, metadata }: JsonObject): void {
    const report = this.#report;
    if (apiVersion === undefined) report(required(`${path}.apiVersion`));
    if (kind === undefined) report(required(`${path}.kind`));
    if (apiVersion !== undefined) checkVersion(report, `${path}.apiVersion`, apiVersion);
    if (kind !== undefined) checkKindName(report, `${path}.kind`, kind);
    if (metadata !== undefined) this.#metadata(`${path}.metadata`, metadata);
  }

  #metadata(path: string, value: JsonValue): void {
    const report = this.#report;
    const metadata = read(report, path, value);
    if (metadata === undefined) return;
    const { name = '', namespace = '', generateName = '' } = metadata;
    for (const fault of pathSegmentFaults(generateName, true)) {
      report(invalid(`${path}.generateName`, generateName, fault));
    }
    for (const fault of pathSegmentFaults(name)) report(invalid(`${path}.name`, name, fault));
    if (namespace !== '') {
      for (const fault of dns1123LabelFaults(namespace)) report(invalid(`${path}.namespace`, namespace, fault));
    }
    this.#rules(metadata, (error) => report({ ...error, field: error.field.replace(/^metadata/, path) }));
  }
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

function read(report: Report, path: string, value: JsonValue): ObjectMeta | undefined {
  try {
    return decode(metadataSchema(), value, { strict: false }).object as unknown as ObjectMeta;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    report(invalid(path, value, error.message));
    return undefined;
  }
}
