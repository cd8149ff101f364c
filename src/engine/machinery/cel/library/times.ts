import { DURATION, INT, STRING, TIMESTAMP } from '../types.js';
import { CelError } from '../values/cel-error.js';
import type { Duration, Timestamp } from '../values/time-values.js';
import type { Value } from '../values/value.js';
import { floorSeconds } from './conversions.js';
import { declare, member, type FunctionDeclaration, type Overload } from './function.js';

const NANOSECONDS = 1_000_000_000n;
const MILLISECOND = 1_000_000n;
const DAY_MS = 86_400_000;
const OFFSET = /^([+-]?)(\d{1,2}):(\d{2})$/;

/** A date whose UTC parts are the local ones. */
type Local = Date;
type Part = (local: Local) => number;

const part = (name: string, read: Part, ofDuration?: (nanoseconds: bigint) => bigint): FunctionDeclaration => {
  const overloads: Overload[] = [
    member<readonly [Timestamp]>([TIMESTAMP], INT, ([at]) => BigInt(read(localOf(at, 'UTC')))),
    member<readonly [Timestamp, string]>([TIMESTAMP, STRING], INT, ([at, zone]) => BigInt(read(localOf(at, zone)))),
  ];
  if (ofDuration !== undefined) {
    overloads.push(member<readonly [Duration]>([DURATION], INT, ([{ nanoseconds }]): Value => ofDuration(nanoseconds)));
  }
  return declare(name, ...overloads);
};

function localOf({ nanoseconds }: Timestamp, zone: string): Local {
  const seconds = Number(floorSeconds(nanoseconds));
  const rest = Number((((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS) / MILLISECOND);
  const utc = new Date(seconds * 1_000 + rest);
  if (zone === '' || zone === 'UTC') return utc;
  const match = OFFSET.exec(zone);
  if (match !== null) {
    const minutes = (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1);
    return new Date(utc.getTime() + minutes * 60_000);
  }
  return inNamedZone(utc, zone);
}

function inNamedZone(utc: Date, timeZone: string): Local {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const parts = new Map(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]));
    const local = new Date(0);
    local.setUTCFullYear(parts.get('year') ?? 0, (parts.get('month') ?? 1) - 1, parts.get('day') ?? 1);
    local.setUTCHours(
      parts.get('hour') ?? 0,
      parts.get('minute') ?? 0,
      parts.get('second') ?? 0,
      utc.getUTCMilliseconds(),
    );
    return local;
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(`unknown time zone ${timeZone}`);
    throw error;
  }
}

function dayOfYear(local: Local): number {
  const first = new Date(0);
  first.setUTCFullYear(local.getUTCFullYear(), 0, 1);
  return Math.floor((local.getTime() - first.getTime()) / DAY_MS);
}

export const times: readonly FunctionDeclaration[] = [
  part('getFullYear', (local) => local.getUTCFullYear()),
  part('getMonth', (local) => local.getUTCMonth()),
  part('getDate', (local) => local.getUTCDate()),
  part('getDayOfMonth', (local) => local.getUTCDate() - 1),
  part('getDayOfWeek', (local) => local.getUTCDay()),
  part('getDayOfYear', dayOfYear),
  part(
    'getHours',
    (local) => local.getUTCHours(),
    (length) => length / (3_600n * NANOSECONDS),
  ),
  part(
    'getMinutes',
    (local) => local.getUTCMinutes(),
    (length) => length / (60n * NANOSECONDS),
  ),
  part(
    'getSeconds',
    (local) => local.getUTCSeconds(),
    (length) => length / NANOSECONDS,
  ),
  part(
    'getMilliseconds',
    (local) => local.getUTCMilliseconds(),
    (length) => length / MILLISECOND,
  ),
];
