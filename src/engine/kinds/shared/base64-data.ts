/** Data that the wire carries as base64: its size, and text in and out of it. */
import { decodeBase64Url, encodeBase64 } from '../../machinery/base64.js';

/** The size of what padded base64 stands for. */
export function base64ByteLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** A text as the base64 of its UTF-8. A lone surrogate becomes U+FFFD, as every encoder has it. */
export function base64OfText(text: string): string {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), continuation(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), continuation(code >> 6), continuation(code));
    else bytes.push(0xf0 | (code >> 18), continuation(code >> 12), continuation(code >> 6), continuation(code));
  }
  return encodeBase64(Uint8Array.from(bytes));
}

/** The text whose UTF-8 this base64 is; what is no UTF-8 is kept as a `%` escape of its byte. */
export function textOfBase64(data: string): string {
  const { bytes = new Uint8Array() } = decodeBase64Url(
    data.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
  );
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}

const continuation = (bits: number): number => 0x80 | (bits & 0x3f);
