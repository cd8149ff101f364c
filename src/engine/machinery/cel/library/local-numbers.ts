/** Numbers as Go's message printer writes them in English. */

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const DIGITS_MAX = 100;
const LARGE = 1e21;

/** `1,234.50`: a digit that lies in the middle goes to the even one, as the number stands in memory. */
export function localFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  const [whole = '', fraction] = fixed(Math.abs(value), digits).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${value < 0 || Object.is(value, -0) ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

function fixed(value: number, digits: number): string {
  if (value >= LARGE) return `${String(BigInt(value))}${digits === 0 ? '' : `.${'0'.repeat(digits)}`}`;
  const nearest = value.toFixed(digits);
  const exact = value.toFixed(DIGITS_MAX);
  const cut = exact.indexOf('.') + 1 + digits;
  const isTie = digits < DIGITS_MAX && /^50*$/.test(exact.slice(cut));
  if (!isTie) return nearest;
  const below = exact.slice(0, digits === 0 ? cut - 1 : cut);
  return Number(below.at(-1)) % 2 === 0 ? below : nearest;
}

/** `1.500000×10⁻¹⁰`: always six digits; what is asked for is how wide it is at least. */
export function localScientific(value: number, width: number): string {
  if (!Number.isFinite(value)) return infinite(value).padStart(width);
  const [mantissa = '', exponent = ''] = value.toExponential(6).split('e');
  const digits = exponent.replace(/[+-]/, '').padStart(2, '0');
  const raised = Array.from(digits, (digit) => SUPERSCRIPTS[Number(digit)] ?? '').join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`.padStart(width);
}

const infinite = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞');
