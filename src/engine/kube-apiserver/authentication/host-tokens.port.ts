import type { UserInfo } from '../../machinery/user.js';

/** The tokens that whoever hosts a cluster gives out for it, as they stand in its kubeconfigs. */
export interface HostTokens {
  /** Whose it is to this cluster; `undefined` for any other text. */
  userOf(token: string): UserInfo | undefined;
}
