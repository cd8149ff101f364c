import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { asciiBytes, bitString, der, objectIdentifier, sequence, TAG } from '../../src/engine/machinery/x509/der.js';
import { pemText } from '../../src/engine/machinery/x509/pem.js';

interface Subject {
  readonly commonName: string;
  readonly organization: string;
  readonly dnsName?: string | undefined;
  /** The public key that is named; the signer's own unless given. */
  readonly publicKey?: KeyObject | undefined;
}

/** A PKCS #10 request, signed with an ECDSA key. */
export function certificateRequestPem(
  { commonName, organization, dnsName, publicKey }: Subject,
  key: KeyObject,
): string {
  const attribute = (type: string, text: string): Uint8Array =>
    der(TAG.set, sequence(objectIdentifier(type), der(TAG.utf8String, asciiBytes(text))));
  const named = publicKey ?? createPublicKey(key);
  const body = sequence(
    der(TAG.integer, Uint8Array.of(0)),
    sequence(attribute('2.5.4.10', organization), attribute('2.5.4.3', commonName)),
    named.export({ type: 'spki', format: 'der' }),
    dnsName === undefined ? der(0xa0) : der(0xa0, extensionRequest(dnsName)),
  );
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  return pemText('CERTIFICATE REQUEST', sequence(body, algorithm, bitString(sign('sha256', body, key))));
}

function extensionRequest(dnsName: string): Uint8Array {
  const names = der(TAG.octetString, sequence(der(0x82, asciiBytes(dnsName))));
  const extensions = sequence(sequence(objectIdentifier('2.5.29.17'), names));
  return sequence(objectIdentifier('1.2.840.113549.1.9.14'), der(TAG.set, extensions));
}
