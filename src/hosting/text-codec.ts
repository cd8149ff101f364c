import type { TextCodec } from '../engine/machinery/text-codec.port.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 by the platform. */
export const textCodec: TextCodec = Object.freeze({
  encode: (text: string): Uint8Array => Buffer.from(text, 'utf8'),
  decode: (bytes: Uint8Array): string => decoder.decode(bytes),
});
