import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { compileExpression, type RegularExpression } from '../../machinery/regular-expression.js';
import { formatCheckOf } from './formats.js';

/** A schema as a restriction of values, prepared for checking many of them. */
export interface ValueSchema {
  readonly source: JSONSchemaProps;
  /** Any when empty. */
  readonly types: readonly string[];
  readonly isNullable: boolean;
  /** Only one that is known; what upstream does not know restricts nothing. */
  readonly format: string;
  readonly hasFormat: ((text: string) => boolean) | undefined;
  readonly pattern: RegularExpression | undefined;
  readonly patternFault: string | undefined;
  /** By name, in order of the alphabet. */
  readonly properties: ReadonlyMap<string, ValueSchema>;
  readonly additional: ValueSchema | boolean | undefined;
  readonly items: ValueSchema | undefined;
  readonly allOf: readonly ValueSchema[];
  readonly anyOf: readonly ValueSchema[];
  readonly oneOf: readonly ValueSchema[];
  readonly not: ValueSchema | undefined;
}

const NONE: readonly ValueSchema[] = Object.freeze([]);

export function valueSchemaOf(source: JSONSchemaProps): ValueSchema {
  const { type = '', format = '', pattern = '', properties = {}, additionalProperties, items, not } = source;
  const isIntOrString = source['x-kubernetes-int-or-string'] === true;
  const hasFormat = format === '' ? undefined : formatCheckOf(format);
  const compiled = pattern === '' ? undefined : compileExpression(pattern);
  const names = Object.keys(properties).sort();
  return Object.freeze({
    source,
    types: isIntOrString ? ['integer', 'string'] : type === '' ? [] : [type],
    isNullable: source.nullable === true,
    format: hasFormat === undefined ? '' : format,
    hasFormat,
    pattern: compiled?.expression,
    patternFault: compiled?.fault,
    properties: new Map(names.map((name) => [name, valueSchemaOf(properties[name] ?? {})])),
    additional:
      typeof additionalProperties === 'object' && additionalProperties !== null
        ? valueSchemaOf(additionalProperties)
        : additionalProperties,
    items: isSchema(items) ? valueSchemaOf(items) : undefined,
    allOf: source.allOf?.map(valueSchemaOf) ?? NONE,
    anyOf: source.anyOf?.map(valueSchemaOf) ?? NONE,
    oneOf: source.oneOf?.map(valueSchemaOf) ?? NONE,
    not: not === undefined ? undefined : valueSchemaOf(not),
  });
}

const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
