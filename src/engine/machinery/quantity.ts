/**
 * Mirrors apimachinery's `resource.Quantity`: exact decimal numbers with SI, binary or exponent suffixes. Left out: the cache
 * of scaled int64 forms, whose only visible trace, that a text which is canonical enough is kept as it was written, is here.
 */
import { assert } from '../kernel/assert.js';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** `unscaled * 10^scale`. `text` is the form as written, where upstream would repeat that instead of its canonical form. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  readonly text?: string;
}

export const QUANTITY_FORMAT_MESSAGE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_MESSAGE = 'unable to parse numeric part of quantity';
const SUFFIX_MESSAGE = "unable to parse quantity's suffix";

const INT64_MAX = 9_223_372_036_854_775_807n;
/** Finest step that is kept: 10^-9. What is finer rounds up, so that who asks for something gets something. */
const SCALE_MIN = -9;
const EXACT_DIGITS_MAX = 18;
/** Longer numbers are refused: their exact arithmetic costs more than a request may. Upstream has no bound but the body's. */
const TEXT_LENGTH_MAX = 1_000;
/** Powers of ten beyond this are compared by magnitude and saturate as integers, never expanded. */
const EXPANDED_SCALE_MAX = 2_000;

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_EXPONENTS: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_SUFFIXES: ReadonlyMap<number, string> = new Map(
  Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]),
);
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Digits that canonical texts may begin with whatever they are, and most quantities of most clusters do. */
const PLAIN_DIGITS_MAX = 3;
const ZERO_CODE = 48;

/** `undefined` for a text that is no quantity; `quantityFault` says why. Surrounding space is ignored, as upstream's decoder does. */
export function parseQuantity(source: string | number): Quantity | undefined {
  const parsed = parse(String(source).trim());
  return typeof parsed === 'string' ? undefined : parsed;
}

/** Upstream's words for a text that is no quantity. */
export function quantityFault(source: string | number): string | undefined {
  const parsed = parse(String(source).trim());
  return typeof parsed === 'string' ? parsed : undefined;
}

/** The form in which the API server stores and answers: `1000` → `1k`, `0.5` → `500m`, `1024Ki` → `1Mi`. */
export function canonicalQuantity(source: string | number): string | undefined {
  if (typeof source === 'string' && plainMilliValue(source) >= 0) return source;
  const quantity = parseQuantity(source);
  return quantity === undefined ? undefined : formatQuantity(quantity);
}

export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.unscaled === 0n) return '0';
  if (quantity.format === 'BinarySI' && magnitudeIsLarge(quantity)) {
    const whole = roundUpQuantity(quantity, 0);
    if (compareQuantity(whole, quantity) === 0) return formatBinary(expanded(whole));
  }
  return formatDecimal(quantity);
}

/** A whole number of `10^scale`: `quantityOf(5)`, `quantityOf(250, 'DecimalSI', -3)`. */
export const quantityOf = (value: number | bigint, format: QuantityFormat = 'DecimalSI', scale = 0): Quantity => ({
  unscaled: BigInt(value),
  scale,
  format,
});

/** The sum takes the first one's format, or the second's if the first is zero. Never saturates, as upstream's does not. */
export function addQuantity(left: Quantity, right: Quantity): Quantity {
  const scale = Math.min(left.scale, right.scale);
  const format = left.unscaled === 0n ? right.format : left.format;
  if (left.unscaled === 0n) return { unscaled: right.unscaled, scale: right.scale, format };
  if (right.unscaled === 0n) return { unscaled: left.unscaled, scale: left.scale, format };
  return { unscaled: atScale(left, scale) + atScale(right, scale), scale, format };
}

export const subtractQuantity = (left: Quantity, right: Quantity): Quantity =>
  addQuantity(left, { unscaled: -right.unscaled, scale: right.scale, format: right.format });

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareQuantity(left: Quantity, right: Quantity): number {
  const signs = sign(left.unscaled) - sign(right.unscaled);
  if (signs !== 0) return signs;
  if (left.unscaled === 0n) return 0;
  const magnitudes = magnitude(left) - magnitude(right);
  if (magnitudes !== 0) return magnitudes * sign(left.unscaled);
  const scale = Math.min(left.scale, right.scale);
  const difference = atScale(left, scale) - atScale(right, scale);
  return sign(difference);
}

/** Rounded away from zero to a multiple of `10^scale`; as written, if it is one already. */
export function roundUpQuantity(quantity: Quantity, scale: number): Quantity {
  if (quantity.scale >= scale) return quantity;
  if (magnitude(quantity) <= scale) {
    return { unscaled: BigInt(sign(quantity.unscaled)), scale, format: quantity.format };
  }
  const divisor = 10n ** BigInt(scale - quantity.scale);
  const rest = quantity.unscaled % divisor;
  return { unscaled: quantity.unscaled / divisor + BigInt(sign(rest)), scale, format: quantity.format };
}

/** The quantity as an integer, rounded away from zero, at most an int64. The text must be a quantity. */
export const quantityValue = (source: string | number): number => scaledValue(source, 0);

/** As `quantityValue`, of thousandths: `100m` → 100, `1` → 1000. */
export const quantityMilliValue = (source: string | number): number => scaledValue(source, -3);

function scaledValue(source: string | number, scale: 0 | -3): number {
  if (typeof source === 'string') {
    const milli = plainMilliValue(source);
    if (milli >= 0) return scale === 0 ? Math.ceil(milli / 1_000) : milli;
  } else if (Number.isInteger(source) && Number.isSafeInteger(source * 1_000)) {
    return scale === 0 ? source : source * 1_000;
  }
  const quantity = parseQuantity(source);
  assert(quantity !== undefined, `not a quantity: ${source}`);
  if (magnitude(quantity) > 20 - scale) return sign(quantity.unscaled) * Number(INT64_MAX);
  const value = atScale(roundUpQuantity(quantity, scale), scale);
  return Number(value > INT64_MAX ? INT64_MAX : value < -INT64_MAX ? -INT64_MAX : value);
}

/** `compareQuantity` of texts, which must be quantities. */
export function compareQuantities(left: string, right: string): number {
  const [leftMilli, rightMilli] = [plainMilliValue(left), plainMilliValue(right)];
  if (leftMilli >= 0 && rightMilli >= 0) return leftMilli - rightMilli;
  const [leftQuantity, rightQuantity] = [parseQuantity(left), parseQuantity(right)];
  assert(leftQuantity !== undefined && rightQuantity !== undefined, `not quantities: ${left}, ${right}`);
  return compareQuantity(leftQuantity, rightQuantity);
}

/** The thousandths, exactly, of a text of up to three digits and a suffix that is canonical as it stands; -1 for others. */
export function plainMilliValue(text: string): number {
  const { length } = text;
  let [number, at] = [0, 0];
  for (; at < length && at < PLAIN_DIGITS_MAX; at++) {
    const digit = text.charCodeAt(at) - ZERO_CODE;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  if (at === 0 || text.charCodeAt(0) === ZERO_CODE) return -1;
  if (at === length) return number * 1_000;
  const isBinary = at + 2 === length && text.charCodeAt(at + 1) === 105;
  if (!isBinary && at + 1 !== length) return -1;
  switch (text.charCodeAt(at)) {
    case 109:
      return isBinary ? -1 : number;
    case 107:
      return isBinary ? -1 : number * 1e6;
    case 75:
      return isBinary ? number * 1_024_000 : -1;
    case 77:
      return number * (isBinary ? 1_048_576_000 : 1e9);
    case 71:
      return number * (isBinary ? 1_073_741_824_000 : 1e12);
    default:
      return -1;
  }
}

interface Scanned {
  readonly negative: boolean;
  /** Digits before the point without leading zeros, `0` if none. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
  readonly hasDigits: boolean;
}

/** One pass over the text, without a regular expression: nothing here may cost more than linear time. */
function scan(text: string): Scanned | undefined {
  let position = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  const start = position;
  while (text[position] === '0') position++;
  const wholeStart = position;
  while (isDigit(text, position)) position++;
  const whole = text.slice(wholeStart, position);
  let fraction = '';
  let digits = position - start;
  if (text[position] === '.' && position < text.length) {
    const fractionStart = ++position;
    while (isDigit(text, position)) position++;
    fraction = text.slice(fractionStart, position);
    digits += fraction.length;
  }
  const suffixStart = position;
  while (position < text.length && 'eEinumkKMGTP'.includes(text.charAt(position))) position++;
  if (text[position] === '+' || text[position] === '-') position++;
  while (isDigit(text, position)) position++;
  if (position < text.length) return undefined;
  return {
    negative: text.startsWith('-'),
    whole: whole === '' ? '0' : whole,
    fraction,
    suffix: text.slice(suffixStart),
    hasDigits: digits > 0,
  };
}

function parse(text: string): Quantity | string {
  if (text === '') return QUANTITY_FORMAT_MESSAGE;
  if (text.length > TEXT_LENGTH_MAX) return NUMERIC_MESSAGE;
  const scanned = scan(text);
  if (scanned === undefined) return QUANTITY_FORMAT_MESSAGE;
  const suffix = interpretSuffix(scanned.suffix);
  if (suffix === undefined) return SUFFIX_MESSAGE;
  return fromShortNumber(text, scanned, suffix) ?? fromLongNumber(scanned, suffix);
}

interface Suffix {
  readonly format: QuantityFormat;
  /** Of ten, or of two in a BinarySI suffix. */
  readonly exponent: number;
}

function interpretSuffix(suffix: string): Suffix | undefined {
  if (Object.hasOwn(DECIMAL_EXPONENTS, suffix))
    return { format: 'DecimalSI', exponent: DECIMAL_EXPONENTS[suffix] ?? 0 };
  if (Object.hasOwn(BINARY_EXPONENTS, suffix)) return { format: 'BinarySI', exponent: BINARY_EXPONENTS[suffix] ?? 0 };
  const [, sign, digits] = /^[eE]([+-]?)(\d+)$/.exec(suffix) ?? [];
  if (digits === undefined) return undefined;
  const exponent = BigInt(sign === '-' ? `-${digits}` : digits);
  if (BigInt.asIntN(64, exponent) !== exponent) return undefined;
  return { format: 'DecimalExponent', exponent: Number(BigInt.asIntN(32, exponent)) };
}

/** Numbers that fit an int64: here upstream keeps the text as written if it is canonical at a glance. */
function fromShortNumber(text: string, scanned: Scanned, { format, exponent }: Suffix): Quantity | undefined {
  const digits = scanned.whole + scanned.fraction;
  const binary = format === 'BinarySI';
  if (binary && scanned.fraction !== '') return undefined;
  const room = binary
    ? 15 - scanned.whole.length - Math.trunc((exponent * 3) / 10) - 1
    : EXACT_DIGITS_MAX - digits.length;
  const scale = (binary ? 0 : exponent) - scanned.fraction.length;
  if (room < 0 || scale < SCALE_MIN) return undefined;
  const value = BigInt(digits);
  const unscaled = (scanned.negative ? -value : value) * (binary ? 2n ** BigInt(exponent) : 1n);
  const canonical =
    text === '0' ||
    (binary ? (value & 7n) !== 0n : scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0'));
  return canonical ? { unscaled, scale, format, text } : { unscaled, scale, format };
}

function fromLongNumber(scanned: Scanned, { format, exponent }: Suffix): Quantity | string {
  if (!scanned.hasDigits) return NUMERIC_MESSAGE;
  const binary = format === 'BinarySI';
  const exact: Quantity = {
    unscaled: BigInt(scanned.whole + scanned.fraction) * (binary ? 2n ** BigInt(exponent) : 1n),
    scale: (binary ? 0 : exponent) - scanned.fraction.length,
    format,
  };
  const rounded = exact.unscaled === 0n ? { ...exact, scale: 0 } : roundUpQuantity(exact, SCALE_MIN);
  let { unscaled, scale } = rounded;
  if (binary && compareQuantity(rounded, quantityOf(INT64_MAX)) > 0) [unscaled, scale] = [INT64_MAX, 0];
  const small = binary && unscaled > 0n && compareQuantity(rounded, quantityOf(1)) < 0;
  return { unscaled: scanned.negative ? -unscaled : unscaled, scale, format: small ? 'DecimalSI' : format };
}

/** The exponent is brought to a multiple of three. Beyond `E` there is no suffix, and upstream prints none. */
function formatDecimal({ unscaled, scale, format }: Quantity): string {
  const digits = unscaled.toString();
  const bare = digits.replace(/0+$/, '');
  const exponent = scale + digits.length - bare.length;
  const shift = ((exponent % 3) + 3) % 3;
  const number = bare + '0'.repeat(shift);
  const power = exponent - shift;
  if (format === 'DecimalExponent') return power === 0 ? number : `${number}e${power}`;
  return number + (DECIMAL_SUFFIXES.get(power) ?? '');
}

function formatBinary(whole: bigint): string {
  let [number, power] = [whole, 0];
  while (number % 1_024n === 0n) [number, power] = [number / 1_024n, power + 1];
  return `${number}${BINARY_SUFFIXES[power] ?? ''}`;
}

/** Values under 1024 are never printed with a binary suffix. */
const magnitudeIsLarge = ({ unscaled, scale }: Quantity): boolean =>
  compareQuantity({ unscaled: unscaled < 0n ? -unscaled : unscaled, scale, format: 'BinarySI' }, quantityOf(1_024)) >=
  0;

const expanded = (quantity: Quantity): bigint => atScale(quantity, 0);

/** The unscaled number at a scale that is not greater than the quantity's own. */
function atScale({ unscaled, scale }: Quantity, target: number): bigint {
  const shift = Math.min(scale - target, EXPANDED_SCALE_MAX);
  return shift === 0 ? unscaled : unscaled * 10n ** BigInt(shift);
}

/** Position of the leading digit: the number lies in `[10^(magnitude-1), 10^magnitude)`. */
const magnitude = ({ unscaled, scale }: Quantity): number =>
  (unscaled < 0n ? -unscaled : unscaled).toString().length + scale;

const sign = (value: bigint): -1 | 0 | 1 => (value > 0n ? 1 : value < 0n ? -1 : 0);

function isDigit(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code >= 48 && code <= 57;
}
