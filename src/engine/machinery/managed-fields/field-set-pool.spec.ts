import fc from 'fast-check';
import type { JsonObject } from '../structure.js';
import type { FieldSet } from './field-set.js';
import { FieldSetPool } from './field-set-pool.js';
import { fieldText, keyText, valueText } from './path-element.js';

const step = fc.oneof(
  fc.constantFrom('a', 'b', 'c.d/e', '__proto__', 'constructor', '.').map(fieldText),
  fc.constantFrom('x', 'y<z', 'ü').map((name) => keyText([['name', name]])),
  fc.integer({ min: -1, max: 1 }).map((port) => keyText([['port', port], ['protocol', 'TCP']])), // prettier-ignore
  fc.oneof(fc.constantFrom('v', 'w'), fc.integer({ min: 0, max: 2 }), fc.boolean()).map(valueText),
  fc.integer({ min: 0, max: 2 }).map((index) => `i:${index}`),
);
const paths = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 8 });

const setOf = (pool: FieldSetPool, list: readonly (readonly string[])[]): FieldSet =>
  list.reduce((set, path) => pool.union(set, pool.ofPath(path.map((text) => pool.element(text)))), pool.empty);

const membersOf = (set: FieldSet): ReadonlySet<string> => {
  const found = new Set<string>();
  set.forEach((path) => found.add(path.map(({ text }) => text).join('\n')));
  return found;
};
const keysOf = (list: readonly (readonly string[])[]): ReadonlySet<string> =>
  new Set(list.map((path) => path.join('\n')));

describe('FieldSetPool', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const set = setOf(new FieldSetPool(), list);
        expect(membersOf(set)).toEqual(keysOf(list));
        expect(set.text).toBe(JSON.stringify(set.fieldsV1));
        const read = new FieldSetPool().read(JSON.parse(set.text) as JsonObject);
        expect(membersOf(read)).toEqual(membersOf(set));
        expect(read.text).toBe(set.text);
      }),
    );
  });

  it('computes with sets as with lists of paths', () => {
    fc.assert(
      fc.property(paths, paths, (one, other) => {
        const pool = new FieldSetPool();
        const [left, right] = [setOf(pool, one), setOf(pool, other)];
        const [a, b] = [keysOf(one), keysOf(other)];
        expect(membersOf(pool.union(left, right))).toEqual(new Set([...a, ...b]));
        expect(membersOf(pool.intersection(left, right))).toEqual(new Set([...a].filter((each) => b.has(each))));
        expect(membersOf(pool.difference(left, right))).toEqual(new Set([...a].filter((each) => !b.has(each))));
        const isBelow = (path: string): boolean => [...b].some((each) => path === each || path.startsWith(`${each}\n`));
        expect(membersOf(pool.recursiveDifference(left, right))).toEqual(
          new Set([...a].filter((each) => !isBelow(each))),
        );
      }),
    );
  });

  it('makes equal sets one, with one FieldsV1', () => {
    const pool = new FieldSetPool();
    const list = [['f:spec', 'f:replicas'], ['f:data']];
    const [one, other] = [setOf(pool, list), setOf(pool, list.toReversed())];
    expect(other).toBe(one);
    expect(other.fieldsV1).toBe(one.fieldsV1);
    expect(pool.read(one.fieldsV1)).toBe(one);
  });

  it('orders fields, keys, values and indexes as upstream does', () => {
    const pool = new FieldSetPool();
    const texts = ['i:2', 'v:"a"', 'v:10', 'v:9', 'k:{"port":80}', 'k:{"port":8}', 'k:{"name":"b"}', 'f:b', 'f:a'];
    expect(Object.keys(setOf(pool, texts.map((text) => [text])).fieldsV1)).toEqual(texts.toReversed()); // prettier-ignore
  });

  it('knows one key however it is written, and passes over steps of the future', () => {
    const pool = new FieldSetPool();
    const set = pool.read({ 'k:{"b": 1, "a":"x"}': {}, 'z:9': { 'f:x': {} } });
    expect(set.text).toBe('{"k:{\\"a\\":\\"x\\",\\"b\\":1}":{}}');
    expect(() => pool.read({ bogus: {} })).toThrow(SyntaxError);
  });

  it('takes no set of another pool for one of its own, whose number may be the same', () => {
    const [pool, other] = [new FieldSetPool(), new FieldSetPool()];
    const own = pool.read({ 'f:a': {} });
    const right = pool.read({ 'f:c': {} });
    expect(pool.union(own, right).text).toBe('{"f:a":{},"f:c":{}}');
    const foreign = pool.read(other.read({ 'f:b': {} }).fieldsV1);
    expect(pool.union(foreign, right).text).toBe('{"f:b":{},"f:c":{}}');
  });
});
