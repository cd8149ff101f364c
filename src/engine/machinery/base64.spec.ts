import fc from 'fast-check';
import { decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.js';

describe('base64', () => {
  it('encodes as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64Url(encodeBase64Url(bytes)).bytes).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('says where the text goes wrong', () => {
    expect(decodeBase64Url('!!!').faultAt).toBe(0);
    expect(decodeBase64Url('YWJj=').faultAt).toBe(4);
  });
});
