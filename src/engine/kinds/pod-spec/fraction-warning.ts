import { goQuote } from '../../machinery/go-text.js';
import { quantityMilliValue } from '../../machinery/quantity.js';

const MILLI = 1_000;

/** There are no parts of a byte. */
export const isFraction = (amount: string | undefined): amount is string =>
  amount !== undefined && quantityMilliValue(amount) % MILLI !== 0;

export const fractionWarning = (path: string, amount: string): string =>
  `${path}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`;
