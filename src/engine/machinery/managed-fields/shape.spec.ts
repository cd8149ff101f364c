import fc from 'fast-check';
import { schemaOf } from '../schema/built-in-schemas.js';
import { decode } from '../schema/decode.js';
import type { StructSchema } from '../schema/schema.js';
import { FieldSetPool } from './field-set-pool.js';
import { appliedSet } from './field-sets.js';
import { compare } from './compare.js';
import { MergeTypes } from './merge-type.js';
import { ShapeMemory } from './shape.js';

const POD = 'k8s.io/api/core/v1.Pod';
const schema = schemaOf(POD) as StructSchema;
const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('', 'x', 'y');
const optional = { requiredKeys: [] };

const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { maxLength: 2 }),
    env: fc.array(fc.record({ name, value: text }, optional), { maxLength: 3 }),
    ports: fc.array(fc.record({ containerPort: fc.integer({ min: 0, max: 2 }), protocol: text }, optional), {
      maxLength: 2,
    }),
    stdin: fc.boolean(),
  },
  optional,
);
const pod = fc.record(
  {
    metadata: fc.record({ labels: fc.dictionary(name, text), finalizers: fc.array(name, { maxLength: 2 }) }, optional),
    spec: fc.record(
      {
        containers: fc.array(container, { maxLength: 3 }),
        hostNetwork: fc.boolean(),
        nodeSelector: fc.dictionary(name, text),
      },
      optional,
    ),
  },
  optional,
);

describe('ShapeMemory', () => {
  it('never tells apart less than the owners of fields do', () => {
    const pool = new FieldSetPool();
    const type = new MergeTypes().of(schema);
    const object = (value: unknown): object => decode(schema, value, { strict: false }).object;
    const empty = object({});
    const ownedBy = (value: object): string => {
      const { added, modified } = compare(pool, type, empty, value);
      return pool.union(added, modified).text;
    };
    const memory = new ShapeMemory<string>(type, 8);
    const seen = fc.array(pod, { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(seen, (values) => {
        for (const value of values.map(object)) expect(memory.of(value, () => ownedBy(value))).toBe(ownedBy(value));
      }),
    );
  });

  it('never tells apart less than what configurations mention', () => {
    const pool = new FieldSetPool();
    const type = new MergeTypes().of(schema);
    const memory = new ShapeMemory<string>(type, 8);
    const mentioned = (value: object): string => appliedSet(pool, type, value).text;
    fc.assert(
      fc.property(fc.array(pod, { minLength: 2, maxLength: 20 }), (values) => {
        for (const value of values) expect(memory.of(value, () => mentioned(value))).toBe(mentioned(value));
      }),
    );
  });

  it('asks once for objects of one shape, whatever their names and images', () => {
    const memory = new ShapeMemory<number>(new MergeTypes().of(schema), 2);
    let asked = 0;
    for (const image of ['one', 'two', 'three']) {
      const value = decode(
        schema,
        { metadata: { name: image }, spec: { containers: [{ name: 'a', image }] } },
        {
          strict: false,
        },
      ).object;
      memory.of(value, () => ++asked);
    }
    expect(asked).toBe(1);
  });

  it('forgets the shape that was longest out of use', () => {
    const memory = new ShapeMemory<string>(new MergeTypes().of(schema), 2);
    const asked: string[] = [];
    const ask = (label: string): void => {
      const value = { metadata: { labels: { [label]: 'x' } } };
      memory.of(value, () => (asked.push(label), label));
    };
    for (const label of ['a', 'b', 'a', 'c', 'a', 'b']) ask(label);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});
