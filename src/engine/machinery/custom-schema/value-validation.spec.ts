import fc from 'fast-check';
import type { JSONSchemaProps } from '../api/apiextensions-v1.js';
import { fieldErrorMessage } from '../field-error.js';
import { isJsonArray, isJsonObject, type JsonValue } from '../structure.js';
import { valueSchemaOf } from './value-schema.js';
import { valueErrors } from './value-validation.js';

const RUNS = 2_000;
const NAMES = ['a', 'b', 'c'] as const;
const PATTERNS = ['^a', 'b+', '^[a-c]*$', 'x|y', '^.$'] as const;
const WORDS = ['', 'a', 'b', 'ab', 'abc', 'x', 'bb', '☃', 'a☃c'] as const;
const NUMBERS = [-3, -1, 0, 1, 2, 2.5, 3, 4, 6, 10] as const;

type Schema = JSONSchemaProps;

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const present = (record: object): Schema =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

const numberLimits = fc.record({
  // Whole ones: upstream rounds the bounds of whole numbers.
  minimum: optional(fc.constantFrom(-1, 0, 2)),
  maximum: optional(fc.constantFrom(1, 3, 6)),
  exclusiveMinimum: optional(fc.boolean()),
  exclusiveMaximum: optional(fc.boolean()),
  multipleOf: optional(fc.constantFrom(1, 2, 3)),
});
const textLimits = fc.record({
  minLength: optional(fc.nat(3)),
  maxLength: optional(fc.nat(3)),
  pattern: optional(fc.constantFrom(...PATTERNS)),
});
const listLimits = fc.record({ minItems: optional(fc.nat(3)), maxItems: optional(fc.nat(3)) });
const objectLimits = fc.record({
  required: optional(fc.subarray([...NAMES], { minLength: 1 })),
  minProperties: optional(fc.nat(2)),
  maxProperties: optional(fc.nat(3)),
});
const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonValue>(...WORDS),
    fc.constantFrom<JsonValue>(...NUMBERS),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES, 'd'), tie('value'), { maxKeys: 3 }),
  ),
}));
const enumeration = optional(fc.uniqueArray(anyValue, { minLength: 1, maxLength: 3, selector: JSON.stringify }));

/** Schemas without types, as they stand below `allOf` and its like; with `isTyped`, such as a structure is made of. */
const schemas = (isTyped: boolean): fc.Arbitrary<Schema> =>
  fc.letrec<{ schema: Schema; bare: Schema }>((tie) => {
    const combined = (below: fc.Arbitrary<Schema>) =>
      fc.record({
        allOf: optional(fc.array(below, { minLength: 1, maxLength: 2 })),
        anyOf: optional(fc.array(below, { minLength: 1, maxLength: 3 })),
        oneOf: optional(fc.array(below, { minLength: 1, maxLength: 3 })),
        not: optional(below),
      });
    const fields = (below: fc.Arbitrary<Schema>) => fc.dictionary(fc.constantFrom(...NAMES), below, { maxKeys: 3 });
    const bare = fc.oneof(
      { maxDepth: 2 },
      fc.oneof(numberLimits, textLimits, listLimits, objectLimits, fc.record({ enum: enumeration })).map(present),
      combined(tie('bare')).map(present),
      fc.record({ properties: fields(tie('bare')) }),
      fc.record({ items: tie('bare') }),
    );
    const typed = (type: string, limits: fc.Arbitrary<object>): fc.Arbitrary<Schema> =>
      fc
        .tuple(limits, combined(tie('bare')), enumeration)
        .map(([own, more, values]) => present({ type, ...own, ...more, enum: values }));
    const schema = fc.oneof(
      { maxDepth: 3 },
      typed('string', textLimits),
      typed('integer', numberLimits),
      typed('number', numberLimits),
      typed('boolean', fc.constant({})),
      typed(
        'array',
        fc.tuple(listLimits, tie('schema')).map(([limits, items]) => ({ ...limits, items })),
      ),
      typed(
        'object',
        fc.tuple(objectLimits, fields(tie('schema'))).map(([limits, properties]) => ({ ...limits, properties })),
      ),
      typed(
        'object',
        fc.tuple(objectLimits, tie('schema')).map(([limits, each]) => ({ ...limits, additionalProperties: each })),
      ),
    );
    return { schema, bare };
  })[isTyped ? 'schema' : 'bare'];

/** A value of the types that a schema wants, whatever else it wants. */
function shaped({ type, items, properties = {}, additionalProperties }: Schema): fc.Arbitrary<JsonValue> {
  switch (type) {
    case 'string':
      return fc.constantFrom<JsonValue>(...WORDS);
    case 'integer':
      return fc.constantFrom<JsonValue>(-3, 0, 1, 2, 3, 4, 6);
    case 'number':
      return fc.constantFrom<JsonValue>(...NUMBERS);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(shaped((items ?? {}) as Schema), { maxLength: 3 });
    case 'object': {
      const below = NAMES.map((name) => [name, properties[name] ?? additionalProperties] as const);
      const fields = below.flatMap(([name, each]) =>
        typeof each === 'object' ? [[name, optional(shaped(each as Schema))] as const] : [],
      );
      return fc.record(Object.fromEntries(fields)).map((record) => present(record) as JsonValue);
    }
    default:
      return anyValue;
  }
}

/** What JSON schema says, read off its text: no words, no order, no shortcuts. */
function holds(schema: Schema, value: JsonValue): boolean {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  if (!isOfType(schema.type, value)) return false;
  if (schema.enum !== undefined && !schema.enum.some((each) => JSON.stringify(each) === JSON.stringify(value)))
    return false;
  if (!allOf.every((each) => holds(each, value))) return false;
  if (anyOf.length > 0 && !anyOf.some((each) => holds(each, value))) return false;
  if (oneOf.length > 0 && oneOf.filter((each) => holds(each, value)).length !== 1) return false;
  if (not !== undefined && holds(not, value)) return false;
  if (typeof value === 'number') return isWithin(schema, value);
  if (typeof value === 'string') return isTextWithin(schema, value);
  if (isJsonArray(value)) {
    const { items, minItems = 0, maxItems = Infinity } = schema;
    if (value.length < minItems || value.length > maxItems) return false;
    return items === undefined || value.every((each) => holds(items as Schema, each));
  }
  if (!isJsonObject(value)) return true;
  const { properties = {}, required = [], minProperties = 0, maxProperties = Infinity, additionalProperties } = schema;
  const names = Object.keys(value);
  if (names.length < minProperties || names.length > maxProperties) return false;
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return names.every((name) => {
    const below = Object.hasOwn(properties, name) ? properties[name] : (additionalProperties as Schema | undefined);
    return below === undefined || holds(below, value[name]!);
  });
}

function isOfType(type: string | undefined, value: JsonValue): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return isJsonArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return type === undefined || typeof value === type;
  }
}

function isWithin(schema: Schema, value: number): boolean {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema;
  if (value < minimum || (schema.exclusiveMinimum === true && value === minimum)) return false;
  if (value > maximum || (schema.exclusiveMaximum === true && value === maximum)) return false;
  return multipleOf === undefined || Number.isInteger(value / multipleOf);
}

function isTextWithin({ minLength = 0, maxLength = Infinity, pattern }: Schema, value: string): boolean {
  const { length } = [...value];
  if (length < minLength || length > maxLength) return false;
  return pattern === undefined || new RegExp(pattern, 'u').test(value);
}

describe('values', () => {
  it.each([
    ['structures', true],
    ['restrictions', false],
  ])('are held against %s as JSON schema says', (_what, isTyped) => {
    const cases = schemas(isTyped).chain((schema) =>
      fc.tuple(
        fc.constant(schema),
        fc.oneof({ weight: 3, arbitrary: shaped(schema) }, { weight: 1, arbitrary: anyValue }),
      ),
    );
    const tally = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        const isValid = holds(schema, value);
        tally[isValid ? 'valid' : 'invalid']++;
        const errors = valueErrors(valueSchemaOf(schema), value, '').map(fieldErrorMessage);
        expect({ schema, value, errors }).toEqual({
          schema,
          value,
          errors: isValid ? [] : expect.arrayContaining([expect.any(String)]),
        });
      }),
      { numRuns: RUNS },
    );
    // A test of nothing but one kind would say little.
    expect(Math.min(tally.valid, tally.invalid)).toBeGreaterThan(RUNS / 20);
  });
});
