import fc from 'fast-check';
import { base64OfBytes, canonicalBase64 } from './base64.js';
import { formatGoDuration, parseGoDuration } from './go-duration.js';
import { isCanonicalTime, parseTime } from './go-time.js';

describe('canonicalBase64', () => {
  it('keeps what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(canonicalBase64(text)).toEqual({ text });
        expect(base64OfBytes([...bytes])).toBe(text);
      }),
    );
  });

  it.each([
    ['Y', 0],
    ['YWJ', 0],
    ['YWJjY', 4],
    ['=', 0],
    ['Y=', 1],
    ['YQ=', 3],
    ['YQ=a', 2],
    ['YQ==YQ==', 4],
    ['YWI=a', 4],
    ['YW*j', 2],
  ])('refuses %s at byte %d', (text, at) => {
    expect(canonicalBase64(text)).toEqual({ refusal: `illegal base64 data at input byte ${at}` });
  });
});

describe('parseTime', () => {
  it('gives instants in UTC', () => {
    const anyInstant = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: -23 * 60, max: 23 * 60 }), (at, offsetMinutes) => {
        const local = new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
        const size = Math.abs(offsetMinutes);
        const zone = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        const text = `${at.toISOString().slice(0, 19)}Z`;
        expect(parseTime(`${local}${zone}`, 'time')).toEqual({ text });
        expect(parseTime(text, 'time')).toEqual({ text });
      }),
    );
  });

  it('agrees with its shortcut', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '2', '9', 'x'), minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(digits, (d) => {
        const text = `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)}T${d.slice(8, 10)}:${d.slice(10, 12)}:${d.slice(12)}Z`;
        if (isCanonicalTime(text)) expect(parseTime(text, 'time')).toEqual({ text });
      }),
    );
  });

  it.each<[string, 'time' | 'microTime', string]>([
    ['', 'time', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
    ['2024-02-30T00:00:00Z', 'time', 'parsing time "2024-02-30T00:00:00Z": day out of range'],
    ['2024-01-01T24:00:00Z', 'time', 'parsing time "2024-01-01T24:00:00Z": hour out of range'],
    ['2024-01-01T00:00:00Zx', 'time', 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"'],
    [
      '2024-01-01 00:00:00Z',
      'time',
      'parsing time "2024-01-01 00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse " 00:00:00Z" as "T"',
    ],
    [
      '2024-01-01T00:00:00Z',
      'microTime',
      'parsing time "2024-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
  ])('refuses %j as Go does', (text, kind, refusal) => {
    expect(parseTime(text, kind)).toEqual({ refusal });
  });
});

describe('Go durations', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanoseconds) => {
        expect(parseGoDuration(formatGoDuration(nanoseconds))).toEqual({ nanoseconds });
      }),
    );
  });

  it.each([
    ['90s', '1m30s'],
    ['1.5h', '1h30m0s'],
    ['1500us', '1.5ms'],
    ['-0.5s', '-500ms'],
    ['0', '0s'],
  ])('write %s as %s', (text, canonical) => {
    const parsed = parseGoDuration(text);
    expect('nanoseconds' in parsed && formatGoDuration(parsed.nanoseconds)).toBe(canonical);
  });

  it('are refused in Go words', () => {
    expect(parseGoDuration('')).toEqual({ refusal: 'time: invalid duration ""' });
    expect(parseGoDuration('3')).toEqual({ refusal: 'time: missing unit in duration "3"' });
    expect(parseGoDuration('3x')).toEqual({ refusal: 'time: unknown unit "x" in duration "3x"' });
  });
});

const two = (value: number): string => String(value).padStart(2, '0');
