import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  quantityFault,
  quantityOf,
  subtractQuantity,
  type Quantity,
} from '../../quantity.js';
import { BOOL, DOUBLE, INT, STRING, opaque } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import type { Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';

export const QUANTITY = opaque('kubernetes.Quantity');
const INT64_MAX = 2n ** 63n - 1n;

class QuantityValue extends Extension {
  override readonly type = QUANTITY;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  override equals(other: Value): boolean {
    return other instanceof QuantityValue && compareQuantity(this.quantity, other.quantity) === 0;
  }

  override text(): string {
    return formatQuantity(this.quantity);
  }
}

/** Throws a CelError for a text that is none. */
export function quantityFromText(text: string): QuantityValue {
  const quantity = parseQuantity(text);
  if (quantity === undefined || text !== text.trim()) throw new CelError(quantityFault(text) ?? 'not a quantity');
  return new QuantityValue(quantity);
}

/** `undefined` where it is no whole number, or none that an int can hold. */
function wholeOf({ unscaled, scale }: Quantity): bigint | undefined {
  const divisor = scale < 0 ? 10n ** BigInt(-scale) : 1n;
  if (unscaled % divisor !== 0n) return undefined;
  const whole = scale < 0 ? unscaled / divisor : unscaled * 10n ** BigInt(Math.min(scale, 40));
  return whole > INT64_MAX || whole < -INT64_MAX - 1n ? undefined : whole;
}

function integerOf({ quantity }: QuantityValue): bigint {
  const whole = wholeOf(quantity);
  if (whole === undefined) throw new CelError('cannot convert value to integer');
  return whole;
}

type One = readonly [QuantityValue];
type Two = readonly [QuantityValue, QuantityValue];
type WithInt = readonly [QuantityValue, bigint];

export const quantities: readonly FunctionDeclaration[] = [
  declare(
    'quantity',
    overload<readonly [string]>([STRING], QUANTITY, ([text]) => quantityFromText(text)),
  ),
  declare(
    'isQuantity',
    overload<readonly [string]>([STRING], BOOL, ([text]) => text === text.trim() && parseQuantity(text) !== undefined),
  ),
  declare(
    'sign',
    overload<One>([QUANTITY], INT, ([{ quantity }]) => signOf(quantity)),
  ),
  declare(
    'isGreaterThan',
    member<Two>([QUANTITY, QUANTITY], BOOL, ([a, b]) => compareQuantity(a.quantity, b.quantity) > 0),
  ),
  declare(
    'isLessThan',
    member<Two>([QUANTITY, QUANTITY], BOOL, ([a, b]) => compareQuantity(a.quantity, b.quantity) < 0),
  ),
  declare(
    'compareTo',
    member<Two>([QUANTITY, QUANTITY], INT, ([a, b]) => BigInt(Math.sign(compareQuantity(a.quantity, b.quantity)))),
  ),
  declare(
    'asApproximateFloat',
    member<One>([QUANTITY], DOUBLE, ([{ quantity }]) => Number(`${quantity.unscaled}e${quantity.scale}`)),
  ),
  declare(
    'asInteger',
    member<One>([QUANTITY], INT, ([value]) => integerOf(value)),
  ),
  declare(
    'isInteger',
    member<One>([QUANTITY], BOOL, ([{ quantity }]) => wholeOf(quantity) !== undefined),
  ),
  declare(
    'add',
    member<Two>([QUANTITY, QUANTITY], QUANTITY, ([a, b]) => new QuantityValue(addQuantity(a.quantity, b.quantity))),
    member<WithInt>([QUANTITY, INT], QUANTITY, ([a, b]) => new QuantityValue(addQuantity(a.quantity, quantityOf(b)))),
  ),
  declare(
    'sub',
    member<Two>(
      [QUANTITY, QUANTITY],
      QUANTITY,
      ([a, b]) => new QuantityValue(subtractQuantity(a.quantity, b.quantity)),
    ),
    member<WithInt>(
      [QUANTITY, INT],
      QUANTITY,
      ([a, b]) => new QuantityValue(subtractQuantity(a.quantity, quantityOf(b))),
    ),
  ),
];

const signOf = ({ unscaled }: Quantity): bigint => (unscaled > 0n ? 1n : unscaled < 0n ? -1n : 0n);
