import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { TokenKeys } from '../engine/kube-apiserver/authentication/token-keys.port.js';
import type { CertificateAuthority } from '../engine/machinery/x509/certificate-authority.port.js';
import { ClusterAuthority, clusterAuthority } from './cluster-authority.js';
import type { ClusterIdentity } from './cluster-settings.js';
import { FrontProxy, frontProxyAuthority } from './front-proxy.js';
import type { KeyFiles } from './key-files.js';

const MODULUS_BITS = 2_048;
const DIGEST = 'sha256';
const TOKEN_KEY = 'sa.key';
const AUTHORITY_SECRET_BYTES = 32;
const generate = promisify(generateKeyPair);

/** What a cluster proves itself with. */
export interface ClusterIdentityKeys {
  readonly tokenKeys: TokenKeys;
  readonly certificateAuthority: CertificateAuthority;
  readonly frontProxy: FrontProxy;
}

interface KeyOwner extends Pick<ClusterIdentity, 'id' | 'tenantId'> {
  readonly settings: Pick<ClusterIdentity['settings'], 'durability' | 'name' | 'seed' | 'start'>;
}

/**
 * The keys of each cluster: one that signs tokens, and authorities for certificates, which are made when a cluster first needs
 * them. The authorities' certificates are objects of the cluster, so they follow from its tenant, name, seed and start, and from
 * a secret of this server. The key for tokens is kept beside the data; a spare is made in the background, so that who asks
 * need not wait.
 */
export class ClusterKeys {
  readonly #files: KeyFiles;
  readonly #secret: Uint8Array;
  readonly #ofClusters = new Map<string, ClusterIdentityKeys>();
  #spare: KeyObject | undefined;
  #isMakingSpare = false;

  constructor(files: KeyFiles, secret: Uint8Array) {
    this.#files = files;
    this.#secret = secret;
  }

  /** The same for the same cluster. Neither reads nor makes anything yet. */
  of(owner: KeyOwner): ClusterIdentityKeys {
    const { id, settings } = owner;
    const known = this.#ofClusters.get(id);
    if (known !== undefined) return known;
    const isDurable = settings.durability === 'durable';
    const keys = {
      tokenKeys: new LazyTokenKeys(() => (isDurable ? this.#kept(id) : this.#take())),
      certificateAuthority: new ClusterAuthority(() =>
        clusterAuthority(this.#derived(owner, 'kubernetes'), settings.start),
      ),
      frontProxy: new FrontProxy(() => frontProxyAuthority(this.#derived(owner, 'front-proxy'))),
    };
    this.#ofClusters.set(id, keys);
    return keys;
  }

  /** The cluster is no more. */
  forget(clusterId: string): void {
    this.#ofClusters.delete(clusterId);
    this.#files.remove(clusterId);
  }

  #derived({ tenantId, settings: { name, seed, start } }: KeyOwner, purpose: string): Uint8Array {
    const info = [purpose, tenantId, name, seed, start].join('\n');
    return new Uint8Array(hkdfSync('sha256', this.#secret, '', info, AUTHORITY_SECRET_BYTES));
  }

  #kept(clusterId: string): KeyObject {
    const known = this.#files.read(clusterId, TOKEN_KEY);
    if (known !== undefined) return createPrivateKey(known);
    const key = this.#take();
    // On disk before anything is signed with it: a token outlives the process.
    this.#files.write(clusterId, TOKEN_KEY, key.export({ type: 'pkcs8', format: 'pem' }).toString());
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
