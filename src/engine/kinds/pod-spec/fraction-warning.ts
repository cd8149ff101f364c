import { goQuote } from '../../machinery/go-text.js';
import { quantityMilliValue } from '../../machinery/quantity.js';

const MILLI = 1_000;

/** There are no parts of a byte. `undefined` where the amount is whole, or not given. */
export const fractionWarning = (path: string, amount: string | undefined): string | undefined =>
  amount === undefined || quantityMilliValue(amount) % MILLI === 0
    ? undefined
    : `${path}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`;
