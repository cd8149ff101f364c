import { goQuote } from '../../machinery/go-text.js';
import type { StatusError } from '../../machinery/status-error.js';
import { timeout, unknownError } from '../../machinery/status-error.js';

const UINT64_MAX = 18_446_744_073_709_551_615n;
const RETRY_SECONDS = 1;

/** The revision that a `resourceVersion` names; 0 for none. @throws StatusError 500, as upstream's reads of one object do. */
export function parseResourceVersion(text: string): number {
  if (text === '' || text === '0') return 0;
  const fault = `resourceVersion: Invalid value: ${goQuote(text)}: strconv.ParseUint: parsing ${goQuote(text)}`;
  if (!/^\d+$/.test(text)) throw unknownError(`${fault}: invalid syntax`);
  if (BigInt(text) > UINT64_MAX) throw unknownError(`${fault}: value out of range`);
  return Number(text);
}

/** The wanted revision is still to come: 504, with the advice to try again. */
export const tooLargeResourceVersion = (wanted: string, current: number): StatusError =>
  timeout(`Too large resource version: ${BigInt(wanted)}, current: ${current}`, RETRY_SECONDS, [
    { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
  ]);
