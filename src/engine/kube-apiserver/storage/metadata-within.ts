const QUOTE = 34;
const COMMA = 44;
const OPENING_BRACKET = 91;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
/** `"metadata":` */
const METADATA_KEY = Uint8Array.of(34, 109, 101, 116, 97, 100, 97, 116, 97, 34, 58);

/** The JSON of an object's metadata, cut out of that of the whole, which is written without blanks; `undefined` without one. */
export function metadataWithin(bytes: Uint8Array): Uint8Array | undefined {
  let at = 1;
  while (bytes[at] === QUOTE) {
    const isMetadata = METADATA_KEY.every((code, index) => bytes[at + index] === code);
    // Behind the key's quote and its colon.
    const start = endOfString(bytes, at) + 1;
    const end = endOfValue(bytes, start);
    if (isMetadata) return bytes.subarray(start, end);
    if (bytes[end] !== COMMA) return undefined;
    at = end + 1;
  }
  return undefined;
}

/** The place behind a value. */
function endOfValue(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  let depth = 0;
  for (let index = start; index < length; index++) {
    const code = bytes[index]!;
    if (code === QUOTE) index = endOfString(bytes, index) - 1;
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) depth++;
    else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) depth--;
    else if (code !== COMMA || depth > 0) continue;
    // A number or a word ends before what stands behind it.
    if (depth < 0 || (depth === 0 && code === COMMA)) return index;
    if (depth === 0) return index + 1;
  }
  return length;
}

/** The place behind the closing quote. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index + 1;
}
