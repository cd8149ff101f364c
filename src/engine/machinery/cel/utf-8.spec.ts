import fc from 'fast-check';
import { textCodec } from '../../../hosting/text-codec.js';
import { utf8 } from './utf-8.js';

describe('utf8', () => {
  it('makes the bytes that the platform makes, and reads them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(Array.from(utf8.encode(text))).toEqual(Array.from(textCodec.encode(text)));
        expect(utf8.decode(utf8.encode(text))).toBe(text);
      }),
    );
  });

  it('marks what is no text', () => {
    expect(utf8.decode(Uint8Array.from([0xff]))).toBe('\ufffd');
  });
});
