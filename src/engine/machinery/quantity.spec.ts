import fc from 'fast-check';
import type { Quantity } from './quantity.js';
import {
  addQuantity,
  canonicalQuantity,
  compareQuantities,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  quantityFault,
  quantityMilliValue,
  quantityOf,
  quantityValue,
  roundUpQuantity,
  subtractQuantity,
} from './quantity.js';

const quantity = (text: string): Quantity => {
  const parsed = parseQuantity(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};

describe('canonicalQuantity', () => {
  it.each([
    ['0', '0'],
    ['1', '1'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['100m', '100m'],
    ['1500m', '1500m'],
    ['1000m', '1'],
    ['1000k', '1M'],
    ['1024k', '1024k'],
    ['1Ki', '1Ki'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1e4', '10e3'],
    ['12e6', '12e6'],
    ['1e-3', '1e-3'],
    ['0.0001', '100u'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['1e-1000000000', '1e-9'],
    ['1000000000n', '1'],
    ['+5', '+5'],
    ['007', '007'],
    ['1.', '1.'],
    ['1.0', '1'],
    ['-1.5', '-1500m'],
    [' 1Gi ', '1Gi'],
    ['Gi', '0'],
    ['00', '0'],
    ['512Ki', '512Ki'],
    ['0.5Ki', '512'],
    ['9223372036854775807', '9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['1Ei', '1Ei'],
    ['16Ei', '9223372036854775807'],
    ['-16Ei', '-9223372036854775807'],
    [5, '5'],
    [1.5, '1500m'],
    [1000, '1k'],
  ])('writes %j as %j', (source, canonical) => {
    expect(canonicalQuantity(source)).toBe(canonical);
  });

  it.each([
    ['', /must match the regular expression/],
    ['1GiB', /must match/],
    ['1e1.5', /must match/],
    ['0x10', /must match/],
    ['1,5', /must match/],
    ['1..5', /must match/],
    ['1e', /suffix/],
    ['1e99999999999999999999', /suffix/],
    ['5+3', /suffix/],
    ['e-20', /numeric part/],
    ['9'.repeat(100_000), /numeric part/],
  ])('refuses %.20j', (text, fault) => {
    expect(canonicalQuantity(text)).toBeUndefined();
    expect(quantityFault(text)).toMatch(fault);
  });
});

describe('quantityValue and quantityMilliValue', () => {
  it.each([
    ['100m', 1, 100],
    ['1', 1, 1000],
    ['1500m', 2, 1500],
    ['-1500m', -2, -1500],
    ['2Gi', 2147483648, 2147483648000],
    ['1n', 1, 1],
    ['0', 0, 0],
    ['1e2000000000', 2 ** 63, 2 ** 63],
    ['9E', 9e18, 2 ** 63],
    [0.25, 1, 250],
  ])('rounds %j up', (text, value, milli) => {
    expect(quantityValue(text)).toBe(value);
    expect(quantityMilliValue(text)).toBe(milli);
  });
});

/** A rational over 10^12, the naive model. */
const SCALE = 12;
const modelOf = ({ unscaled, scale }: Quantity): bigint => unscaled * 10n ** BigInt(scale + SCALE);
const quantities = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
    fc.constantFrom('', 'm', 'u', 'n', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3', 'e-2', 'E5'),
    fc.nat(999),
  )
  .map(([whole, suffix, fraction]) => `${whole}.${fraction}${suffix}`);
/** Of a decimal number whose zeros reach beyond the largest suffix, upstream prints what stands before them. */
const hasNoSuffix = (value: Quantity): boolean =>
  value.format === 'DecimalSI' && value.unscaled !== 0n && modelOf(value) % 10n ** BigInt(SCALE + 21) === 0n;

describe('arithmetic', () => {
  it('compares and measures plain texts as it does all others', () => {
    const number = fc.oneof(fc.nat(1_200), fc.constantFrom('000', '01', '1000', '999'));
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'mi', 'ki', 'K', 'u');
    const text = fc.tuple(number, suffix).map(([digits, unit]) => `${digits}${unit}`);
    const sound = text.filter((each) => parseQuantity(each) !== undefined);
    fc.assert(
      fc.property(text, (each) => {
        const parsed = parseQuantity(each);
        expect(canonicalQuantity(each)).toBe(parsed === undefined ? undefined : formatQuantity(parsed));
      }),
    );
    fc.assert(
      fc.property(sound, sound, (left, right) => {
        const exact = compareQuantity(quantity(left), quantity(right));
        expect(Math.sign(compareQuantities(left, right))).toBe(Math.sign(exact));
        expect(quantityMilliValue(left)).toBe(
          Number(modelOf(roundUpQuantity(quantity(left), -3)) / 10n ** BigInt(SCALE - 3)),
        );
      }),
    );
  });

  it('agrees with rational numbers', () => {
    fc.assert(
      fc.property(quantities, quantities, (a, b) => {
        const [left, right] = [quantity(a), quantity(b)];
        expect(modelOf(addQuantity(left, right))).toBe(modelOf(left) + modelOf(right));
        expect(modelOf(subtractQuantity(left, right))).toBe(modelOf(left) - modelOf(right));
        const difference = modelOf(left) - modelOf(right);
        expect(Math.sign(compareQuantity(left, right))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0);
      }),
    );
  });

  it('writes a form that means the same and is its own canonical form', () => {
    fc.assert(
      fc.property(quantities, (text) => {
        const first = quantity(text);
        fc.pre(!hasNoSuffix(first));
        const written = formatQuantity(first);
        expect(compareQuantity(quantity(written), first)).toBe(0);
        expect(canonicalQuantity(written)).toBe(written);
      }),
    );
  });

  it('leaves the suffix out where there is none that large, as upstream does', () => {
    expect(['999E', '1000E', '-1000000000000000M', '1e21'].map(canonicalQuantity)).toEqual(['999E', '1', '-1', '1e21']);
  });

  it('rounds away from zero by less than one step', () => {
    fc.assert(
      fc.property(quantities, fc.integer({ min: -9, max: 3 }), (text, scale) => {
        const exact = modelOf(quantity(text));
        const rounded = modelOf(roundUpQuantity(quantity(text), scale));
        const step = 10n ** BigInt(scale + SCALE);
        const excess = exact < 0n ? exact - rounded : rounded - exact;
        expect(rounded % step === 0n || rounded === exact).toBe(true);
        expect(excess >= 0n && excess < step).toBe(true);
      }),
    );
  });

  it('compares numbers that are too large to expand', () => {
    expect(compareQuantity(quantity('1e2000000000'), quantity('1'))).toBeGreaterThan(0);
    expect(compareQuantity(quantity('-1e2000000000'), quantity('1'))).toBeLessThan(0);
  });

  it('takes the format of the other operand when one is zero', () => {
    expect(formatQuantity(addQuantity(quantityOf(0), quantity('2Ki')))).toBe('2Ki');
    expect(formatQuantity(subtractQuantity(quantity('3Ki'), quantity('1Ki')))).toBe('2Ki');
  });
});
