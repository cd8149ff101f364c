import type { TextCodec } from '../engine/machinery/text-codec.port.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** No character of a string takes more bytes. */
const CHARACTER_BYTES_MAX = 3;
/** Where texts of usual size are encoded before their bytes are copied: cheaper than counting the bytes first. */
const workspace = Buffer.allocUnsafeSlow(64 * 1024);

/** UTF-8 by the platform. */
export const textCodec: TextCodec = Object.freeze({
  encode: (text: string): Uint8Array => {
    if (text.length * CHARACTER_BYTES_MAX > workspace.length) return Buffer.from(text, 'utf8');
    const length = workspace.write(text, 0, 'utf8');
    const bytes = Buffer.allocUnsafeSlow(length);
    workspace.copy(bytes, 0, 0, length);
    return bytes;
  },
  decode: (bytes: Uint8Array): string => decoder.decode(bytes),
});
