import fc from 'fast-check';
import { metadataWithin } from './metadata-within.js';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe('the metadata within an encoded object', () => {
  it('are cut out wherever they stand', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (before, metadata) => {
        const object = { ...before, metadata, spec: {} };
        expect(decode(metadataWithin(encode(object))!)).toEqual(JSON.parse(JSON.stringify(metadata)));
      }),
    );
  });

  it('are not taken from a field below', () => {
    const template = { metadata: { name: 'inner' } };
    expect(decode(metadataWithin(encode({ a: template, b: '"metadata":', n: 1, metadata: { name: 'x' } }))!)).toEqual({
      name: 'x',
    });
    expect(metadataWithin(encode({ template }))).toBeUndefined();
    expect(metadataWithin(encode({}))).toBeUndefined();
  });
});
