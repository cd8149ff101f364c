import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { after, hours, type Instant } from '../engine/kernel/clock.js';
import type { CertificateAuthority } from '../engine/machinery/x509/certificate-authority.port.js';
import type { CertificateRequest } from '../engine/machinery/x509/certificate-request.js';
import { certificateBody, commonNameOnly, signedCertificate } from '../engine/machinery/x509/certificate.js';
import { pemText } from '../engine/machinery/x509/pem.js';

const NAME = 'kubernetes';
const LIFETIME = hours(100 * 365 * 24);
const BACKDATE_MS = 3_600_000;
const SERIAL_BYTES = 16;
/** What stands before the 32 bytes of an Ed25519 key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Of signatures that certificate requests come with; Ed25519 has its own. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

/** Both in PEM. */
export interface AuthorityFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The key and a certificate for it that is good from the cluster's beginning on, whatever its clock does. */
export const clusterAuthority = (secret: Uint8Array, start: Instant): AuthorityFiles =>
  authorityOf(secret, { name: NAME, notBefore: (start - BACKDATE_MS) as Instant, notAfter: after(start, LIFETIME) });

interface AuthorityContent {
  readonly name: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** The Ed25519 key that 32 secret bytes are, and a certificate for it, signed by itself: the same ones for the same bytes. */
export function authorityOf(secret: Uint8Array, { name, notBefore, notAfter }: AuthorityContent): AuthorityFiles {
  const der = Buffer.concat([PKCS8_PREFIX, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const body = certificateBody({
    serial: positive(
      createHash('sha256')
        .update(publicKey.export({ type: 'spki', format: 'der' }))
        .digest(),
    ),
    issuer: commonNameOnly(name),
    subject: commonNameOnly(name),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    notBefore,
    notAfter,
    usages: ['digital signature', 'key encipherment', 'cert sign'],
    isAuthority: true,
  });
  const certificate = pemText('CERTIFICATE', signedCertificate(body, signatureOf(body, privateKey)));
  return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Of a certificate's body; the key in PEM or as Node has it. */
export const signatureOf = (body: Uint8Array, privateKey: string | KeyObject): Uint8Array =>
  sign(null, body, privateKey);

export const serialNumber = (): Uint8Array => positive(randomBytes(SERIAL_BYTES));

/** As a serial number: positive, and of one length. */
function positive(bytes: Uint8Array): Uint8Array {
  const serial = Uint8Array.from(bytes.subarray(0, SERIAL_BYTES));
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

/** Made when it is first asked for. */
export class ClusterAuthority implements CertificateAuthority {
  readonly #load: () => AuthorityFiles;
  #files: AuthorityFiles | undefined;
  #key: KeyObject | undefined;

  constructor(load: () => AuthorityFiles) {
    this.#load = load;
  }

  get certificate(): string {
    return this.#loaded.certificate;
  }

  sign(body: Uint8Array): Uint8Array {
    this.#key ??= createPrivateKey(this.#loaded.privateKey);
    return signatureOf(body, this.#key);
  }

  isGenuine({ body, signature, signatureAlgorithm, publicKey }: CertificateRequest): boolean {
    const digest = DIGESTS[signatureAlgorithm];
    if (digest === undefined) return false;
    try {
      const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
      return verify(digest, body, key, signature);
    } catch {
      // A key that cannot be read proves nothing.
      return false;
    }
  }

  get #loaded(): AuthorityFiles {
    return (this.#files ??= this.#load());
  }
}
