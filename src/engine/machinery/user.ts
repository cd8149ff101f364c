/** Who sends a request, as authentication found it: the `user.Info` of upstream. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The holder of a cluster's administrator kubeconfig. */
export const clusterAdministrator: UserInfo = Object.freeze({
  username: 'kubernetes-admin',
  groups: Object.freeze(['system:masters', 'system:authenticated']),
});
