import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { Secret } from '../../machinery/api/core-v1.js';
import { decodeBase64Url } from '../../machinery/base64.js';
import { asciiText } from '../../machinery/x509/der.js';

const TYPE = 'bootstrap.kubernetes.io/token';
const NAME = /^bootstrap-token-[a-z0-9]{6}$/;
const NAME_PREFIX = 'bootstrap-token-';
export const TOKEN_NAMESPACE = 'kube-system';

export const isBootstrapToken = ({ type, metadata }: Secret): boolean =>
  type === TYPE && metadata.namespace === TOKEN_NAMESPACE;

/** When the token ends; `undefined` where it does not. A time that cannot be read has passed. */
export function endOf(secret: Secret): Instant | undefined {
  const text = valueOf(secret, 'expiration');
  return text === '' ? undefined : (parseTimestamp(text) ?? (0 as Instant));
}

/** The id and secret of a token that signs at this time. */
export function signingToken(secret: Secret, now: Instant): { readonly id: string; readonly key: string } | undefined {
  const id = valueOf(secret, 'token-id');
  const key = valueOf(secret, 'token-secret');
  const { name } = secret.metadata;
  if (!NAME.test(name) || name !== `${NAME_PREFIX}${id}` || key === '') return undefined;
  const end = endOf(secret);
  const isOver = end !== undefined && end <= now;
  return isOver || valueOf(secret, 'usage-bootstrap-signing') !== 'true' ? undefined : { id, key };
}

function valueOf({ data }: Secret, key: string): string {
  const encoded = (data?.[key] ?? '').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const { bytes } = decodeBase64Url(encoded);
  return bytes === undefined ? '' : asciiText(bytes);
}
