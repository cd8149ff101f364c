/** Mirrors apiextensions' `ValidateDefaults`: a default is a value that the schema itself takes. Left out: its rules in CEL. */
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { checkEmbedded } from '../../machinery/custom-schema/embedded-resources.js';
import { pruned, prunedObject } from '../../machinery/custom-schema/pruning.js';
import { structuralSchemaOf, type StructuralSchema } from '../../machinery/custom-schema/structural-schema.js';
import { valueSchemaOf } from '../../machinery/custom-schema/value-schema.js';
import { valueErrors } from '../../machinery/custom-schema/value-validation.js';
import { CelRules } from '../../machinery/cel/schema/cel-rules.js';
import { utf8 } from '../../machinery/cel/utf-8.js';
import { invalid, type FieldError } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { isJsonObject, type JsonValue } from '../../machinery/structure.js';
import { itemsOf, sortedEntries } from './structural-rules.js';

/** Of a schema that is structural. There are no defaults below `additionalProperties`. */
export function checkDefaults(report: Report, path: string, schema: JSONSchemaProps): void {
  const { default: given, properties } = schema;
  if (given !== undefined && given !== null) {
    defaultErrors(`${path}.default`, given, schema).forEach((error) => report(error));
  }
  const items = itemsOf(schema);
  if (items !== undefined) checkDefaults(report, `${path}.items`, items);
  for (const [name, each] of sortedEntries(properties)) checkDefaults(report, `${path}.properties[${name}]`, each);
}

function defaultErrors(path: string, value: JsonValue, schema: JSONSchemaProps): readonly FieldError[] {
  const structure = structuralSchemaOf(schema);
  const found: FieldError[] = [];
  const isPruned = prunedDefault(value, structure) === value;
  if (!isPruned) found.push(invalid(path, value, 'must not have unknown fields'));
  const embedded: FieldError[] = [];
  const note = { report: (error: FieldError): void => void embedded.push(error), rules: (): void => undefined };
  checkEmbedded(note, path, value, structure);
  if (embedded.length > 0) return [...found, ...embedded];
  const errors = valueErrors(valueSchemaOf(withoutIntOrString(schema)), value, path);
  if (errors.length > 0) return [...found, ...errors];
  return [...found, ...new CelRules(utf8).validateBelow(schema, value, path)];
}

const prunedDefault = (value: JsonValue, structure: StructuralSchema): JsonValue =>
  structure.isEmbedded && isJsonObject(value) ? prunedObject(value, structure, false).object : pruned(value, structure);

/** Where upstream looks at defaults, what is an integer or a text may be anything. */
function withoutIntOrString(schema: JSONSchemaProps): JSONSchemaProps {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema;
  const { 'x-kubernetes-int-or-string': _mark, ...rest } = schema;
  return rest;
}
