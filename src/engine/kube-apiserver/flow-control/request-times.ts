import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { Query } from '../query.js';

/** `--request-timeout`: a request may wait for a quarter of its time. */
const REQUEST_TIMEOUT_MS = 60_000;
const WAITING_PART = 4;
const LONG_RUNNING: readonly string[] = ['attach', 'exec', 'proxy', 'log', 'portforward'];
const LONG_RUNNING_PATH = /\/(?:attach|exec|proxy|log|portforward)(?:\/|$)/;
const DURATION = /^\+?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
const DURATION_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** What upstream never queues nor counts: sessions and what is proxied, which go on for as long as they like. */
export const isLongRunning = ({ isResource, verb, subresource }: AuthorizationAttributes): boolean =>
  isResource && (verb === 'proxy' || LONG_RUNNING.includes(subresource));

/** Whether a look at what is asked for is worth it. */
export const mayBeLongRunning = (path: string): boolean => LONG_RUNNING_PATH.test(path);

/** How long a request may wait in a queue, in milliseconds. */
export function waitLimitOf({ verb }: AuthorizationAttributes, query: Query): number {
  const asked = verb === 'watch' ? undefined : milliseconds(query.get('timeout') ?? '');
  const isShorter = asked !== undefined && asked > 0 && asked < REQUEST_TIMEOUT_MS;
  return (isShorter ? asked : REQUEST_TIMEOUT_MS) / WAITING_PART;
}

/** `time.ParseDuration`; `undefined` for what is none, or not positive. */
function milliseconds(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let sum = 0;
  for (const [, count = '', unit = ''] of text.matchAll(DURATION_PART)) sum += Number(count) * UNIT_MS[unit]!;
  return sum;
}
