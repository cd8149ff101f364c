import { byteLength, goFormat, goJson, goNumber, goQuote, goStringFormat } from './go-text.js';
import { NumberLiteral } from './schema/number-literal.js';

describe('Go text', () => {
  it.each([
    ['a b', '"a b"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['\n\t\u0007\u0001\u007f', '"\\n\\t\\a\\x01\\x7f"'],
    ['äöü 😀', '"äöü 😀"'],
    ['\u200b\u2028', '"\\u200b\\u2028"'],
  ])('quotes %j', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  it('encodes JSON with HTML characters escaped', () => {
    expect(goJson({ a: '<&>', b: [1n, new NumberLiteral('1.0'), undefined], c: undefined })).toBe(
      '{"a":"\\u003c\\u0026\\u003e","b":[1,1.0,null]}',
    );
  });

  it('formats values and numbers', () => {
    expect(goFormat({ b: [1, 'x', null, true], a: {} })).toBe('map[a:map[] b:[1 x <nil> true]]');
    expect([1e21, 1e-7, 0.5, -1].map(goNumber)).toEqual(['1e+21', '1e-07', '0.5', '-1']);
    expect([3, null, true, 'x'].map(goStringFormat)).toEqual(['%!s(int64=3)', '%!s(<nil>)', '%!s(bool=true)', 'x']);
  });

  it('counts bytes of UTF-8', () => {
    expect(['a', 'ä', '€', '😀', '\ud800'].map(byteLength)).toEqual([1, 2, 3, 4, 3]);
  });
});
