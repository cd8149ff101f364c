import fc from 'fast-check';
import { NumberLiteral } from '../schema/number-literal.js';
import { JSON_DEPTH_MAX } from './json-reader.js';
import { parseJson, strictFaults } from './parse-json.js';

const faultOf = (text: string): string | undefined => parseJson(text).fault;
const duplicatesOf = (text: string) => parseJson(text, { findDuplicates: true }).duplicates?.map((each) => each.path);

describe('parseJson', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    [' \n ', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['{"a":1}}', "invalid character '}' after top-level value"],
    ['{}{}', "invalid character '{' after top-level value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['apiVersion: v1', "invalid character 'a' looking for beginning of value"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":+1}', "invalid character '+' looking for beginning of value"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[-]', "invalid character ']' in numeric literal"],
    ['[1.]', "invalid character ']' after decimal point in numeric literal"],
    ['[1e]', "invalid character ']' in exponent of numeric literal"],
    ['nul1', "invalid character '1' in literal null (expecting 'l')"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['Çx', "invalid character 'Ã' looking for beginning of value"],
    ['['.repeat(JSON_DEPTH_MAX + 1), "invalid character '[' exceeded max depth"],
  ])('refuses %.20j', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('keeps the spelling of numbers that a double does not give back', () => {
    const { value } = parseJson('[1.0,1e3,9007199254740993,99999999999999999999999,1e999,1.5,-0,9007199254740991]');
    expect(value).toEqual([
      ...['1.0', '1e3', '9007199254740993', '99999999999999999999999', '1e999'].map((each) => new NumberLiteral(each)),
      1.5,
      -0,
      9007199254740991,
    ]);
  });

  it('reads as deep as Go does, both ways', () => {
    const deep = (inner: string) => '['.repeat(JSON_DEPTH_MAX) + inner + ']'.repeat(JSON_DEPTH_MAX);
    expect(parseJson(deep('')).fault).toBeUndefined();
    expect(parseJson(deep('1.0'), { findDuplicates: true }).fault).toBeUndefined();
  });

  it('finds duplicate fields where they are, once each, and lets the last win', () => {
    const text = '{"spec":{"c":[{"i":1,"i":2,"i":3},{}],"c":[]},"a":"x:y","a":null}';
    expect(duplicatesOf(text)).toEqual(['spec.c[0].i', 'spec.c', 'a']);
    expect(parseJson(text).value).toEqual({ spec: { c: [] }, a: null });
    expect(duplicatesOf('{"a":"\\"b\\":1","b":[":"]}')).toEqual([]);
  });

  it('keeps __proto__ as data on both roads', () => {
    for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1.0}}']) {
      const { value } = parseJson(text);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.keys(value as object)).toEqual(['__proto__']);
    }
    expect(duplicatesOf('{"__proto__":1,"__proto__":2}')).toEqual(['__proto__']);
  });

  it('replaces halves of surrogate pairs, as Go does', () => {
    expect(parseJson('"\\ud83d\\ude00 \\ud83d \\ude00"').value).toBe('😀 \ufffd \ufffd');
  });

  it('agrees with JSON.parse on any JSON, and on what is none', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const { value } = parseJson(text, { findDuplicates: true });
        const plain = (each: unknown): unknown => (each instanceof NumberLiteral ? Number(each.text) : each);
        const reread = JSON.parse(JSON.stringify(value, (_, each: unknown) => plain(each))) as unknown;
        expect(reread).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}",:0-9.eE\-+truefalsn\\ ]{0,12}$/), (text) => {
        const isValid = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        expect(faultOf(text) === undefined).toBe(isValid);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('strictFaults', () => {
  it('orders unknown and duplicate fields as the document does', () => {
    const text =
      '{"kind":"ConfigMap","metadata":{"bogus":1,"labels":{"a":"1","a":"2"}},"data":{"k":"1","k":"2"},"spec":{"x":1,"x":2},"data2":1}';
    const { duplicates } = parseJson(text, { findDuplicates: true });
    expect(strictFaults(text, duplicates ?? [], ['metadata.bogus', 'spec', 'data2'])).toEqual([
      'unknown field "metadata.bogus"',
      'duplicate field "metadata.labels.a"',
      'duplicate field "data.k"',
      'unknown field "spec"',
      'unknown field "data2"',
    ]);
  });

  it('is the unknown fields when nothing is doubled', () => {
    expect(strictFaults('{"a":1}', [], ['a'])).toEqual(['unknown field "a"']);
  });
});
