import fc from 'fast-check';
import { schemaOfKind } from './built-in-schemas.js';
import { decode } from './decode.js';
import { JsonSyntaxError, parseJsonText } from './json-text.js';
import { NumberLiteral } from './number-literal.js';

const valueOf = (text: string) => parseJsonText(text).value;

function syntaxError(text: string): string {
  try {
    parseJsonText(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  throw new Error('the text parses');
}

describe('parseJsonText', () => {
  it('reads what JSON.stringify writes, however it is spaced', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\t\n'), (text, space) => {
        const spaced = `${space}${JSON.stringify(JSON.parse(text), undefined, space)}${space}`;
        expect(JSON.stringify(valueOf(spaced))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('takes and refuses the same texts as JSON.parse', () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '.5', 'e2', 'true', 'nul', ' ', '\\u00', '0'),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) expect(() => parseJsonText(text)).not.toThrow();
        else expect(() => parseJsonText(text)).toThrow(JsonSyntaxError);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps spellings that a number would lose', () => {
    expect(valueOf('[1, 1.0, 1e3, -0, 0.5, 9007199254740993, 99999999999999999999]')).toEqual([
      1,
      new NumberLiteral('1.0'),
      new NumberLiteral('1e3'),
      new NumberLiteral('-0'),
      0.5,
      9007199254740993n,
      new NumberLiteral('99999999999999999999'),
    ]);
  });

  it('reads nesting to the limit, and no deeper', () => {
    const nested = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(() => parseJsonText(nested(9_999))).not.toThrow();
    expect(syntaxError(nested(10_000))).toBe("invalid character '[' exceeded max depth");
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":+1}', "invalid character '+' looking for beginning of value"],
    ['{"a":1}}', "invalid character '}' after top-level value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a" "b"}', "invalid character '\"' after object key"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['[tru]', "invalid character ']' in literal true (expecting 'e')"],
    ['[1.]', "invalid character ']' after decimal point in numeric literal"],
    ['[1e]', "invalid character ']' in exponent of numeric literal"],
    ['[-]', "invalid character ']' in numeric literal"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ])('says of %j what Go says', (text, message) => {
    expect(syntaxError(text)).toBe(message);
  });
});

describe('repeated fields', () => {
  const warningsOf = (text: string) => {
    const { value, repeated } = parseJsonText(text);
    const schema = schemaOfKind('', 'v1', 'Pod');
    return schema === undefined ? [] : decode(schema, value, { strict: true, repeated }).warnings;
  };

  it('are reported with the unknown ones in document order, and the last wins', () => {
    const text =
      '{"kind":"Pod","kind":"Pod","metadata":{"bogus":1,"bogus":2,"labels":{"a":"b","a":"c"}},"spec":{"containers":[{"name":"a","name":"b"}],"containers":[]},"zz":1}';
    expect(warningsOf(text)).toEqual([
      'duplicate field "kind"',
      'unknown field "metadata.bogus"',
      'duplicate field "metadata.labels.a"',
      'duplicate field "spec.containers[0].name"',
      'duplicate field "spec.containers"',
      'unknown field "zz"',
    ]);
    expect(valueOf(text)).toMatchObject({ metadata: { labels: { a: 'c' } }, spec: { containers: [] } });
  });

  it('are none where keys merely look like indexes', () => {
    expect(warningsOf('{"metadata":{"annotations":{"10":"a","2":"b"}}}')).toEqual([]);
  });
});
