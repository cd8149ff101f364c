const CREDIT_CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

const withoutSpace = (text: string): string => text.replace(/[\s-]+/g, '');

export function isIsbn10(text: string): boolean {
  const digits = withoutSpace(text);
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].entries()) {
    const value = digit === 'X' ? 10 : Number(digit);
    sum += value * (index === 9 ? 10 : index + 1);
  }
  return sum % 11 === 0;
}

export function isIsbn13(text: string): boolean {
  const digits = withoutSpace(text);
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits.slice(0, 12)].entries()) sum += Number(digit) * (index % 2 === 0 ? 1 : 3);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

/** A number of an issuer whose last digit is right by Luhn's rule; all but digits counts for nothing. */
export function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!CREDIT_CARD.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value >= 10 ? (value % 10) + 1 : value;
  }
  return sum % 10 === 0;
}
