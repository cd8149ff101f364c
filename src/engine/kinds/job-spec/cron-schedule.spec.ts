import { cronFault } from './cron-schedule.js';

describe('cronFault', () => {
  it.each(['* * * * *', '*/5 0-6 1,15 jan-mar MON', '@hourly', '@every 1h30m', '0 0 ? * ?', '5/15 * * * *'])(
    'takes %s',
    (expression) => expect(cronFault(expression)).toBeUndefined(),
  );

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['0 0 * * 7', 'end of range (7) above maximum (6): 7'],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ])('refuses %s', (expression, fault) => {
    expect(cronFault(expression)).toBe(fault);
  });
});
