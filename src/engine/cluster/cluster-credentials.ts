import type { ApiServer } from '../kube-apiserver/api-server.js';
import type { Credentials } from '../kube-controller-manager/credentials.port.js';
import type { CertificateAuthority } from '../machinery/x509/certificate-authority.port.js';

const CERTIFICATES = { group: 'certificates.k8s.io', version: '*', resource: 'certificatesigningrequests' };
const ANYWHERE = { namespace: '', name: '', path: '', isResource: true };

/** Controllers make credentials with the keys that the API server knows them by; `undefined` where it has none. */
export function clusterCredentials(
  { authentication, authorizer }: ApiServer,
  certificateAuthority: CertificateAuthority | undefined,
): Credentials | undefined {
  const { accountTokens } = authentication;
  if (accountTokens === undefined) return undefined;
  return {
    certificateAuthority,
    accountToken: ({ metadata }, secretName) => accountTokens.issueLegacy(metadata, secretName),
    mayRequestCertificate: (user, subresource) =>
      authorizer.authorize({ ...CERTIFICATES, ...ANYWHERE, user, verb: 'create', subresource }).isAllowed,
  };
}
