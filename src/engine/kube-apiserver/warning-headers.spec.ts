import { warningHeaders } from './warning-headers.js';

describe('warningHeaders', () => {
  it('quotes what has to be quoted, and tells each once', () => {
    expect(warningHeaders(['unknown field "a\\b"', 'other', 'other'])).toEqual([
      '299 - "unknown field \\"a\\\\b\\""',
      '299 - "other"',
    ]);
  });

  it('gives text beyond ASCII in bytes', () => {
    const [header = ''] = warningHeaders(['ü€😀 100%41\ud800']);
    expect(Buffer.from(header, 'latin1').toString()).toBe('299 - "ü€😀 100%41\ufffd"');
  });

  it('leaves out what no header may hold', () => {
    expect(warningHeaders(['', 'a\nb', 'a\u0085b', 'fine'])).toEqual(['299 - "fine"']);
  });

  it('cuts what is too long together', () => {
    const long = Array.from({ length: 40 }, (_, index) => `${index} ${'ü'.repeat(300)}`);
    const headers = warningHeaders(long);
    expect(headers).toHaveLength(16);
    expect(Buffer.from(headers[0] ?? '', 'latin1').toString()).toBe(`299 - "0 ${'ü'.repeat(254)}"`);
    expect(warningHeaders([long[0] ?? ''])[0]?.length).toBeGreaterThan(600);
  });
});
