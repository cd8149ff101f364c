import fc from 'fast-check';
import { encodeJson } from '../../machinery/json/encode-json.js';
import { parseJson } from './stored-json.js';

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
);
const value = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree')), fc.dictionary(fc.string(), tie('tree'))),
})).tree;

describe('stored JSON', () => {
  it('gives back what was stored, integers beyond 2^53 included', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value), (object) => {
        const text = encodeJson({ object });
        expect(encodeJson(parseJson(text) as object)).toBe(text);
      }),
    );
  });
});
