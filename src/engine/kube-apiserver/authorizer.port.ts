import type { PolicyRule } from '../machinery/api/rbac-v1.js';
import type { FieldRequirements } from '../machinery/field-selector.js';
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
  /** What a list or watch is narrowed to. */
  readonly fields?: FieldRequirements;
}

/** The reason is empty where there is nothing to say. */
export interface Verdict {
  readonly isAllowed: boolean;
  readonly reason: string;
}

/** All that a user may do in a namespace, as far as it can be listed. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly isIncomplete: boolean;
  /** Why something is missing; empty where nothing is. */
  readonly error: string;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Verdict;
  rulesFor(user: UserInfo, namespace: string): UserRules;
}
