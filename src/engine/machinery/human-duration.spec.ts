import { hours, milliseconds, minutes, seconds } from '../kernel/clock.js';
import { humanDuration } from './human-duration.js';

describe('humanDuration', () => {
  it.each([
    [seconds(-2), '<invalid>'],
    [seconds(-1), '0s'],
    [milliseconds(999), '0s'],
    [seconds(119), '119s'],
    [seconds(120), '2m'],
    [seconds(125), '2m5s'],
    [minutes(10), '10m'],
    [minutes(179), '179m'],
    [minutes(181), '3h1m'],
    [hours(8), '8h'],
    [hours(47), '47h'],
    [hours(49), '2d1h'],
    [hours(24 * 8), '8d'],
    [hours(24 * 729), '729d'],
    [hours(24 * 730), '2y'],
    [hours(24 * 735), '2y5d'],
    [hours(24 * 365 * 9), '9y'],
  ])('shows %d ms as %s', (duration, text) => {
    expect(humanDuration(duration)).toBe(text);
  });
});
