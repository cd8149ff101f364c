import type { UserInfo } from '../machinery/user.js';

/** What a request wants to do, as authorisers judge it: `authorizer.Attributes` of upstream. */
export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The path, for what is no resource. */
  readonly path: string;
  readonly isResource: boolean;
}

export interface Authorizer {
  /** `undefined` allows; a text says why not. */
  authorize(attributes: AuthorizationAttributes): string | undefined;
}
