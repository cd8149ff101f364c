import fc from 'fast-check';
import { deepEqual } from './equality.js';
import { NumberLiteral } from './schema/number-literal.js';
import { deepClone } from './structure.js';

describe('deepEqual', () => {
  it.each([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{}, { a: undefined }, true],
    [{ a: undefined }, { b: undefined }, true],
    [{ a: null }, {}, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: undefined }, { a: 1, c: 2 }, false],
    [[], {}, false],
    [[1, 2], [2, 1], false],
    [null, {}, false],
    [NaN, NaN, true],
    ['1', 1, false],
    [{ toString: 1 }, {}, false],
    [{}, { constructor: 1 }, false],
    [new NumberLiteral('1.0'), new NumberLiteral('1.0'), true],
    [new NumberLiteral('1.0'), {}, false],
    [JSON.parse('{"__proto__":1}'), {}, false],
  ])('of %j and %j is %s', (left, right, expected) => {
    expect(deepEqual(left, right)).toBe(expected);
  });

  it('agrees with canonical text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(deepEqual(value, deepClone(value))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (left, right) => {
        expect(deepEqual(left, right)).toBe(canonical(left) === canonical(right));
      }),
    );
  });

  it('does not look into what is shared', () => {
    const shared = Object.defineProperty({}, 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('looked at');
      },
    });
    expect(deepEqual({ a: 1, shared }, { shared, a: 1 })).toBe(true);
    expect(deepEqual({ a: 1, shared }, { shared, a: 2 })).toBe(false);
  });
});

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
