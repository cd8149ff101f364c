import type { JSONSchemaProps, SelectableField } from '../../machinery/api/apiextensions-v1.js';
import { duplicate, invalid, required, tooMany } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { additionalOf } from './structural-rules.js';

const FIELDS_MAX = 8;
const TYPES: readonly string[] = ['string', 'boolean', 'integer'];
const STEP = /^\.([^.[]*)/;

/** Mirrors `ValidateCustomResourceSelectableFields`: simple paths to scalar fields of the schema. */
export function checkSelectableFields(
  report: Report,
  path: string,
  fields: readonly SelectableField[] | undefined,
  schema: JSONSchemaProps | undefined,
): void {
  if (fields === undefined || fields.length === 0) return;
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (jsonPath === '') {
      report(required(at));
      continue;
    }
    const found = resolve(jsonPath, schema);
    if (typeof found === 'string') {
      report(invalid(at, jsonPath, `is an invalid path: ${found}`));
      continue;
    }
    if (jsonPath.startsWith('.metadata')) report(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!TYPES.includes(found.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      report(invalid(at, jsonPath, detail));
    }
    if (seen.has(jsonPath)) report(duplicate(at, jsonPath));
    seen.add(jsonPath);
  }
  if (seen.size > FIELDS_MAX) report(tooMany(path, seen.size, FIELDS_MAX));
}

/** The schema of the field, or what is wrong with its path. */
function resolve(jsonPath: string, schema: JSONSchemaProps | undefined): JSONSchemaProps | string {
  let rest = jsonPath;
  let current = schema;
  while (rest !== '') {
    if (rest.startsWith('[')) return 'array notation is not allowed';
    const [step, name] = STEP.exec(rest) ?? [];
    if (step === undefined) return `expected [ or . but got: ${/^\w+|^./.exec(rest)?.[0] ?? rest}`;
    if (name === '' || name === undefined) return 'unexpected end of JSON path';
    rest = rest.slice(step.length);
    if (rest.startsWith('[')) return 'array notation is not allowed';
    const properties: Readonly<Record<string, JSONSchemaProps>> = current?.properties ?? {};
    const next = Object.hasOwn(properties, name) ? properties[name] : current && additionalOf(current);
    if (next === undefined) return 'does not refer to a valid field';
    current = next;
  }
  return current ?? 'does not refer to a valid field';
}
