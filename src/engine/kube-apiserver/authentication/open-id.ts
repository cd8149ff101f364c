/** What those who trust a cluster's tokens read: OpenID Connect discovery and the keys, as upstream publishes them. */
import { ISSUER } from './account-tokens.js';
import type { TokenKeys } from './token-keys.port.js';

export interface OpenIdDocument {
  readonly contentType: string;
  readonly text: string;
}

export const KEYS_PATH = '/openid/v1/jwks';

/** Of either of the two paths. */
export function openIdDocument(path: string, keys: TokenKeys): OpenIdDocument {
  if (path === KEYS_PATH) {
    const { keyId, publicKey } = keys;
    const key = { use: 'sig', kty: 'RSA', kid: keyId, alg: 'RS256', n: publicKey.n, e: publicKey.e };
    return { contentType: 'application/jwk-set+json', text: JSON.stringify({ keys: [key] }) };
  }
  const configuration = {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}${KEYS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return { contentType: 'application/json', text: JSON.stringify(configuration) };
}
