import { createHmac } from 'node:crypto';
import type { TokenKeys } from '../../src/engine/kube-apiserver/authentication/token-keys.port.js';
import { encodeBase64Url } from '../../src/engine/machinery/base64.js';

/** Signs with a secret instead of a key pair: what is tested here is what a signature is asked for. */
export function fakeTokenKeys(secret = 'one'): TokenKeys {
  const sign = (message: Uint8Array) => new Uint8Array(createHmac('sha256', secret).update(message).digest());
  return {
    keyId: `key-${secret}`,
    publicKey: { n: 'n', e: 'AQAB' },
    sign,
    verify: (message, signature) => encodeBase64Url(sign(message)) === encodeBase64Url(signature),
  };
}
