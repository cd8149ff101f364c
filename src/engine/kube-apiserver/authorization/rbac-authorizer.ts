/** Mirrors `plugin/pkg/auth/authorizer/rbac`: allowed is what a rule allows that a binding grants to the user. */
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes, Authorizer, UserRules, Verdict } from '../authorizer.port.js';
import { ruleAllows } from './rule-matching.js';
import { aggregateText, collectRules, describeBinding, visitRules } from './rule-resolver.js';

const REFUSED: Verdict = Object.freeze({ isAllowed: false, reason: '' });

export class RbacAuthorizer implements Authorizer {
  readonly #reader: ResourceReader;

  constructor(reader: ResourceReader) {
    this.#reader = reader;
  }

  authorize(attributes: AuthorizationAttributes): Verdict {
    const { user, namespace } = attributes;
    let verdict: Verdict | undefined;
    let errors: Set<string> | undefined;
    visitRules(this.#reader, user, namespace, (rules, binding, error) => {
      if (error !== undefined) (errors ??= new Set()).add(error.message);
      for (const rule of rules) {
        if (!ruleAllows(rule, attributes)) continue;
        verdict = new Allowed(binding, user);
        return false;
      }
      return true;
    });
    if (verdict !== undefined) return verdict;
    return errors === undefined ? REFUSED : { isAllowed: false, reason: `RBAC: ${aggregateText([...errors])}` };
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const { rules, errors } = collectRules(this.#reader, user, namespace);
    return { rules, isIncomplete: false, error: errors.length === 0 ? '' : aggregateText(errors) };
  }
}

type Binding = Parameters<typeof describeBinding>[0];

/** Only reviews ask why something is allowed: every other request is spared the text. */
class Allowed implements Verdict {
  readonly isAllowed = true;
  readonly #binding: Binding;
  readonly #user: UserInfo;

  constructor(binding: Binding, user: UserInfo) {
    this.#binding = binding;
    this.#user = user;
  }

  get reason(): string {
    return `RBAC: allowed by ${describeBinding(this.#binding, this.#user)}`;
  }
}
