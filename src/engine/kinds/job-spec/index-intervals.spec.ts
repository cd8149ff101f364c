import { countIndexes, firstSharedIndex, parseIntervals } from './index-intervals.js';

describe('parseIntervals', () => {
  it('reads single indexes and ranges', () => {
    const parsed = parseIntervals('1,3-5,7', 10);
    expect(parsed).toEqual({
      intervals: [
        [1, 1],
        [3, 5],
        [7, 7],
      ],
    });
    expect(countIndexes(parsed.fault === undefined ? parsed.intervals : [])).toBe(5);
  });

  it.each([
    ['x', 'cannot convert string to integer for index: "x"'],
    ['9', 'too large index: "9"'],
    ['3,2', 'non-increasing order, previous: 3, current: 2'],
    ['3-3', 'non-increasing order, previous: 3, current: 3'],
    [
      '1-2-3',
      'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
    ],
  ])('refuses %s', (text, fault) => {
    expect(parseIntervals(text, 5)).toEqual({ fault });
  });
});

describe('firstSharedIndex', () => {
  it('finds where two texts overlap', () => {
    expect(firstSharedIndex('0-2,6', '4,6-7', 10)).toBe(6);
    expect(firstSharedIndex('0-2', '3', 10)).toBeUndefined();
  });
});
