/** X.509 version 3 certificates, signed with ECDSA over SHA-256. */
import { sha1 } from '@noble/hashes/legacy.js';
import { timestamp, type Instant } from '../../kernel/clock.js';
import { asciiBytes, bitString, childrenOf, der, objectIdentifier, readDer, sequence, TAG } from './der.js';

const VERSION_3 = der(0xa0, der(TAG.integer, Uint8Array.of(2)));
/** Ed25519: the same body is always signed alike, so that what a cluster certifies is part of its history. */
const SIGNATURE_ALGORITHM = sequence(objectIdentifier('1.3.101.112'));
const TRUE = der(TAG.boolean, Uint8Array.of(0xff));
const EXTENSIONS_TAG = 0xa3;
const KEY_IDENTIFIER_TAG = 0x80;
/** Later years need another form of time. */
const UTC_TIME_YEARS = { from: 1950, to: 2049 } as const;

/** The bits of a key usage, counted from the left. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  'digital signature': 0,
  signing: 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

export interface CertificateContent {
  /** Positive: its first bit is not set. */
  readonly serial: Uint8Array;
  /** Names and a SubjectPublicKeyInfo, each whole. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** As Kubernetes calls them. */
  readonly usages: readonly string[];
  readonly isAuthority: boolean;
  /** Whole elements of a GeneralNames. */
  readonly alternativeNames?: readonly Uint8Array[];
  /** The public key of who signs it, whole; without it, it signs itself. */
  readonly authorityKey?: Uint8Array;
}

/** What is to be signed. */
export function certificateBody(content: CertificateContent): Uint8Array {
  const { serial, issuer, subject, publicKey, notBefore, notAfter } = content;
  return sequence(
    VERSION_3,
    der(TAG.integer, serial),
    SIGNATURE_ALGORITHM,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    der(EXTENSIONS_TAG, sequence(...extensions(content))),
  );
}

export const signedCertificate = (body: Uint8Array, signature: Uint8Array): Uint8Array =>
  sequence(body, SIGNATURE_ALGORITHM, bitString(signature));

/** The subject and the public key of a certificate, each whole; `undefined` where the bytes are none. */
export function certifiedParty(
  certificate: Uint8Array,
): { readonly subject: Uint8Array; readonly publicKey: Uint8Array; readonly notAfter: string } | undefined {
  const [body] = childrenOf((readDer(certificate) ?? [])[0]);
  const [, , , , validity, subject, publicKey] = childrenOf(body);
  const end = childrenOf(validity)[1];
  if (subject === undefined || publicKey === undefined || end === undefined) return undefined;
  return {
    subject: subject.whole,
    publicKey: publicKey.whole,
    notAfter: Array.from(end.content, (each) => String.fromCharCode(each)).join(''),
  };
}

/** A Name of nothing but a common name. */
export const commonNameOnly = (text: string): Uint8Array =>
  sequence(der(TAG.set, sequence(objectIdentifier('2.5.4.3'), der(TAG.utf8String, asciiBytes(text)))));

function extensions(content: CertificateContent): readonly Uint8Array[] {
  const { usages, isAuthority, publicKey, authorityKey, alternativeNames = [] } = content;
  const found: Uint8Array[] = [];
  const bits = usages.flatMap((usage) => KEY_USAGES[usage] ?? []);
  if (bits.length > 0) found.push(extension('2.5.29.15', true, keyUsage(bits)));
  const purposes = usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? []);
  if (purposes.length > 0) found.push(extension('2.5.29.37', false, sequence(...purposes.map(objectIdentifier))));
  found.push(extension('2.5.29.19', true, isAuthority ? sequence(TRUE) : sequence()));
  if (isAuthority) found.push(extension('2.5.29.14', false, der(TAG.octetString, keyIdentifier(publicKey))));
  if (authorityKey !== undefined) {
    found.push(extension('2.5.29.35', false, sequence(der(KEY_IDENTIFIER_TAG, keyIdentifier(authorityKey)))));
  }
  if (alternativeNames.length > 0) found.push(extension('2.5.29.17', false, sequence(...alternativeNames)));
  return found;
}

function extension(type: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const encoded = der(TAG.octetString, value);
  return isCritical ? sequence(objectIdentifier(type), TRUE, encoded) : sequence(objectIdentifier(type), encoded);
}

function keyUsage(bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const bit of bits) bytes[Math.floor(bit / 8)]! |= 0x80 >> (bit % 8);
  return der(TAG.bitString, Uint8Array.of(7 - (last % 8)), bytes);
}

/** Of RFC 5280: the SHA-1 of the key's bits. */
function keyIdentifier(publicKey: Uint8Array): Uint8Array {
  const [whole] = readDer(publicKey) ?? [];
  const bits = childrenOf(whole)[1]?.content ?? new Uint8Array();
  return sha1(bits.subarray(1));
}

function time(at: Instant): Uint8Array {
  const digits = timestamp(at).replace(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  const isShort = year >= UTC_TIME_YEARS.from && year <= UTC_TIME_YEARS.to;
  return isShort ? der(TAG.utcTime, asciiBytes(digits.slice(2))) : der(TAG.generalizedTime, asciiBytes(digits));
}
