import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../structure.js';
import { defaulted } from './defaulting.js';
import { pruned, prunedObject } from './pruning.js';
import { structuralSchemaOf } from './structural-schema.js';

const schema = structuralSchemaOf({
  type: 'object',
  properties: {
    a: { type: 'integer', default: 1 },
    b: { type: 'object', default: {}, properties: { a: { type: 'string', default: 'x' } } },
    c: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer', default: 2 } } } },
    d: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    e: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string' } } } },
  },
} as unknown as Parameters<typeof structuralSchemaOf>[0]);

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'other');
const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

it('takes what the schema does not know, and leaves the rest', () => {
  const value = {
    a: 5,
    z: 1,
    b: { a: 'y', z: 1 },
    c: [{ z: 1 }, { a: 1 }],
    d: { z: { z: 1 } },
    e: { z: { z: 1, a: '' } },
  };
  expect(pruned(value, schema)).toEqual({
    a: 5,
    b: { a: 'y' },
    c: [{}, { a: 1 }],
    d: { z: { z: 1 } },
    e: { z: { a: '' } },
  });
});

it('names what it took from an object, whose type and metadata are its own', () => {
  const value: JsonObject = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, z: 1, c: [{ z: 1 }] };
  const { object, unknown } = prunedObject(value, schema, true);
  expect(object).toEqual({ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, c: [{}] });
  expect(unknown).toEqual(['c[0].z', 'z']);
});

it('gives defaults at every depth', () => {
  expect(defaulted({ c: [{}, { a: 7 }] }, schema)).toEqual({ a: 1, b: { a: 'x' }, c: [{ a: 2 }, { a: 7 }] });
});

it('changes nothing when it is done again', () => {
  fc.assert(
    fc.property(values, (value) => {
      const once = defaulted(pruned(value, schema), schema);
      expect(defaulted(pruned(once, schema), schema)).toEqual(once);
    }),
  );
});
