import type { ClusterIdentity } from '../hosting/cluster-settings.js';

/** Who holds a token: the server's administrator, a tenant, or the bearer of one cluster's kubeconfig. */
export type Principal =
  | { readonly type: 'administrator' }
  | { readonly type: 'tenant'; readonly tenantId: string }
  | { readonly type: 'cluster'; readonly clusterId: string };

/** Whoever may not reach a cluster is told that there is none. */
export function mayReachCluster(
  principal: Principal,
  { id, tenantId }: Pick<ClusterIdentity, 'id' | 'tenantId'>,
): boolean {
  switch (principal.type) {
    case 'administrator':
      return true;
    case 'tenant':
      return principal.tenantId === tenantId;
    case 'cluster':
      return principal.clusterId === id;
  }
}

export function mayReachTenant(principal: Principal, tenantId: string): boolean {
  return principal.type === 'administrator' || (principal.type === 'tenant' && principal.tenantId === tenantId);
}
