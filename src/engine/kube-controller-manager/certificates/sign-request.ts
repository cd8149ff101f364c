import { after, minutes, seconds, type Instant } from '../../kernel/clock.js';
import type { Random } from '../../kernel/random.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { certificateBody, certifiedParty, signedCertificate } from '../../machinery/x509/certificate.js';
import type { CertificateAuthority } from '../../machinery/x509/certificate-authority.port.js';
import type { CertificateRequest } from '../../machinery/x509/certificate-request.js';
import { pemBytes, pemText } from '../../machinery/x509/pem.js';

/** `--cluster-signing-duration`. */
const LIFETIME_SECONDS_MAX = 365 * 24 * 3_600;
const LIFETIME_SECONDS_MIN = 600;
/** Clocks of clients may lag. */
const BACKDATE = minutes(5);
/** A shorter life is not cut by the backdating. */
const SHORT_SECONDS = 8 * 3_600;
const SERIAL_BYTES = 16;

export interface Signing {
  readonly authority: CertificateAuthority;
  readonly now: Instant;
  readonly random: Random;
}

/** PEM of a certificate for the request; `undefined` where its signature is not its own. Mirrors upstream's permissive policy. */
export function signRequest(
  { authority, now, random }: Signing,
  { spec }: CertificateSigningRequest,
  request: CertificateRequest,
): string | undefined {
  const party = certifiedParty(pemBytes('CERTIFICATE', authority.certificate) ?? new Uint8Array());
  if (party === undefined || !authority.isGenuine(request)) return undefined;
  const wanted = spec.expirationSeconds ?? LIFETIME_SECONDS_MAX;
  const lifetime = Math.min(Math.max(wanted, LIFETIME_SECONDS_MIN), LIFETIME_SECONDS_MAX);
  const notBefore = (now - BACKDATE) as Instant;
  const body = certificateBody({
    serial: serialNumber(random),
    issuer: party.subject,
    subject: request.subject,
    publicKey: request.publicKey,
    notBefore,
    notAfter: after(lifetime < SHORT_SECONDS ? now : notBefore, seconds(lifetime)),
    usages: spec.usages ?? [],
    isAuthority: false,
    alternativeNames: request.alternativeNames.map(({ whole }) => whole),
    authorityKey: party.publicKey,
  });
  return pemText('CERTIFICATE', signedCertificate(body, authority.sign(body)));
}

/** Positive, and of full length. */
function serialNumber(random: Random): Uint8Array {
  const digits = random.uuid().replaceAll('-', '');
  const bytes = Uint8Array.from({ length: SERIAL_BYTES }, (_, at) => parseInt(digits.slice(at * 2, at * 2 + 2), 16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}
