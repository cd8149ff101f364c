import 'reflect-metadata';
import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const SERVER_DAYS = 825;
/** A certificate with less left than this is replaced at start. */
const RENEWAL_DAYS = 30;
/** Clocks of clients may lag. */
const BACKDATE_MS = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const WILDCARD_ADDRESSES: readonly string[] = ['0.0.0.0', '::'];

/** Both in PEM; the key in PKCS #8. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly privateKey: string;
}

export async function issueAuthority(): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=flotilla-ca',
      ...validity(AUTHORITY_DAYS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(
          KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
          true,
        ),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return certifiedKey(certificate, keys.privateKey);
}

/** Names localhost, the loopback addresses and, unless it is a wildcard, the host. */
export async function issueServerCertificate(authority: CertifiedKey, host: string): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create(
    {
      subject: 'CN=flotilla',
      issuer: issuer.subject,
      ...validity(SERVER_DAYS),
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.privateKey),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(namesOf(host)),
        await AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return certifiedKey(certificate, keys.privateKey);
}

/** Whether the authority signed it, it names the host, and it lasts a while. */
export function isUsable(certificate: string, authorityCertificate: string, host: string): boolean {
  const leaf = new NodeCertificate(certificate);
  const authority = new NodeCertificate(authorityCertificate);
  const namesHost =
    WILDCARD_ADDRESSES.includes(host) || (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
  const lastsUntil = Date.parse(leaf.validTo);
  return namesHost && leaf.verify(authority.publicKey) && lastsUntil - Date.now() > RENEWAL_DAYS * DAY_MS;
}

const namesOf = (host: string): { type: 'dns' | 'ip'; value: string }[] => {
  const names = new Set(['localhost', '127.0.0.1', '::1', ...(WILDCARD_ADDRESSES.includes(host) ? [] : [host])]);
  return Array.from(names, (value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
};

const validity = (days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - BACKDATE_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);

async function certifiedKey(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<CertifiedKey> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}
