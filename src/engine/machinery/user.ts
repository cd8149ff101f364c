/** Who sends a request, as authentication found it: the `user.Info` of upstream. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** A component of the cluster itself, which no credential makes anybody. */
  readonly isInternal?: boolean;
}

/** Whose members may do everything, whatever an authoriser says. */
export const ALL_POWERFUL_GROUP = 'system:masters';

/** The holder of a cluster's administrator kubeconfig. */
export const clusterAdministrator: UserInfo = Object.freeze({
  username: 'kubernetes-admin',
  groups: Object.freeze([ALL_POWERFUL_GROUP, 'system:authenticated']),
});
