/** What the built-in signers take. Mirrors `pkg/apis/certificates/helpers.go` and the signing controllers' checks. */
import type { CertificateRequest } from '../../machinery/x509/certificate-request.js';
import { NAME_TAG } from '../../machinery/x509/certificate-request.js';

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const NODES_GROUP = 'system:nodes';
const NODE_PREFIX = 'system:node:';

/** Sorted, as errors name them. */
const CLIENT_USAGES: readonly string[] = ['client auth', 'digital signature', 'key encipherment'];
const SERVING_USAGES: readonly string[] = ['digital signature', 'key encipherment', 'server auth'];
/** What only RSA keys are used for. */
const RSA_USAGE = 'key encipherment';

type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  [CLIENT_SIGNER]: clientFault,
  [KUBELET_CLIENT_SIGNER]: kubeletClientFault,
  [SERVING_SIGNER]: kubeletServingFault,
  [LEGACY_SIGNER]: () => undefined,
};

export const isBuiltInSigner = (signerName: string): boolean => Object.hasOwn(CHECKS, signerName);

/** Why the signer does not certify the request, in upstream's words; `undefined` where it does. */
export const signerFault = (
  signerName: string,
  request: CertificateRequest,
  usages: readonly string[],
): string | undefined => CHECKS[signerName]?.(request, usages);

export function kubeletClientFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (hasName(request, NAME_TAG.dns)) return 'DNS subjectAltNames are not allowed';
  if (hasName(request, NAME_TAG.email)) return 'Email subjectAltNames are not allowed';
  if (hasName(request, NAME_TAG.ip)) return 'IP subjectAltNames are not allowed';
  if (hasName(request, NAME_TAG.uri)) return 'URI subjectAltNames are not allowed';
  return nodeNameFault(request) ?? usagesFault(usages, CLIENT_USAGES);
}

function kubeletServingFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (!hasName(request, NAME_TAG.dns) && !hasName(request, NAME_TAG.ip)) {
    return 'DNS or IP subjectAltName is required';
  }
  if (hasName(request, NAME_TAG.email)) return 'Email subjectAltNames are not allowed';
  if (hasName(request, NAME_TAG.uri)) return 'URI subjectAltNames are not allowed';
  return usagesFault(usages, SERVING_USAGES) ?? nodeNameFault(request);
}

function clientFault(_request: CertificateRequest, usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const isOfNodes = ({ organizations }: CertificateRequest): boolean =>
  organizations.length === 1 && organizations[0] === NODES_GROUP;

const nodeNameFault = ({ commonName }: CertificateRequest): string | undefined =>
  commonName.startsWith(NODE_PREFIX) ? undefined : 'subject common name does not begin with system:node:';

const hasName = ({ alternativeNames }: CertificateRequest, tag: number): boolean =>
  alternativeNames.some((each) => each.tag === tag);

function usagesFault(usages: readonly string[], required: readonly string[]): string | undefined {
  const given = new Set(usages);
  const isEqual = (wanted: readonly string[]): boolean =>
    wanted.length === given.size && wanted.every((usage) => given.has(usage));
  const isFine = isEqual(required) || isEqual(required.filter((usage) => usage !== RSA_USAGE));
  return isFine ? undefined : `usages did not match [${required.join(' ')}]`;
}
