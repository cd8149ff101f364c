import { goNumber } from '../../go-text.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import { runtimeTypeName } from '../values/kind-of.js';
import { ListValue } from '../values/list-value.js';
import { MapValue } from '../values/map-value.js';
import { Duration, Timestamp } from '../values/time-values.js';
import { TypeValue, Uint, type Value } from '../values/value.js';
import { typeText } from '../types.js';
import type { CallContext } from './function.js';
import { durationText, timestampText } from './time-text.js';

const CLAUSE = /%(?:%|(?:\.(\d+))?([sdfebxXo])|)/g;
const PRECISION_DEFAULT = 6;
const PRECISION_MAX = 100;

/** `"…%s…".format(args)` @throws CelError */
export function formatted(text: string, args: readonly Value[], context: CallContext): string {
  let next = 0;
  return text.replace(CLAUSE, (clause: string, precision: string | undefined, verb: string | undefined, at: number) => {
    if (clause === '%%') return '%';
    if (verb === undefined) {
      const odd = text[at + 1];
      throw new CelError(
        odd === undefined
          ? 'unexpected end of string'
          : `could not parse formatting clause: unrecognized formatting clause "${odd}"`,
      );
    }
    if (next >= args.length) throw new CelError(`index ${next} out of range`);
    const digits = precision === undefined ? PRECISION_DEFAULT : Math.min(Number(precision), PRECISION_MAX);
    return clauseText(verb, args[next++]!, { digits, context });
  });
}

interface ClauseOptions {
  readonly digits: number;
  readonly context: CallContext;
}

function clauseText(verb: string, value: Value, { digits, context }: ClauseOptions): string {
  switch (verb) {
    case 's':
      return plainText(value, context);
    case 'd':
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Uint) return String(value.value);
      if (typeof value === 'number' && !Number.isFinite(value)) return infinite(value);
      throw unfit('decimal clause can only be used on integers', value);
    case 'f':
    case 'e': {
      const number = numberOf(value, verb === 'f' ? 'fixed-point' : 'scientific');
      if (!Number.isFinite(number)) return infinite(number);
      return verb === 'f' ? number.toFixed(digits) : number.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
    }
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return wholeOf(value, 'binary clause can only be used on integers and bools').toString(2);
    case 'o':
      return wholeOf(value, 'octal clause can only be used on integers').toString(8);
    default: {
      const text = hexadecimal(value, context);
      return verb === 'X' ? text.toUpperCase() : text;
    }
  }
}

const unfit = (rule: string, value: Value): CelError =>
  new CelError(`error during formatting: ${rule}, was given ${runtimeTypeName(value)}`);

const infinite = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');

function numberOf(value: Value, clause: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  throw unfit(`${clause} clause can only be used on doubles`, value);
}

function wholeOf(value: Value, rule: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw unfit(rule, value);
}

function hexadecimal(value: Value, context: CallContext): string {
  if (typeof value === 'bigint') return value.toString(16);
  if (value instanceof Uint) return value.value.toString(16);
  const bytes = typeof value === 'string' ? context.encode(value) : value;
  if (!(bytes instanceof Uint8Array)) {
    throw unfit('only integers, byte buffers, and strings can be formatted as hex', value);
  }
  return Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('');
}

function plainText(value: Value, context: CallContext): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? goNumber(value) : infinite(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return typeText(value.type);
  if (value instanceof Extension) return value.text();
  if (value instanceof ListValue) return `[${Array.from(value, (each) => plainText(each, context)).join(', ')}]`;
  if (value instanceof MapValue) {
    const entries = Array.from(value.keys(), (key) => [plainText(key, context), value.get(key) ?? null] as const);
    entries.sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, each]) => `${key}: ${plainText(each, context)}`).join(', ')}}`;
  }
  if (value instanceof Uint8Array) return context.decode(value) ?? '';
  throw unfit(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}
