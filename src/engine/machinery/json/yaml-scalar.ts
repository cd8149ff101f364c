import { NumberLiteral } from '../schema/number-literal.js';
import type { ParsedValue } from '../structure.js';

const TRUE = ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const FALSE = ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];
const NULL = ['', '~', 'null', 'Null', 'NULL'];
const INFINITY = /^[-+]?\.(inf|Inf|INF)$/;
const NAN = ['.nan', '.NaN', '.NAN'];
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;

/**
 * What a plain scalar means to go-yaml 2, which is YAML 1.1 with exceptions: `yes`, `on` and `y` are true, `0o17` and `017` are
 * 15, `12:30` is no number and a date is a string. Infinities are numbers here, for the caller to refuse.
 */
export function resolvePlainScalar(text: string): ParsedValue {
  if (NULL.includes(text)) return null;
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  if (INFINITY.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (NAN.includes(text)) return NaN;
  if (!/^[-+.0-9]/.test(text)) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  return integer(plain) ?? (FLOAT.test(plain) ? Number(plain) : text);
}

/** As `strconv.ParseInt` of base 0; `undefined` beyond 64 bits, where a float takes over. */
function integer(text: string): ParsedValue | undefined {
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  const value = sign === '-' ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : new NumberLiteral(value.toString());
}

/** The text that base64 holds, read as UTF-8; `undefined` for what is no base64. */
export function textOfBase64(source: string): string | undefined {
  const text = source.replace(/[\r\n]/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let escaped = '';
  let [bits, count] = [0, 0];
  for (const character of text.replace(/=+$/, '')) {
    bits = ((bits << 6) | alphabet.indexOf(character)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    escaped += `%${((bits >> count) & 0xff).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined; // No UTF-8, so no JSON string either.
  }
}
