import fc from 'fast-check';
import { instant, microTimestamp, parseTimestamp, timestamp } from './clock.js';

const YEAR_10000 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

describe('timestamps', () => {
  it('say what the platform says of every instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: YEAR_10000 }), (at) => {
        const platform = new Date(at).toISOString();
        expect(timestamp(instant(at))).toBe(platform.replace(/\.\d{3}Z$/, 'Z'));
        expect(microTimestamp(instant(at))).toBe(platform.replace('Z', '000Z'));
        expect(parseTimestamp(microTimestamp(instant(at)))).toBe(at);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['1970-01-01T00:00:00Z', '2000-02-29T23:59:59Z', '2024-12-31T00:00:00Z', '2100-03-01T12:00:00Z'])(
    '%s',
    (text) => {
      expect(timestamp(parseTimestamp(text)!)).toBe(text);
    },
  );
});
