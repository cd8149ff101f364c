import { BOOL, INT, STRING, listOf } from '../types.js';
import { CelError } from '../values/cel-error.js';
import type { ListValue } from '../values/list-value.js';
import { ArrayList } from '../values/list-value.js';
import type { Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';
import { formatted } from './text-format.js';
import { DYN } from '../types.js';

const STRINGS = listOf(STRING);
const SPACE = /\p{White_Space}/u;
const QUOTES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const BEYOND_PLAIN = /[\ud800-\udfff]/;

/** By code points: a text that has no characters beyond the plain plane is its own list. */
const charactersOf = (text: string): string | readonly string[] => (BEYOND_PLAIN.test(text) ? [...text] : text);

type Search = readonly [text: string, wanted: string, from: bigint];

function indexOf([text, wanted, from]: Search): bigint {
  const characters = [...text];
  if (from < 0n) throw outOfRange(from);
  if (wanted === '') return from;
  if (from > BigInt(characters.length)) return -1n;
  const at = characters.slice(Number(from)).join('').indexOf(wanted);
  if (at < 0) return -1n;
  return from + BigInt([...characters.slice(Number(from)).join('').slice(0, at)].length);
}

function lastIndexOf([text, wanted, from]: Search): bigint {
  const characters = [...text];
  if (from < 0n || from > BigInt(characters.length)) throw outOfRange(from);
  if (wanted === '') return from;
  const parts = [...wanted];
  for (let at = Math.min(Number(from), characters.length - parts.length); at >= 0; at--) {
    if (parts.every((each, offset) => characters[at + offset] === each)) return BigInt(at);
  }
  return -1n;
}

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${index}`);

function substring(text: string, from: bigint, to: bigint | undefined): string {
  const characters = charactersOf(text);
  const length = BigInt(characters.length);
  const end = to ?? length;
  if (end < 0n || end > length) throw outOfRange(end);
  if (from < 0n || from > length) throw outOfRange(from);
  if (from > end) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  const part = characters.slice(Number(from), Number(end));
  return typeof part === 'string' ? part : part.join('');
}

function replaced(text: string, [from, to]: readonly [string, string], times: bigint): string {
  if (times === 0n) return text;
  const pieces = from === '' ? [...text] : text.split(from);
  if (from === '') return aroundAll(pieces, to, times);
  const kept = times < 0n ? pieces.length - 1 : Math.min(Number(times), pieces.length - 1);
  return (
    pieces.slice(0, kept + 1).join(to) +
    pieces
      .slice(kept + 1)
      .map((each) => from + each)
      .join('')
  );
}

function aroundAll(characters: readonly string[], to: string, times: bigint): string {
  const most = times < 0n ? characters.length + 1 : Math.min(Number(times), characters.length + 1);
  return (
    characters.map((each, index) => (index < most ? to + each : each)).join('') + (most > characters.length ? to : '')
  );
}

function split(text: string, separator: string, limit: bigint): ListValue {
  if (limit === 0n) return new ArrayList([]);
  if (limit === 1n) return new ArrayList([text]);
  const pieces = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(pieces.length) <= limit) return new ArrayList(pieces);
  const head = pieces.slice(0, Number(limit) - 1);
  return new ArrayList([...head, pieces.slice(Number(limit) - 1).join(separator)]);
}

function joined(list: ListValue, separator: string): string {
  const texts: string[] = [];
  for (const each of list) {
    if (typeof each !== 'string') throw new CelError('no such overload');
    texts.push(each);
  }
  return texts.join(separator);
}

/** By hand: a pattern for white space at the end would look for it behind every space. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text[start]!)) start++;
  while (end > start && SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

const quoted = (text: string): string => `"${[...text].map((each) => QUOTES[each] ?? each).join('')}"`;
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (each) => each.toLowerCase());
const asciiUpper = (text: string): string => text.replace(/[a-z]/g, (each) => each.toUpperCase());

type Two = readonly [string, string];

export const strings: readonly FunctionDeclaration[] = [
  declare(
    'contains',
    member<Two>([STRING, STRING], BOOL, ([text, part]) => text.includes(part)),
  ),
  declare(
    'startsWith',
    member<Two>([STRING, STRING], BOOL, ([text, part]) => text.startsWith(part)),
  ),
  declare(
    'endsWith',
    member<Two>([STRING, STRING], BOOL, ([text, part]) => text.endsWith(part)),
  ),
  declare(
    'matches',
    overload<Two>([STRING, STRING], BOOL, ([text, pattern], context) => context.regex(pattern).test(text)),
    member<Two>([STRING, STRING], BOOL, ([text, pattern], context) => context.regex(pattern).test(text)),
  ),
  declare(
    'charAt',
    member<readonly [string, bigint]>([STRING, INT], STRING, ([text, index]) => {
      const characters = charactersOf(text);
      if (index < 0n || index > BigInt(characters.length)) throw outOfRange(index);
      return characters[Number(index)] ?? '';
    }),
  ),
  declare(
    'indexOf',
    member<Two>([STRING, STRING], INT, ([text, wanted]) => indexOf([text, wanted, 0n])),
    member<Search>([STRING, STRING, INT], INT, indexOf),
  ),
  declare(
    'lastIndexOf',
    member<Two>([STRING, STRING], INT, ([text, wanted]) => lastIndexOf([text, wanted, BigInt([...text].length)])),
    member<Search>([STRING, STRING, INT], INT, lastIndexOf),
  ),
  declare(
    'join',
    member<readonly [ListValue]>([STRINGS], STRING, ([list]) => joined(list, '')),
    member<readonly [ListValue, string]>([STRINGS, STRING], STRING, ([list, separator]) => joined(list, separator)),
  ),
  declare(
    'lowerAscii',
    member<readonly [string]>([STRING], STRING, ([text]) => asciiLower(text)),
  ),
  declare(
    'upperAscii',
    member<readonly [string]>([STRING], STRING, ([text]) => asciiUpper(text)),
  ),
  declare(
    'trim',
    member<readonly [string]>([STRING], STRING, ([text]) => trimmed(text)),
  ),
  declare(
    'replace',
    member<readonly [string, string, string]>([STRING, STRING, STRING], STRING, ([text, from, to]) =>
      replaced(text, [from, to], -1n),
    ),
    member<readonly [string, string, string, bigint]>(
      [STRING, STRING, STRING, INT],
      STRING,
      ([text, from, to, times]) => replaced(text, [from, to], times),
    ),
  ),
  declare(
    'split',
    member<Two>([STRING, STRING], STRINGS, ([text, separator]) => split(text, separator, -1n)),
    member<readonly [string, string, bigint]>([STRING, STRING, INT], STRINGS, ([text, separator, limit]) =>
      split(text, separator, limit),
    ),
  ),
  declare(
    'substring',
    member<readonly [string, bigint]>([STRING, INT], STRING, ([text, from]) => substring(text, from, undefined)),
    member<readonly [string, bigint, bigint]>([STRING, INT, INT], STRING, ([text, from, to]) =>
      substring(text, from, to),
    ),
  ),
  declare(
    'strings.quote',
    overload<readonly [string]>([STRING], STRING, ([text]) => quoted(text)),
  ),
  declare(
    'format',
    member<readonly [string, ListValue]>([STRING, listOf(DYN)], STRING, ([text, args], context) =>
      formatted(text, [...args] as readonly Value[], context),
    ),
  ),
];
