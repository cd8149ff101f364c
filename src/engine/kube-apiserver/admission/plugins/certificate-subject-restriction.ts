import { certificateSigningRequest } from '../../../kinds/certificate-signing-request.js';
import { decodeBase64Url } from '../../../machinery/base64.js';
import { ALL_POWERFUL_GROUP } from '../../../machinery/user.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const PEM = /-----BEGIN CERTIFICATE REQUEST-----([\sA-Za-z0-9+/=]*)-----END CERTIFICATE REQUEST-----/;
/** The object identifier of an organisation in DER: 2.5.4.10. */
const ORGANIZATION: readonly number[] = [0x06, 0x03, 0x55, 0x04, 0x0a];

/** Nobody gets a client certificate that makes them all-powerful. */
export const certificateSubjectRestriction = defineAdmissionPlugin({
  name: 'CertificateSubjectRestriction',
  operations: ['CREATE'],
  resources: ['certificates.k8s.io/certificatesigningrequests'],

  validate(attributes) {
    if (attributes.subresource !== undefined) return undefined;
    const { signerName, request } = objectOf(certificateSigningRequest, attributes).spec;
    if (signerName === SIGNER && organizationsOf(request ?? '').includes(ALL_POWERFUL_GROUP)) {
      throw admissionForbidden(attributes, `use of ${SIGNER} signer with ${ALL_POWERFUL_GROUP} group is not allowed`);
    }
    return undefined;
  },
});

/** The organisations that the subject of a PEM request names, found by their identifier: each is followed by a short text. */
function organizationsOf(request: string): readonly string[] {
  const pem = PEM.exec(textOf(bytesOf(request)))?.[1] ?? '';
  const der = bytesOf(pem.replace(/\s/g, ''));
  const found: string[] = [];
  for (let at = 0; at + ORGANIZATION.length + 2 <= der.length; at++) {
    if (!ORGANIZATION.every((byte, index) => der[at + index] === byte)) continue;
    const start = at + ORGANIZATION.length + 2;
    found.push(textOf(der.subarray(start, start + (der[start - 1] ?? 0))));
  }
  return found;
}

const bytesOf = (base64: string): Uint8Array =>
  decodeBase64Url(base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')).bytes ?? new Uint8Array();

const textOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
