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
import type { Instant } from '../engine/kernel/clock.js';
import type { TokenKeys } from '../engine/kube-apiserver/authentication/token-keys.port.js';
import type { CertificateAuthority } from '../engine/machinery/x509/certificate-authority.port.js';
import { ClusterAuthority, newClusterAuthority, type AuthorityFiles } from './cluster-authority.js';
import { FrontProxy, newFrontProxyAuthority } from './front-proxy.js';
import type { KeyFiles } from './key-files.js';

const MODULUS_BITS = 2_048;
const DIGEST = 'sha256';
const TOKEN_KEY = 'sa.key';
const AUTHORITY_KEY = 'ca.key';
const AUTHORITY_CERTIFICATE = 'ca.crt';
/** Certificate and key in one. */
const FRONT_PROXY = 'front-proxy-ca.pem';
const generate = promisify(generateKeyPair);

/** What a cluster proves itself with. */
export interface ClusterIdentityKeys {
  readonly tokenKeys: TokenKeys;
  readonly certificateAuthority: CertificateAuthority;
  readonly frontProxy: FrontProxy;
}

interface PreparedAuthorities {
  readonly authority: AuthorityFiles;
  readonly frontProxy: AuthorityFiles;
}

interface KeyOwner {
  readonly id: string;
  /** Whether its keys must be the same after a restart. */
  readonly isDurable: boolean;
  /** The cluster's time at its creation. */
  readonly start: Instant;
}

/**
 * The keys of each cluster: one that signs tokens, and authorities for certificates. They are made when a cluster first
 * needs them and kept beside the data, so that a cluster costs nothing for them until then; a spare for the dearer one is
 * made in the background, so that who asks need not wait.
 */
export class ClusterKeys {
  readonly #files: KeyFiles;
  readonly #ofClusters = new Map<string, ClusterIdentityKeys>();
  /** Of clusters that are being made: on their way to the disk. */
  readonly #prepared = new Map<string, PreparedAuthorities>();
  #spare: KeyObject | undefined;
  #isMakingSpare = false;

  constructor(files: KeyFiles) {
    this.#files = files;
  }

  /** The same for the same cluster. Neither reads nor makes anything yet. */
  of({ id, isDurable, start }: KeyOwner): ClusterIdentityKeys {
    const known = this.#ofClusters.get(id);
    if (known !== undefined) return known;
    const keys = {
      tokenKeys: new LazyTokenKeys(() => (isDurable ? this.#kept(id) : this.#take())),
      certificateAuthority: new ClusterAuthority(() =>
        isDurable ? this.#keptAuthority(id, start) : newClusterAuthority(start),
      ),
      frontProxy: new FrontProxy(() => (isDurable ? this.#keptFrontProxy(id) : newFrontProxyAuthority())),
    };
    this.#ofClusters.set(id, keys);
    return keys;
  }

  /** What a new cluster needs at once is made now, and on the disk when this resolves; its making need not wait for that. */
  async prepare({ id, isDurable, start }: KeyOwner): Promise<void> {
    if (!isDurable) return;
    const authority = newClusterAuthority(start);
    const frontProxy = newFrontProxyAuthority();
    this.#prepared.set(id, { authority, frontProxy });
    try {
      await this.#files.writeAll(id, {
        [AUTHORITY_KEY]: authority.privateKey,
        [AUTHORITY_CERTIFICATE]: authority.certificate,
        [FRONT_PROXY]: inOne(frontProxy),
      });
    } catch (error) {
      // It may have gone while it was made.
      if (this.#ofClusters.has(id)) throw error;
    } finally {
      this.#prepared.delete(id);
      if (!this.#ofClusters.has(id)) this.#files.remove(id);
    }
  }

  /** The cluster is no more. */
  forget(clusterId: string): void {
    this.#ofClusters.delete(clusterId);
    this.#files.remove(clusterId);
  }

  #keptAuthority(clusterId: string, start: Instant): AuthorityFiles {
    const prepared = this.#prepared.get(clusterId);
    if (prepared !== undefined) return prepared.authority;
    const privateKey = this.#files.read(clusterId, AUTHORITY_KEY);
    const certificate = this.#files.read(clusterId, AUTHORITY_CERTIFICATE);
    if (privateKey !== undefined && certificate !== undefined) return { privateKey, certificate };
    const made = newClusterAuthority(start);
    this.#files.write(clusterId, AUTHORITY_KEY, made.privateKey);
    this.#files.write(clusterId, AUTHORITY_CERTIFICATE, made.certificate);
    return made;
  }

  #keptFrontProxy(clusterId: string): AuthorityFiles {
    const prepared = this.#prepared.get(clusterId);
    if (prepared !== undefined) return prepared.frontProxy;
    const known = this.#files.read(clusterId, FRONT_PROXY);
    if (known !== undefined) return partsOf(known);
    const made = newFrontProxyAuthority();
    this.#files.write(clusterId, FRONT_PROXY, inOne(made));
    return made;
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

const inOne = ({ certificate, privateKey }: AuthorityFiles): string => certificate + privateKey;

/** A certificate and its key, one after the other. */
function partsOf(pem: string): AuthorityFiles {
  const at = pem.indexOf('-----BEGIN PRIVATE KEY-----');
  return { certificate: pem.slice(0, at), privateKey: pem.slice(at) };
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
