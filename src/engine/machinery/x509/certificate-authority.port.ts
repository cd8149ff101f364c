import type { CertificateRequest } from './certificate-request.js';

/** A cluster's authority for client and node certificates. Its key is hosting's, made when it is first asked for. */
export interface CertificateAuthority {
  /** PEM of its own certificate. */
  readonly certificate: string;
  /** ECDSA over SHA-256, in DER. */
  sign(body: Uint8Array): Uint8Array;
  /** Whether who made the request holds the key that it names. */
  isGenuine(request: CertificateRequest): boolean;
}
