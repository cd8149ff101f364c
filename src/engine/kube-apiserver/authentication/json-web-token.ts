/** JSON Web Tokens in the compact form, signed with RS256 and nothing else: the header's word is never taken for it. */
import { decodeBase64Url, encodeBase64Url } from '../../machinery/base64.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { TokenKeys } from './token-keys.port.js';

const ALGORITHM = 'RS256';

export type Claims = Readonly<Record<string, unknown>>;

/** A token as it was read: what it claims is worth nothing before the signature is checked. */
export interface ParsedToken {
  readonly claims: Claims;
  readonly header: Claims;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export function signedToken(claims: Claims, keys: TokenKeys, text: TextCodec): string {
  const encoded = (part: Claims): string => encodeBase64Url(text.encode(JSON.stringify(part)));
  const message = `${encoded({ alg: ALGORITHM, kid: keys.keyId })}.${encoded(claims)}`;
  return `${message}.${encodeBase64Url(keys.sign(text.encode(message)))}`;
}

/** `undefined` where the text is no token. */
export function parseToken(token: string, text: TextCodec): ParsedToken | undefined {
  const [head = '', body = '', tail = '', ...rest] = token.split('.');
  if (rest.length > 0 || tail === '') return undefined;
  const header = recordOf(head, text);
  const claims = recordOf(body, text);
  const { bytes: signature } = decodeBase64Url(tail);
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  return { header, claims, message: text.encode(`${head}.${body}`), signature };
}

/** What is wrong with the signature, in upstream's words; `undefined` where it is the key's. */
export function signatureFault({ header, message, signature }: ParsedToken, keys: TokenKeys): string | undefined {
  const { alg, kid = '' } = header;
  if (kid !== '' && kid !== keys.keyId) return 'invalid signature, no keys found';
  const isSigned = alg === ALGORITHM && header['crit'] === undefined && keys.verify(message, signature);
  return isSigned ? undefined : 'go-jose/go-jose: error in cryptographic primitive';
}

function recordOf(part: string, text: TextCodec): Claims | undefined {
  const { bytes } = decodeBase64Url(part);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
