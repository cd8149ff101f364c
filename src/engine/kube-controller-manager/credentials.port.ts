import type { ServiceAccount } from '../machinery/api/core-v1.js';

/** What only the holder of a cluster's keys can make. */
export interface Credentials {
  /** A token without an end, for a Secret of this name. */
  accountToken(account: ServiceAccount, secretName: string): string;
}
