import { percentFaults, scaledCount } from './int-or-string.js';

describe('scaledCount', () => {
  it.each([
    [3, 10, 'up', 3],
    ['25%', 10, 'up', 3],
    ['25%', 10, 'down', 2],
    ['25%', 3, 'up', 1],
    ['0%', 10, 'up', 0],
    ['150%', 10, 'down', 15],
  ] as const)('takes %j of %d, rounded %s', (value, total, rounding, count) => {
    expect(scaledCount(value, total, rounding)).toEqual({ count });
  });

  it('tells what is no percentage', () => {
    expect(scaledCount('5', 10, 'up').error).toMatch('string is not a percentage');
    expect(scaledCount('x%', 10, 'up').error).toMatch('strconv.Atoi: parsing "x": invalid syntax');
  });
});

describe('percentFaults', () => {
  it('wants digits and a percent sign', () => {
    expect(percentFaults('25%')).toEqual([]);
    expect(percentFaults('25')).toHaveLength(1);
  });
});
