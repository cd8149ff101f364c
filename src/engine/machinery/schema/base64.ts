/** Go's standard base64, as `[]byte` fields have it, on text: the engine moves such values on without looking inside. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

export type ParsedBase64 = { readonly text: string } | { readonly refusal: string };

/** The canonical text: without line ends, unused bits zero. Refused where `base64.StdEncoding` refuses, by its offset. */
export function canonicalBase64(text: string): ParsedBase64 {
  if (CANONICAL.test(text)) return { text };
  const wrong = firstWrongByte(text);
  if (wrong !== undefined) return { refusal: `illegal base64 data at input byte ${wrong}` };
  const digits = text.replace(/[\r\n=]/g, '');
  const last = ALPHABET.indexOf(digits.at(-1) ?? 'A');
  const tail = digits.length % 4;
  if (tail === 0) return { text: digits };
  const kept = ALPHABET[tail === 2 ? last & 0b11_0000 : last & 0b11_1100] ?? '';
  return { text: `${digits.slice(0, -1)}${kept}${'='.repeat(4 - tail)}` };
}

/** The base64 of bytes given one by one. */
export function base64OfBytes(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.slice(at, at + 3);
    const group = (first << 16) | (second << 8) | third;
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63]).join('');
    const present = Math.min(bytes.length - at, 3) + 1;
    text += characters.slice(0, present).padEnd(4, '=');
  }
  return text;
}

/** Where Go's decoder stops: at a foreign character, at misplaced padding, or at the end of a group cut short. */
function firstWrongByte(text: string): number | undefined {
  let inGroup = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\r' || character === '\n') continue;
    if (character === '=') return wrongPadding(text, at, inGroup);
    if (!ALPHABET.includes(character)) return at;
    inGroup = (inGroup + 1) % 4;
  }
  return inGroup === 0 ? undefined : at - inGroup;
}

function wrongPadding(text: string, at: number, inGroup: number): number | undefined {
  if (inGroup < 2) return at;
  let next = skipLineEnds(text, at + 1);
  if (inGroup === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = skipLineEnds(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function skipLineEnds(text: string, from: number): number {
  let at = from;
  while (text[at] === '\r' || text[at] === '\n') at++;
  return at;
}
