import type { TextCodec } from '../engine/machinery/text-codec.port.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** No character of a string takes more bytes. */
const CHARACTER_BYTES_MAX = 3;
/** Where texts of usual size are encoded before their bytes are copied: cheaper than counting the bytes first. */
const workspace = Buffer.allocUnsafeSlow(64 * 1024);

/** The bytes that were written to the workspace, for good. */
function taken(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  workspace.copy(bytes, 0, 0, length);
  return bytes;
}

/** UTF-8 by the platform. */
export const textCodec: TextCodec = Object.freeze({
  encode: (text: string): Uint8Array =>
    text.length * CHARACTER_BYTES_MAX > workspace.length
      ? Buffer.from(text, 'utf8')
      : taken(workspace.write(text, 0, 'utf8')),
  encodeAll: (texts: readonly string[]): Uint8Array => {
    let characters = 0;
    for (const text of texts) characters += text.length;
    if (characters * CHARACTER_BYTES_MAX > workspace.length) return Buffer.from(texts.join(''), 'utf8');
    let length = 0;
    for (const text of texts) length += workspace.write(text, length, 'utf8');
    return taken(length);
  },
  decode: (bytes: Uint8Array): string => decoder.decode(bytes),
});
