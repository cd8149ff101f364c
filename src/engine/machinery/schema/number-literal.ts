/**
 * A JSON number whose text a JavaScript number does not give back: `1.0`, `1e3`, `99999999999999999999`. Go decodes by the
 * text: `1.0` is no int64, and a quantity keeps its exponent. A parser that yields these makes decoding exact; with plain
 * numbers only such spellings are lost.
 */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
    Object.freeze(this);
  }
}

/** The text of a JSON number as far as it is known. */
export function numberText(value: number | bigint | NumberLiteral): string {
  if (value instanceof NumberLiteral) return value.text;
  return Object.is(value, -0) ? '-0' : String(value);
}

export const isNumber = (value: unknown): value is number | bigint | NumberLiteral =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberLiteral;
