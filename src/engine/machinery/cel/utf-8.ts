import type { TextCodec } from '../text-codec.port.js';

/** UTF-8 without a platform: for the few texts that expressions turn into bytes where no port is at hand. */
export const utf8: TextCodec = Object.freeze({
  encode: (text) => Uint8Array.from(unescapedBytes(encodeURIComponent(wellFormed(text)))),

  decode(bytes) {
    const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    try {
      return decodeURIComponent(escaped);
    } catch (error) {
      if (error instanceof URIError) return '\ufffd';
      throw error;
    }
  },
} satisfies TextCodec);

function* unescapedBytes(escaped: string): Iterable<number> {
  for (let position = 0; position < escaped.length; position++) {
    if (escaped[position] !== '%') yield escaped.charCodeAt(position);
    else {
      yield parseInt(escaped.slice(position + 1, position + 3), 16);
      position += 2;
    }
  }
}

/** A half of a pair alone is no character. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
