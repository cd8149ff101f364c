import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'fl_';
const SECRET_BYTES = 32;
const SHOWN_LENGTH = 8;

/** A tenant's API key. The secret is shown once and never kept. */
export interface NewApiKey {
  readonly secret: string;
  /** SHA-256 of the secret, in lower-case hexadecimal. */
  readonly hash: string;
  /** The start of the secret, by which its owner knows it. */
  readonly prefix: string;
}

export function newApiKey(): NewApiKey {
  const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, hash: hashOf(secret), prefix: secret.slice(0, SHOWN_LENGTH) };
}

export const looksLikeApiKey = (token: string): boolean => token.startsWith(PREFIX);

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
