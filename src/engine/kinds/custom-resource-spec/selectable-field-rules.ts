import type { JSONSchemaProps, SelectableField } from '../../machinery/api/apiextensions-v1.js';
import { duplicate, invalid, required, tooMany } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { ownValue } from '../../machinery/structure.js';
import { additionalOf } from './structural-rules.js';

const FIELDS_MAX = 8;
const TYPES: readonly string[] = ['string', 'boolean', 'integer'];

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

/** The schema of the field, or what is wrong with its path. Mirrors `ValidFieldPath` without its array notation. */
function resolve(jsonPath: string, schema: JSONSchemaProps | undefined): JSONSchemaProps | string {
  const tokens = tokensOf(jsonPath);
  let current = schema;
  for (let at = 0; at < tokens.length; at += 2) {
    const [delimiter, name] = [tokens[at], tokens[at + 1]];
    if (delimiter === '[') return 'array notation is not allowed';
    if (delimiter !== '.') return `expected [ or . but got: ${delimiter}`;
    if (name === undefined) return 'unexpected end of JSON path';
    const properties: Readonly<Record<string, JSONSchemaProps>> = current?.properties ?? {};
    const hasProperties = Object.keys(properties).length > 0;
    const next = hasProperties ? ownValue(properties, name) : current && additionalOf(current);
    if (next === undefined) return 'does not refer to a valid field';
    current = next;
  }
  return current ?? 'does not refer to a valid field';
}

const DELIMITERS: readonly string[] = ['.', '[', ']'];
/** Delimiters, what stands between them, and what is quoted where a token begins. */
function tokensOf(jsonPath: string): readonly string[] {
  const tokens: string[] = [];
  let rest = jsonPath;
  while (rest !== '') {
    const token = firstToken(rest);
    tokens.push(token);
    rest = rest.slice(token.length);
  }
  return tokens;
}

function firstToken(text: string): string {
  if (DELIMITERS.includes(text[0]!)) return text[0]!;
  if (text.startsWith("'")) {
    for (let at = 1; at < text.length; at++)
      if (text[at] === "'" && text[at - 1] !== '\\') return text.slice(0, at + 1);
    return text;
  }
  const end = text.search(/[.[\]]/);
  return end < 0 ? text : text.slice(0, end);
}
