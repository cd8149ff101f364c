import type { BodyEncoder } from './body-encoder.js';

const NEWLINE = Uint8Array.of(0x0a);

/** JSON as it is stored; with two spaces of indentation for readers. A newline ends it. */
export const jsonEncoder: BodyEncoder = Object.freeze<BodyEncoder>({
  mediaType: 'application/json',
  canStream: true,
  isTyped: false,
  encode: (body, isPretty, text) =>
    isPretty ? [text.encode(`${JSON.stringify(body.value, undefined, 2)}\n`)] : [body.json, NEWLINE],
});
