import type { UserInfo } from '../../machinery/user.js';

/** What an authenticator makes of a token: whose it is, or why nobody's. The fault is empty where it is none of its own. */
export type TokenVerdict =
  | {
      readonly user: UserInfo;
      readonly audiences: readonly string[];
      /** What its bearer should be told. */
      readonly warning?: string;
      /** What the audit log should be told of the token. */
      readonly annotations?: Readonly<Record<string, string>>;
      readonly fault?: never;
    }
  | { readonly fault: string; readonly user?: never };

export const NOT_MINE: TokenVerdict = Object.freeze({ fault: '' });
