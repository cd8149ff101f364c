import { goNumber } from '../../go-text.js';
import * as types from '../types.js';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, UINT, type Type } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { runtimeType } from '../values/kind-of.js';
import { ListValue } from '../values/list-value.js';
import { MapValue } from '../values/map-value.js';
import type { Duration, Timestamp } from '../values/time-values.js';
import { TypeValue, type Uint, type Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration, type Overload } from './function.js';
import { intWithin, uintWithin } from './operators.js';
import { durationText, parseDuration, parseTimestamp, timestampText } from './time-text.js';
import { timestampWithin } from './time-limits.js';

const NANOSECONDS = 1_000_000_000n;
const A = types.parameter('A');
const WHOLE = /^[+-]?\d+$/;
const DIGITS = /^\d+$/;
const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;
const TRUE: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

const same = (type: Type): Overload => overload<readonly [Value]>([type], type, ([value]) => value);
const fault = (from: string, to: string): CelError => new CelError(`type conversion error from '${from}' to '${to}'`);

function wholeOf(value: number, range: { readonly min: number; readonly max: number; readonly fault: string }): bigint {
  if (Number.isNaN(value) || value <= range.min || value >= range.max) throw new CelError(range.fault);
  return BigInt(Math.trunc(value));
}
const OF_INT = { min: -(2 ** 63), max: 2 ** 63, fault: 'integer overflow' };
const OF_UINT = { min: -1, max: 2 ** 64, fault: 'unsigned integer overflow' };

const toInt = declare(
  'int',
  same(INT),
  overload<readonly [Uint]>([UINT], INT, ([{ value }]) => intWithin(value)),
  overload<readonly [number]>([DOUBLE], INT, ([value]) => wholeOf(value, OF_INT)),
  overload<readonly [string]>([STRING], INT, ([text]) => {
    if (!WHOLE.test(text)) throw fault('string', 'int');
    const value = BigInt(text.replace(/^\+/, ''));
    if (value !== BigInt.asIntN(64, value)) throw fault('string', 'int');
    return value;
  }),
  overload<readonly [Timestamp]>([TIMESTAMP], INT, ([{ nanoseconds }]) => floorSeconds(nanoseconds)),
  overload<readonly [Duration]>([DURATION], INT, ([{ nanoseconds }]) => nanoseconds),
);

export const floorSeconds = (nanoseconds: bigint): bigint => {
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return (nanoseconds - rest) / NANOSECONDS;
};

const toUint = declare(
  'uint',
  same(UINT),
  overload<readonly [bigint]>([INT], UINT, ([value]) => uintWithin(value)),
  overload<readonly [number]>([DOUBLE], UINT, ([value]) => uintWithin(value < 0 ? -1n : wholeOf(value, OF_UINT))),
  overload<readonly [string]>([STRING], UINT, ([text]) => {
    if (!DIGITS.test(text) || BigInt(text) >= 2n ** 64n) throw fault('string', 'uint');
    return uintWithin(BigInt(text));
  }),
);

const toDouble = declare(
  'double',
  same(DOUBLE),
  overload<readonly [bigint]>([INT], DOUBLE, ([value]) => Number(value)),
  overload<readonly [Uint]>([UINT], DOUBLE, ([{ value }]) => Number(value)),
  overload<readonly [string]>([STRING], DOUBLE, ([text]) => {
    if (!DECIMAL.test(text)) throw fault('string', 'double');
    if (/n$|y$|f$/i.test(text)) return /nan/i.test(text) ? NaN : text.startsWith('-') ? -Infinity : Infinity;
    return Number(text);
  }),
);

const toBool = declare(
  'bool',
  same(BOOL),
  overload<readonly [string]>([STRING], BOOL, ([text]) => {
    if (TRUE.includes(text)) return true;
    if (FALSE.includes(text)) return false;
    throw fault('string', 'bool');
  }),
);

const toText = declare(
  'string',
  same(STRING),
  overload<readonly [bigint]>([INT], STRING, ([value]) => String(value)),
  overload<readonly [Uint]>([UINT], STRING, ([{ value }]) => String(value)),
  overload<readonly [number]>([DOUBLE], STRING, ([value]) => goNumber(value)),
  overload<readonly [boolean]>([BOOL], STRING, ([value]) => String(value)),
  overload<readonly [Timestamp]>([TIMESTAMP], STRING, ([value]) => timestampText(value)),
  overload<readonly [Duration]>([DURATION], STRING, ([value]) => durationText(value)),
  overload<readonly [Uint8Array]>([BYTES], STRING, ([bytes], context) => {
    const text = context.decode(bytes);
    if (text === undefined) throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
    return text;
  }),
);

const toBytes = declare(
  'bytes',
  same(BYTES),
  overload<readonly [string]>([STRING], BYTES, ([text], context) => context.encode(text)),
);

const toTimestamp = declare(
  'timestamp',
  same(TIMESTAMP),
  overload<readonly [bigint]>([INT], TIMESTAMP, ([seconds]) => timestampWithin(seconds * NANOSECONDS)),
  overload<readonly [string]>([STRING], TIMESTAMP, ([text]) => {
    const parsed = parseTimestamp(text);
    if (parsed === undefined) throw fault('string', 'google.protobuf.Timestamp');
    return parsed;
  }),
);

const toDuration = declare(
  'duration',
  same(DURATION),
  overload<readonly [string]>([STRING], DURATION, ([text]) => {
    const parsed = parseDuration(text);
    if (parsed === undefined) throw fault('string', 'google.protobuf.Duration');
    return parsed;
  }),
);

/** Code points, as CEL counts the length of a string. */
export function textLength(text: string): number {
  let length = text.length;
  for (let position = 0; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    if (unit >= 0xdc00 && unit <= 0xdfff) length--;
  }
  return length;
}

function sizeOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(textLength(value));
  if (value instanceof Uint8Array || value instanceof ListValue) return BigInt(value.length);
  return value instanceof MapValue ? BigInt(value.size) : 0n;
}

const SIZED: readonly Type[] = [STRING, BYTES, types.listOf(A), types.mapOf(A, types.parameter('B'))];

export const conversions: readonly FunctionDeclaration[] = [
  toBool,
  toBytes,
  toDouble,
  toDuration,
  toInt,
  toText,
  toTimestamp,
  toUint,
  declare(
    'dyn',
    overload<readonly [Value]>([A], DYN, ([value]) => value),
  ),
  declare(
    'type',
    overload<readonly [Value]>([A], types.typeOf(A), ([value]) => new TypeValue(runtimeType(value))),
  ),
  declare(
    'size',
    ...SIZED.map((type) => overload<readonly [Value]>([type], INT, ([value]) => sizeOf(value))),
    ...SIZED.map((type) => member<readonly [Value]>([type], INT, ([value]) => sizeOf(value))),
  ),
];
