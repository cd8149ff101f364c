import { decodeBase64Url, encodeBase64 } from '../base64.js';

const LINE_LENGTH = 64;

export function pemText(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The first block, if it has this label; `undefined` otherwise. */
export function pemBytes(label: string, text: string): Uint8Array | undefined {
  const [, found, body = ''] = /-----BEGIN ([A-Z0-9 ]+)-----([\sA-Za-z0-9+/=]*)-----END \1-----/.exec(text) ?? [];
  if (found !== label) return undefined;
  const encoded = body.replace(/[\s=]/g, '').replaceAll('+', '-').replaceAll('/', '_');
  return decodeBase64Url(encoded).bytes;
}
