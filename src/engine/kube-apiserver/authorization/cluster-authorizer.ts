import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes, Authorizer, UserRules, Verdict } from '../authorizer.port.js';
import { NodeAuthorizer } from './node-authorizer.js';
import { RbacAuthorizer } from './rbac-authorizer.js';

const ALL_POWERFUL: Verdict = Object.freeze({ isAllowed: true, reason: '' });

/** `--authorization-mode=Node,RBAC`: the all-powerful group, then nodes, then roles; whoever allows first decides. */
export class ClusterAuthorizer implements Authorizer {
  readonly #chain: readonly Authorizer[];

  constructor(reader: ResourceReader) {
    this.#chain = [new NodeAuthorizer(reader), new RbacAuthorizer(reader)];
  }

  authorize(attributes: AuthorizationAttributes): Verdict {
    if (attributes.user.groups.includes(ALL_POWERFUL_GROUP)) return ALL_POWERFUL;
    let reason = '';
    for (const each of this.#chain) {
      const verdict = each.authorize(attributes);
      if (verdict.isAllowed) return verdict;
      if (verdict.reason !== '') reason = reason === '' ? verdict.reason : `${reason}\n${verdict.reason}`;
    }
    return { isAllowed: false, reason };
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const all = this.#chain.map((each) => each.rulesFor(user, namespace));
    return {
      rules: all.flatMap(({ rules }) => rules),
      isIncomplete: all.some(({ isIncomplete }) => isIncomplete),
      error: all.flatMap(({ error }) => (error === '' ? [] : [error])).join(', '),
    };
  }
}
