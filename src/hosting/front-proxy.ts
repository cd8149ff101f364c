import { generateKeyPairSync } from 'node:crypto';
import { instant } from '../engine/kernel/clock.js';
import { certificateBody, commonNameOnly, signedCertificate } from '../engine/machinery/x509/certificate.js';
import { pemText } from '../engine/machinery/x509/pem.js';
import { authorityOf, signatureOf, serialNumber, type AuthorityFiles } from './cluster-authority.js';

const AUTHORITY_NAME = 'front-proxy-ca';
/** One of the names that `extension-apiserver-authentication` tells servers to trust. */
const CLIENT_NAME = 'front-proxy-client';
/** Whatever the cluster's clock says: those who check it have another. */
const ALWAYS = Object.freeze({
  notBefore: instant(0),
  notAfter: instant(Date.UTC(9999, 11, 31, 23, 59, 59)),
});

export const frontProxyAuthority = (secret: Uint8Array): AuthorityFiles =>
  authorityOf(secret, { name: AUTHORITY_NAME, ...ALWAYS });

/**
 * Shows servers behind the aggregator that it is their cluster that passes a request on, so that they believe it who asks.
 * The authority is made when it is first asked for; it certifies nobody but the cluster itself.
 */
export class FrontProxy {
  readonly #load: () => AuthorityFiles;
  #authority: AuthorityFiles | undefined;
  #client: AuthorityFiles | undefined;

  constructor(load: () => AuthorityFiles) {
    this.#load = load;
  }

  /** PEM of the authority's certificate. */
  get certificate(): string {
    return this.#loaded.certificate;
  }

  /** What connections are made with. */
  get client(): AuthorityFiles {
    return (this.#client ??= clientOf(this.#loaded));
  }

  get #loaded(): AuthorityFiles {
    return (this.#authority ??= this.#load());
  }
}

function clientOf(authority: AuthorityFiles): AuthorityFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = certificateBody({
    serial: serialNumber(),
    issuer: commonNameOnly(AUTHORITY_NAME),
    subject: commonNameOnly(CLIENT_NAME),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    ...ALWAYS,
    usages: ['digital signature', 'key encipherment', 'client auth'],
    isAuthority: false,
  });
  return {
    certificate: pemText('CERTIFICATE', signedCertificate(body, signatureOf(body, authority.privateKey))),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
