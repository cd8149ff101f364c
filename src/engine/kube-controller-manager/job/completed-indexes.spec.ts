import fc from 'fast-check';
import {
  countOf,
  countShared,
  firstMissing,
  hasIndex,
  readIndexes,
  textOf,
  union,
  withIndexes,
  NO_INDEXES,
} from './completed-indexes.js';

const MAX = 60;
const sets = fc.uniqueArray(fc.nat({ max: MAX - 1 }));
const listed = (text: string): number[] =>
  Array.from({ length: MAX }, (_, index) => index).filter((index) => hasIndex(readIndexes(text, MAX), index));

describe('the indexes of an Indexed Job', () => {
  it.each([
    [[], ''],
    [[4], '4'],
    [[1, 2], '1,2'],
    [[1, 2, 3, 7, 9, 8], '1-3,7-9'],
  ])('%j reads %j', (indexes, text) => {
    expect(textOf(withIndexes(NO_INDEXES, indexes))).toBe(text);
  });

  it('leaves out what cannot be read and what is too large', () => {
    expect(readIndexes('1,x,3-9,12', 6)).toEqual([
      [1, 1],
      [3, 5],
    ]);
  });

  it('behaves as a set of numbers does', () => {
    fc.assert(
      fc.property(sets, sets, fc.nat({ max: MAX }), (left, right, count) => {
        const [a, b] = [withIndexes(NO_INDEXES, left), withIndexes(NO_INDEXES, right)];
        const both = new Set([...left, ...right]);
        expect(listed(textOf(union(a, b)))).toEqual([...both].toSorted((x, y) => x - y));
        expect(countOf(union(a, b))).toBe(both.size);
        expect(countShared(a, b)).toBe(left.filter((each) => right.includes(each)).length);
        const free = Array.from({ length: MAX }, (_, index) => index).filter((each) => !left.includes(each));
        expect(firstMissing(a, count, MAX)).toEqual(free.slice(0, count));
      }),
    );
  });
});
