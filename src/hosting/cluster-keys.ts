import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { TokenKeys } from '../engine/kube-apiserver/authentication/token-keys.port.js';
import type { KeyFiles } from './key-files.js';

const MODULUS_BITS = 2_048;
const DIGEST = 'sha256';
const FILE = 'sa.key';
const generate = promisify(generateKeyPair);

/**
 * The key pairs that sign the tokens of each cluster. One is made when a cluster first needs it and kept beside the data, so
 * that a cluster costs nothing for it until then; a spare is made in the background, so that the one who asks need not wait.
 */
export class ClusterKeys {
  readonly #files: KeyFiles;
  #spare: KeyObject | undefined;
  #isMakingSpare = false;

  constructor(files: KeyFiles) {
    this.#files = files;
  }

  /** `isDurable`: whether they must be the same after a restart. Neither reads nor makes anything yet. */
  of(clusterId: string, isDurable: boolean): TokenKeys {
    return new LazyTokenKeys(() => (isDurable ? this.#kept(clusterId) : this.#take()));
  }

  /** The cluster is no more. */
  forget(clusterId: string): void {
    this.#files.remove(clusterId);
  }

  #kept(clusterId: string): KeyObject {
    const known = this.#files.read(clusterId, FILE);
    if (known !== undefined) return createPrivateKey(known);
    const key = this.#take();
    // On disk before anything is signed with it: a token outlives the process.
    this.#files.write(clusterId, FILE, key.export({ type: 'pkcs8', format: 'pem' }).toString());
    return key;
  }

  #take(): KeyObject {
    const key = this.#spare ?? generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS }).privateKey;
    this.#spare = undefined;
    if (!this.#isMakingSpare) void this.#makeSpare();
    return key;
  }

  async #makeSpare(): Promise<void> {
    this.#isMakingSpare = true;
    try {
      this.#spare = (await generate('rsa', { modulusLength: MODULUS_BITS })).privateKey;
    } finally {
      this.#isMakingSpare = false;
    }
  }
}

class LazyTokenKeys implements TokenKeys {
  readonly #load: () => KeyObject;
  #private: KeyObject | undefined;
  #public: KeyObject | undefined;

  constructor(load: () => KeyObject) {
    this.#load = load;
  }

  get keyId(): string {
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    return createHash(DIGEST).update(der).digest('base64url');
  }

  get publicKey(): TokenKeys['publicKey'] {
    const { n = '', e = '' } = this.#publicKey.export({ format: 'jwk' });
    return { n, e };
  }

  sign(message: Uint8Array): Uint8Array {
    return sign(DIGEST, message, this.#privateKey);
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return verify(DIGEST, message, this.#publicKey, signature);
  }

  get #privateKey(): KeyObject {
    return (this.#private ??= this.#load());
  }

  get #publicKey(): KeyObject {
    return (this.#public ??= createPublicKey(this.#privateKey));
  }
}
