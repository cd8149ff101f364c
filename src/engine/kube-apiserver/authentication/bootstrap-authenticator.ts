/** Tokens that a machine joins with. Mirrors `plugin/pkg/auth/authenticator/token/bootstrap`. */
import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import { secret as secretKind } from '../../kinds/secret.js';
import type { Secret } from '../../machinery/api/core-v1.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { ISSUER } from './account-tokens.js';
import { secretText } from './secret-text.js';
import type { TokenGrounds } from './token-grounds.js';
import { NOT_MINE, type TokenVerdict } from './token-verdict.js';

const TOKEN_PATTERN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const SECRET_TYPE = 'bootstrap.kubernetes.io/token';
const DEFAULT_GROUP = 'system:bootstrappers';
const GROUP_PATTERN = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapAuthenticatorOptions {
  readonly reader: ResourceReader;
  readonly text: TextCodec;
  now(): Instant;
}

export function authenticateBootstrapToken(
  { reader, text, now }: BootstrapAuthenticatorOptions,
  token: string,
  wanted: readonly string[],
): TokenVerdict {
  const [, id = '', expected = ''] = TOKEN_PATTERN.exec(token) ?? [];
  // It knows no audience, and so stands for the API server's own.
  if (id === '' || !wanted.includes(ISSUER)) return NOT_MINE;
  const secret = reader.get(secretKind, `kube-system/bootstrap-token-${id}`);
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined || secret.type !== SECRET_TYPE) {
    return NOT_MINE;
  }
  const value = (key: string): string => secretText(secret, key, text);
  if (value('token-id') !== id || value('token-secret') !== expected) return NOT_MINE;
  if (isExpired(value('expiration'), now()) || value('usage-bootstrap-authentication') !== 'true') return NOT_MINE;
  const groups = groupsOf(secret, text);
  return groups === undefined
    ? NOT_MINE
    : { user: { username: `system:bootstrap:${id}`, groups }, audiences: [ISSUER] };
}

/** `undefined` for what is no token of this kind. */
export function bootstrapGrounds(
  { reader, text }: Pick<BootstrapAuthenticatorOptions, 'reader' | 'text'>,
  token: string,
): TokenGrounds | undefined {
  const [, id = ''] = TOKEN_PATTERN.exec(token) ?? [];
  if (id === '') return undefined;
  const key = `kube-system/bootstrap-token-${id}`;
  const secret = reader.get(secretKind, key);
  const expiration = secret === undefined ? undefined : parseTimestamp(secretText(secret, 'expiration', text));
  return { objects: [{ kind: secretKind, namespace: 'kube-system', key }], end: expiration };
}

/** A time that cannot be read is over. */
function isExpired(expiration: string, now: Instant): boolean {
  if (expiration === '') return false;
  const end = parseTimestamp(expiration);
  return end === undefined || end <= now;
}

/** `undefined` where one of them is not one that such a token may name. */
function groupsOf(secret: Secret, text: TextCodec): readonly string[] | undefined {
  const named = secretText(secret, 'auth-extra-groups', text);
  const extra = named === '' ? [] : named.split(',');
  return extra.every((each) => GROUP_PATTERN.test(each)) ? [...new Set([DEFAULT_GROUP, ...extra])].sort() : undefined;
}
