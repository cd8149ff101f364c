import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Instant } from '../engine/kernel/clock.js';
import type { UserInfo } from '../engine/machinery/user.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const AUTHENTICATED = 'system:authenticated';

/** A user as a certificate names them, for as long as it lasts. */
interface CertifiedUser {
  readonly user: UserInfo;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Whom the certificate of a TLS connection stands for. Each is checked once for each authority. */
export class ClientCertificates {
  readonly #users = new WeakMap<Socket, Map<string, CertifiedUser | undefined>>();

  /** Whether there is a certificate at all. */
  has(socket: Socket): boolean {
    return socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined;
  }

  /** `undefined` where the authority (PEM) has not signed it for a client, or its time is another. */
  userOf(socket: Socket, authority: string, now: Instant): UserInfo | undefined {
    const known = this.#users.get(socket) ?? new Map<string, CertifiedUser | undefined>();
    if (!known.has(authority)) {
      known.set(authority, certifiedUser(socket, authority));
      this.#users.set(socket, known);
    }
    const found = known.get(authority);
    return found !== undefined && now >= found.notBefore && now <= found.notAfter ? found.user : undefined;
  }
}

/** The common name is the user, organisations are the groups, as everywhere in Kubernetes. */
function certifiedUser(socket: Socket, authority: string): CertifiedUser | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return undefined;
  const signer = new X509Certificate(authority);
  if (!certificate.checkIssued(signer) || !certificate.verify(signer.publicKey)) return undefined;
  if (!certificate.keyUsage.includes(CLIENT_AUTH)) return undefined;
  const { CN, O } = certificate.toLegacyObject().subject as { readonly CN?: Texts; readonly O?: Texts };
  const [username = ''] = listOf(CN);
  if (username === '') return undefined;
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const user = {
    username,
    groups: [...listOf(O), AUTHENTICATED],
    extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] },
  };
  return { user, notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

type Texts = string | readonly string[] | undefined;

const listOf = (texts: Texts): readonly string[] =>
  texts === undefined ? [] : typeof texts === 'string' ? [texts] : texts;
