import type { IntOrString } from './api/runtime.js';
import { goQuote } from './go-text.js';

const INTEGER = /^[+-]?\d+$/;
const PERCENT_FORMAT = '[0-9]+%';

/**
 * The count that a value stands for. A percentage is taken of `total`. The error is upstream's
 * `GetScaledValueFromIntOrPercent`'s, for a text that is no percentage.
 */
export function scaledCount(
  value: IntOrString,
  total: number,
  rounding: 'up' | 'down',
): { readonly count: number; readonly error?: undefined } | { readonly count?: undefined; readonly error: string } {
  if (typeof value === 'number') return { count: value };
  if (!value.endsWith('%')) {
    return { error: 'invalid value for IntOrString: invalid type: string is not a percentage' };
  }
  const digits = value.slice(0, -1);
  if (!INTEGER.test(digits)) {
    const cause = `strconv.Atoi: parsing ${goQuote(digits)}: invalid syntax`;
    return { error: `invalid value for IntOrString: invalid value ${goQuote(value)}: ${cause}` };
  }
  const exact = (Number(digits) * total) / 100;
  return { count: rounding === 'up' ? Math.ceil(exact) : Math.floor(exact) };
}

/** Upstream's messages for a text that is no percentage; empty for one that is. */
export const percentFaults = (text: string): readonly string[] =>
  /^[0-9]+%$/.test(text)
    ? []
    : [
        `a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '${PERCENT_FORMAT}')`,
      ];
