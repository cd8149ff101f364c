/** Mirrors `string.format` of cel-go's string functions in version 2, which is the one that Kubernetes keeps. */
import { goNumber, goQuote } from '../../go-text.js';
import { typeText } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { runtimeTypeName } from '../values/kind-of.js';
import { ListValue } from '../values/list-value.js';
import { MapValue } from '../values/map-value.js';
import { Duration, Timestamp } from '../values/time-values.js';
import { TypeValue, Uint, type Value } from '../values/value.js';
import type { CallContext } from './function.js';
import { localFixed, localScientific } from './local-numbers.js';
import { durationText, timestampText } from './time-text.js';

const PRECISION_DEFAULT = 6;
const PRECISION_MAX = 100;
const PRECISION = /\.(\d*)/y;
const VERBS = 'sdfebxXo';

export type Verb = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';

/** `%.2f`: digits are 6 where none are asked for. */
export interface Clause {
  readonly verb: Verb;
  readonly digits: number;
}

/** `"…%s…".format(args)` @throws CelError */
export function formatted(text: string, args: readonly Value[], context: CallContext): string {
  return interpolated(text, args.length, (clause, index) => clauseText(clause, args[index]!, context));
}

/** The text with what is given in place of its clauses. @throws CelError for a clause that is none or has no argument */
export function interpolated(text: string, count: number, give: (clause: Clause, index: number) => string): string {
  let made = '';
  let next = 0;
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf('%', at);
    if (percent < 0) break;
    made += text.slice(at, percent);
    if (text[percent + 1] === '%') {
      made += '%';
      at = percent + 2;
      continue;
    }
    const { clause, end } = clauseAt(text, percent + 1);
    if (next >= count) throw new CelError(`index ${next} out of range`);
    made += give(clause, next++);
    at = end;
  }
  return made + text.slice(at);
}

function clauseAt(text: string, start: number): { readonly clause: Clause; readonly end: number } {
  if (start >= text.length) throw new CelError('unexpected end of string');
  PRECISION.lastIndex = start;
  const precision = PRECISION.exec(text);
  const at = start + (precision?.[0].length ?? 0);
  const verb = [...text.slice(at, at + 2)][0];
  if (verb === undefined) {
    const why = 'error while parsing precision: could not find end of precision specifier';
    throw new CelError(`could not parse formatting clause: ${why}`);
  }
  if (!isVerb(verb)) {
    throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
  const asked = precision?.[1] ?? '';
  return {
    clause: { verb, digits: asked === '' ? PRECISION_DEFAULT : Math.min(Number(asked), PRECISION_MAX) },
    end: at + 1,
  };
}

const isVerb = (text: string): text is Verb => VERBS.includes(text);

function clauseText({ verb, digits }: Clause, value: Value, context: CallContext): string {
  switch (verb) {
    case 's':
      return plainText(value, context);
    case 'd':
      return String(wholeOf(value, verb));
    case 'f':
      return localFixed(numberOf(value, verb), digits);
    case 'e':
      return localScientific(numberOf(value, verb), digits);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return wholeOf(value, verb).toString(2);
    case 'o':
      return wholeOf(value, verb).toString(8);
    case 'x':
      return hexadecimal(value, context);
    case 'X':
      return hexadecimal(value, context).toUpperCase();
  }
}

const RULES: Readonly<Record<Verb, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'binary clause can only be used on integers and bools',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

/** What is said of an argument that a clause cannot show. */
export const unfitText = (verb: Verb, typeName: string): string =>
  `error during formatting: ${RULES[verb]}, was given ${typeName}`;

const unfit = (verb: Verb, value: Value): CelError => new CelError(unfitText(verb, runtimeTypeName(value)));

const NUMBER_TEXTS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function numberOf(value: Value, verb: Verb): number {
  if (typeof value === 'number') return value;
  const named = typeof value === 'string' && Object.hasOwn(NUMBER_TEXTS, value) ? NUMBER_TEXTS[value] : undefined;
  if (named === undefined) throw unfit(verb, value);
  return named;
}

function wholeOf(value: Value, verb: Verb): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw unfit(verb, value);
}

function hexadecimal(value: Value, context: CallContext): string {
  if (typeof value === 'bigint') return value.toString(16);
  if (value instanceof Uint) return value.value.toString(16);
  const bytes = typeof value === 'string' ? context.encode(value) : value;
  if (!(bytes instanceof Uint8Array)) throw unfit('x', value);
  return Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('');
}

function plainText(value: Value, context: CallContext): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'number') return goNumber(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return typeText(value.type).replace(/\(.*/s, '');
  if (value instanceof ListValue) return `[${Array.from(value, (each) => nestedText(each, context)).join(', ')}]`;
  if (value instanceof MapValue) return mapText(value, context);
  if (value instanceof Uint8Array) return context.decode(value) ?? '';
  throw unfit('s', value);
}

function mapText(map: MapValue, context: CallContext): string {
  const entries = Array.from(map.keys(), (key) => {
    if (typeof key === 'number') throw new CelError('no formatting function for map key of type double');
    return [nestedText(key, context), nestedText(map.get(key) ?? null, context)] as const;
  });
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, each]) => `${key}:${each}`).join(', ')}}`;
}

/** Within a container values look as literals do. */
function nestedText(value: Value, context: CallContext): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return '"NaN"';
    return Number.isFinite(value) ? value.toFixed(PRECISION_DEFAULT) : `"${value > 0 ? '+' : '-'}Inf"`;
  }
  if (value instanceof Uint8Array) return `b${goQuote(plainText(value, context))}`;
  if (value instanceof Timestamp) return `timestamp(${goQuote(timestampText(value))})`;
  if (value instanceof Duration) return `duration(${goQuote(durationText(value))})`;
  return plainText(value, context);
}
