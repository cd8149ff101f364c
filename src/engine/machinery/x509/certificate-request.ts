/** PKCS #10: what somebody asks to be certified. */
import { asciiText, childrenOf, readDer, TAG, type DerElement } from './der.js';
import { pemBytes } from './pem.js';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ALTERNATIVE_NAMES = '2.5.29.17';
const ATTRIBUTES_TAG = 0xa0;

/** The tags of alternative names that a certificate takes over. */
export const NAME_TAG = Object.freeze({ email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 });

export interface CertificateRequest {
  /** What was signed. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  /** Object identifier. */
  readonly signatureAlgorithm: string;
  /** A SubjectPublicKeyInfo, whole. */
  readonly publicKey: Uint8Array;
  /** A Name, whole. */
  readonly subject: Uint8Array;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly alternativeNames: readonly DerElement[];
}

/** Of the first PEM block; `undefined` where that is no certificate request. */
export function parseCertificateRequest(pem: string): CertificateRequest | undefined {
  const bytes = pemBytes('CERTIFICATE REQUEST', pem);
  const [whole] = bytes === undefined ? [] : (readDer(bytes) ?? []);
  const [body, algorithm, signature] = childrenOf(whole);
  const [, subject, publicKey, attributes] = childrenOf(body);
  if (body === undefined || signature?.tag !== TAG.bitString || subject?.tag !== TAG.sequence) return undefined;
  if (publicKey?.tag !== TAG.sequence) return undefined;
  const names = childrenOf(subject).flatMap((set) => childrenOf(set).map(attributeOf));
  const texts = (type: string): readonly string[] =>
    names.flatMap((each) => (each.type === type && each.value !== undefined ? [asciiText(each.value.content)] : []));
  return {
    body: body.whole,
    signature: signature.content.subarray(1),
    signatureAlgorithm: identifierOf(childrenOf(algorithm)[0]),
    publicKey: publicKey.whole,
    subject: subject.whole,
    commonName: texts(COMMON_NAME).at(-1) ?? '',
    organizations: texts(ORGANIZATION),
    alternativeNames: attributes?.tag === ATTRIBUTES_TAG ? alternativeNames(attributes) : [],
  };
}

function alternativeNames(attributes: DerElement): readonly DerElement[] {
  const requested = childrenOf(attributes)
    .map(attributeOf)
    .find(({ type }) => type === EXTENSION_REQUEST);
  const extensions = childrenOf(childrenOf(requested?.value)[0]);
  const found = extensions.find((each) => identifierOf(childrenOf(each)[0]) === ALTERNATIVE_NAMES);
  const value = childrenOf(found).at(-1);
  const [names] = value === undefined ? [] : (readDer(value.content) ?? []);
  const known: readonly number[] = Object.values(NAME_TAG);
  return childrenOf(names).filter(({ tag }) => known.includes(tag));
}

function attributeOf(element: DerElement): { readonly type: string; readonly value: DerElement | undefined } {
  const [type, value] = childrenOf(element);
  return { type: identifierOf(type), value };
}

function identifierOf(element: DerElement | undefined): string {
  if (element?.tag !== TAG.objectIdentifier) return '';
  const [first = 0, ...rest] = element.content;
  const parts = [Math.min(Math.floor(first / 40), 2)];
  parts.push(first - parts[0]! * 40);
  let value = 0;
  for (const byte of rest) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    parts.push(value);
    value = 0;
  }
  return parts.join('.');
}
