/** Text as Go prints it, because upstream's messages are Go's `%q`, `%v` and `json.Marshal` of what a client sent. */
import { NumberLiteral } from './schema/number-literal.js';

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};
const PRINTABLE_ASCII = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** `strconv.Quote`: double quotes, Go's escapes, printable Unicode as it is. */
export function goQuote(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return `"${text}"`;
  let quoted = '';
  for (const character of text) quoted += quotedCharacter(character);
  return `"${quoted}"`;
}

/** `encoding/json.Marshal`: as JSON.stringify, with `<`, `>`, `&` and the two line separators escaped. Key order is kept. */
export const goJson = (value: unknown): string =>
  jsonText(value).replace(/[<>&\u2028\u2029]/g, (character) => unicodeEscape(character));

/** `fmt.Sprintf("%v", number)` of an int64 or a float64. */
export function goNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const magnitude = Math.abs(value);
  const text = magnitude !== 0 && magnitude < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** JSON.stringify that knows big integers. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof NumberLiteral) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each)}`).join(',')}}`;
}

function quotedCharacter(character: string): string {
  const simple = SIMPLE_ESCAPES[character];
  if (simple !== undefined) return simple;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hexadecimal(code, 2)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code > 0xffff ? `\\U${hexadecimal(code, 8)}` : unicodeEscape(character);
}

const unicodeEscape = (character: string): string => `\\u${hexadecimal(character.charCodeAt(0), 4)}`;
const hexadecimal = (code: number, width: number): string => code.toString(16).padStart(width, '0');

/** The length in UTF-8, which is what Go's `len` of a string counts. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    const pair = code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (pair) index++;
    bytes += code < 0x800 ? 1 : 2;
  }
  return bytes;
}

/** `fmt.Sprintf("%v", value)` of decoded JSON: `map[a:1 b:[x <nil>]]`, keys sorted. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof NumberLiteral) return goNumber(Number(value.text));
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `map[${members.map(([key, each]) => `${key}:${goFormat(each)}`).join(' ')}]`;
}

/** The Go type of decoded JSON, as `%T` prints it. */
export function goTypeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (value instanceof NumberLiteral) return /^-?\d+$/.test(value.text) ? 'int64' : 'float64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** `fmt.Sprintf("%s", value)`: what is no string is marked as misused. */
export const goStringFormat = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value === null || value === undefined
      ? '%!s(<nil>)'
      : `%!s(${goTypeName(value)}=${goFormat(value)})`;
