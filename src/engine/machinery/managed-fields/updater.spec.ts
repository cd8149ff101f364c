import fc from 'fast-check';
import { normalise } from '../schema/decode.js';
import { schemaOf } from '../schema/built-in-schemas.js';
import type { StructSchema } from '../schema/schema.js';
import { FieldSetPool } from './field-set-pool.js';
import type { Manager } from './managers.js';
import { MergeTypes } from './merge-type.js';
import { elementLabel } from './path-element.js';
import { ManagedFieldsUpdater, type Applied, type Writing } from './updater.js';

const SCHEMA = schemaOf('k8s.io/api/core/v1.PodTemplate') as StructSchema;

interface World {
  readonly object: object;
  readonly managers: readonly Manager[];
}

function createWorld() {
  const pool = new FieldSetPool();
  const updater = new ManagedFieldsUpdater(pool);
  const type = new MergeTypes().of(SCHEMA);
  const kind = {
    typeOf: (version: string) => (version === 'v1' ? type : undefined),
    convert: (object: object) => object,
    owned: <T>(set: T) => set,
  };
  const writing = (name: string, operation: 'Apply' | 'Update', time = '2026-01-01T00:00:00Z'): Writing => ({
    kind,
    self: { name, operation, apiVersion: 'v1', subresource: '' },
    time,
  });
  const empty: World = { object: normalise(SCHEMA, {}), managers: [] };
  const tryApply = ({ object, managers }: World, name: string, config: object, force = false): Applied =>
    updater.apply(writing(name, 'Apply'), managers, { live: object, config, force });
  const apply = (world: World, name: string, config: object, force = false): World => {
    const applied = tryApply(world, name, config, force);
    if (applied.conflicts !== undefined) throw new Error('conflicts');
    const object = applied.object === undefined ? world.object : normalise(SCHEMA, applied.object);
    return { object, managers: applied.managers };
  };
  const update = ({ object, managers }: World, name: string, value: object, time?: string): World => {
    const next = normalise(SCHEMA, value);
    return { object: next, managers: updater.update(writing(name, 'Update', time), managers, object, next) };
  };
  const owned = ({ managers }: World): Readonly<Record<string, string>> =>
    Object.fromEntries(managers.map(({ name, set }) => [name, set.text]));
  return { pool, empty, apply, tryApply, update, owned };
}

// Nothing is empty: Go stores no empty list or map, so that one applied again is new each time, upstream too.
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.constantFrom('1', '2'), {
  minKeys: 1,
  maxKeys: 3,
});
const env = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('X', 'Y', 'Z'), value: fc.constantFrom('1', '2') }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 3 }, // prettier-ignore
);
const containers = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    image: fc.constantFrom('i', 'j'),
    args: fc.array(fc.constantFrom('1', '2'), { minLength: 1, maxLength: 2 }),
    env,
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 3 },
);
const config = fc.record({
  metadata: fc.record({ labels }),
  template: fc.record({ spec: fc.record({ containers, nodeSelector: labels }) }),
});

describe('apply', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const { empty, apply, tryApply, owned } = createWorld();
        const world = apply(apply(empty, 'other', first), 'me', second, true);
        const again = tryApply(world, 'me', second);
        expect(again).toMatchObject({ object: undefined });
        expect(owned({ ...world, managers: (again as World).managers })).toEqual(owned(world));
      }),
    );
  });

  it('does not conflict where two agree, and then both own it', () => {
    fc.assert(
      fc.property(config, (both) => {
        const { empty, apply, owned } = createWorld();
        const world = apply(apply(empty, 'one', both), 'two', both);
        expect(owned(world)['one']).toBe(owned(world)['two']);
      }),
    );
  });

  it('gives all that it says to who forces it', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const { empty, apply, tryApply, pool } = createWorld();
        const alone = apply(empty, 'me', second);
        const world = apply(apply(empty, 'other', first), 'me', second, true);
        const mine = (managers: readonly Manager[]) => managers.find(({ name }) => name === 'me')?.set;
        expect(mine(world.managers)?.text).toBe(mine(alone.managers) && pool.read(mine(alone.managers)!.fieldsV1).text);
        expect(tryApply(world, 'me', second)).not.toHaveProperty('conflicts');
      }),
    );
  });

  it('takes back everything when it says nothing any more', () => {
    fc.assert(
      fc.property(config, (only) => {
        const { empty, apply } = createWorld();
        const world = apply(apply(empty, 'me', only), 'me', {});
        expect(world.managers).toEqual([]);
        expect(world.object).toEqual(empty.object);
      }),
    );
  });

  it('names each disputed field', () => {
    const { empty, apply, tryApply } = createWorld();
    const world = apply(empty, 'one', { template: { spec: { containers: [{ name: 'c', image: 'i', args: ['1'] }] } } });
    const { conflicts } = tryApply(world, 'two', {
      template: { spec: { containers: [{ name: 'c', image: 'j', args: ['1', '2'] }] } },
    });
    expect(conflicts?.map(({ path }) => path.map(elementLabel).join(''))).toEqual([
      '.template.spec.containers[name="c"].args',
      '.template.spec.containers[name="c"].image',
    ]);
  });

  it('puts new elements where the applied list has them', () => {
    const { empty, apply } = createWorld();
    const withEnv = (...names: readonly string[]) => ({
      template: { spec: { containers: [{ name: 'c', env: names.map((name) => ({ name, value: '1' })) }] } },
    });
    const { object } = apply(apply(empty, 'one', withEnv('X', 'Y')), 'two', withEnv('Z', 'X'));
    expect(object).toMatchObject({
      template: { spec: { containers: [{ env: [{ name: 'Z' }, { name: 'X' }, { name: 'Y' }] }] } },
    });
  });
});

describe('update', () => {
  it('makes what changed the writer’s, and nobody else’s', () => {
    const { empty, update, owned } = createWorld();
    const one = update(empty, 'one', { metadata: { labels: { a: '1', b: '1' } } });
    const two = update(one, 'two', { metadata: { labels: { a: '2', b: '1' } } });
    expect(owned(two)).toEqual({
      one: '{"f:metadata":{"f:labels":{".":{},"f:b":{}}}}',
      two: '{"f:metadata":{"f:labels":{"f:a":{}}}}',
    });
  });

  it('leaves the managers alone when nothing differs', () => {
    fc.assert(
      fc.property(config, (body) => {
        const { empty, update } = createWorld();
        const world = update(empty, 'one', body);
        expect(update(world, 'two', body).managers).toEqual(world.managers);
      }),
    );
  });

  it('leaves every path of an object to one updater, whatever they do', () => {
    fc.assert(
      fc.property(config, config, config, (...bodies) => {
        const { empty, update } = createWorld();
        const world = bodies.reduce((each: World, body, at) => update(each, `m${at}`, body), empty);
        const seen = new Set<string>();
        for (const { set } of world.managers) {
          set.forEach((path) => {
            const text = path.map(elementLabel).join('');
            expect(seen.has(text)).toBe(false);
            seen.add(text);
          });
        }
      }),
    );
  });

  it('merges the oldest beyond ten', () => {
    const { empty, update } = createWorld();
    let world = empty;
    const grown: Record<string, string> = {};
    for (let at = 0; at < 13; at++) {
      grown[`k${at}`] = '1';
      world = update(world, `u${at}`, { metadata: { labels: { ...grown } } }, `2026-01-01T00:00:${10 + at}Z`);
    }
    expect(world.managers).toHaveLength(10);
    const ancient = world.managers.find(({ name }) => name === 'ancient-changes');
    expect(ancient?.set.text).toBe('{"f:metadata":{"f:labels":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}}}');
  });

  it('forgets managers of versions that are not known', () => {
    const { empty, update, pool } = createWorld();
    const stranger: Manager = {
      name: 'x',
      operation: 'Update',
      apiVersion: 'nope/v1',
      subresource: '',
      time: undefined,
      set: pool.read({ 'f:data': {} }),
    };
    expect(update({ ...empty, managers: [stranger] }, 'me', {}).managers).toEqual([]);
  });
});
