/** As many as can be the arguments of one call. */
const CODES_AT_A_TIME = 4_096;
const codesOf = (alphabet: string): readonly number[] => Array.from(alphabet, (each) => each.charCodeAt(0));
const STANDARD = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const URL_SAFE = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
/** By character code; -1 for what is not in the alphabet. */
const URL_SAFE_VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) => URL_SAFE.indexOf(code));

/** The standard alphabet, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** The alphabet for URLs, without padding. */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, URL_SAFE);

/** The bytes, or the offset at which Go's decoder finds fault with the text. */
export function decodeBase64Url(
  text: string,
): { readonly bytes: Uint8Array; readonly faultAt?: never } | { readonly faultAt: number; readonly bytes?: never } {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const value = URL_SAFE_VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) return { faultAt: index };
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (word >> bits) & 0xff;
  }
  return text.length % 4 === 1 ? { faultAt: text.length - 1 } : { bytes: bytes.subarray(0, length) };
}

function encode(bytes: Uint8Array, alphabet: readonly number[]): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const word = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    codes[at++] = alphabet[word >> 18]!;
    codes[at++] = alphabet[(word >> 12) & 63]!;
    if (left > 1) codes[at++] = alphabet[(word >> 6) & 63]!;
    if (left > 2) codes[at++] = alphabet[word & 63]!;
  }
  let text = '';
  for (let from = 0; from < codes.length; from += CODES_AT_A_TIME) {
    // Spread, the codes would become an array first, which costs several times as much.
    text += Reflect.apply(String.fromCharCode, undefined, codes.subarray(from, from + CODES_AT_A_TIME)) as string;
  }
  return text;
}
