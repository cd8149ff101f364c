import type { ClusterAuthentication } from '../kube-apiserver/authentication/cluster-authentication.js';
import type { Credentials } from '../kube-controller-manager/credentials.port.js';

/** Controllers make credentials with the keys that the API server knows them by; `undefined` where it has none. */
export function clusterCredentials({ accountTokens }: ClusterAuthentication): Credentials | undefined {
  if (accountTokens === undefined) return undefined;
  return { accountToken: ({ metadata }, secretName) => accountTokens.issueLegacy(metadata, secretName) };
}
