import { deepClone, ownValue, setOwn, withKey, withoutKey } from './structure.js';

const hostile = JSON.parse('{"__proto__":{"polluted":true},"a":[{"b":1}]}') as Record<string, never>;

describe('plain data', () => {
  it('is cloned with nothing shared', () => {
    const source = { a: [{ b: 1 }], c: null, d: 5n };
    const copy = deepClone(source);
    expect(copy).toEqual(source);
    expect(copy.a[0]).not.toBe(source.a[0]);
  });

  it('keeps __proto__ as a mere key', () => {
    for (const each of [deepClone(hostile), withKey(hostile, 'x', 1), withoutKey(hostile, 'a')]) {
      expect(Object.keys(each)).toContain('__proto__');
      expect(Object.getPrototypeOf(each)).toBe(Object.prototype);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('reads inherited names as absent', () => {
    expect(ownValue({}, 'constructor')).toBeUndefined();
    expect(ownValue({ a: 1 }, 'a')).toBe(1);
  });

  it('sets __proto__ as data', () => {
    const target: Record<string, unknown> = {};
    setOwn(target, '__proto__', 1);
    expect(JSON.stringify(target)).toBe('{"__proto__":1}');
  });

  it('shares what is not changed', () => {
    const source = { a: { b: 1 }, c: 2 };
    expect(withKey(source, 'c', 3).a).toBe(source.a);
    expect(withoutKey(source, 'missing')).toBe(source);
  });
});
