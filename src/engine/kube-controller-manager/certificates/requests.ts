import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { encodeBase64, decodeBase64Url } from '../../machinery/base64.js';
import { parseCertificateRequest, type CertificateRequest } from '../../machinery/x509/certificate-request.js';
import { asciiBytes, asciiText } from '../../machinery/x509/der.js';

/** PEM is ASCII, whatever else may stand around its blocks. */
export const base64OfPem = (pem: string): string => encodeBase64(asciiBytes(pem));

export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;

export const isIssued = ({ status }: CertificateSigningRequest): boolean => (status?.certificate ?? '') !== '';

/** `undefined` where it is none. */
export function requestIn({ spec }: CertificateSigningRequest): CertificateRequest | undefined {
  const encoded = (spec.request ?? '').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const { bytes } = decodeBase64Url(encoded);
  return bytes === undefined ? undefined : parseCertificateRequest(asciiText(bytes));
}
