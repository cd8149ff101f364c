import type { ClusterIdentity } from '../hosting/cluster-settings.js';

/** Somebody whom a kubeconfig was made for, as the cluster is to know them. */
export interface ClusterUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Who holds a token: the server's administrator, a tenant, the bearer of one cluster's kubeconfig, or one of its users. */
export type Principal =
  | { readonly type: 'administrator' }
  | { readonly type: 'tenant'; readonly tenantId: string }
  | { readonly type: 'cluster'; readonly clusterId: string }
  | { readonly type: 'user'; readonly clusterId: string; readonly user: ClusterUser };

/** Whether all of a cluster is open to somebody; what is open to its users, the cluster itself decides. */
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
    case 'user':
      return false;
  }
}

export function mayReachTenant(principal: Principal, tenantId: string): boolean {
  return principal.type === 'administrator' || (principal.type === 'tenant' && principal.tenantId === tenantId);
}
