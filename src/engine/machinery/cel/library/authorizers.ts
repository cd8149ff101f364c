import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../names.js';
import type { UserInfo } from '../../user.js';
import { BOOL, STRING, opaque, type Type } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import type { Value } from '../values/value.js';
import { declare, member, type FunctionDeclaration } from './function.js';

export const AUTHORIZER = opaque('kubernetes.authorization.Authorizer');
const PATH_CHECK = opaque('kubernetes.authorization.PathCheck');
const GROUP_CHECK = opaque('kubernetes.authorization.GroupCheck');
export const RESOURCE_CHECK = opaque('kubernetes.authorization.ResourceCheck');
const DECISION = opaque('kubernetes.authorization.Decision');

/** What an expression asks the authoriser. */
export interface AuthorizationQuestion {
  /** `undefined`: who sends the request. */
  readonly user: UserInfo | undefined;
  readonly verb: string;
  /** Empty for a resource. */
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Answers for one request. */
export type AuthorizationCheck = (question: AuthorizationQuestion) => {
  readonly isAllowed: boolean;
  readonly reason: string;
};

/** The authoriser, or a question to it that is not complete. */
export class CheckValue extends Extension {
  override readonly type: Type;
  readonly question: Omit<AuthorizationQuestion, 'verb'>;
  readonly #check: AuthorizationCheck;

  constructor(type: Type, check: AuthorizationCheck, question: Omit<AuthorizationQuestion, 'verb'> = NOTHING) {
    super();
    this.type = type;
    this.#check = check;
    this.question = question;
  }

  with(type: Type, more: Partial<AuthorizationQuestion>): CheckValue {
    return new CheckValue(type, this.#check, { ...this.question, ...more });
  }

  ask(verb: string): DecisionValue {
    const { isAllowed, reason } = this.#check({ ...this.question, verb });
    return new DecisionValue(isAllowed, reason);
  }

  override equals(other: Value): boolean {
    return other === this;
  }

  override text(): string {
    return '';
  }
}

class DecisionValue extends Extension {
  override readonly type = DECISION;
  readonly isAllowed: boolean;
  readonly reason: string;

  constructor(isAllowed: boolean, reason: string) {
    super();
    this.isAllowed = isAllowed;
    this.reason = reason;
  }

  override equals(other: Value): boolean {
    return other === this;
  }

  override text(): string {
    return this.reason;
  }
}

const NOTHING = { user: undefined, path: '', group: '', resource: '', subresource: '', namespace: '', name: '' };

type Two = readonly [CheckValue, string];
type Three = readonly [CheckValue, string, string];

const narrowed = (name: string, field: 'subresource' | 'namespace' | 'name'): FunctionDeclaration =>
  declare(
    name,
    member<Two>([RESOURCE_CHECK, STRING], RESOURCE_CHECK, ([check, value]) =>
      check.with(RESOURCE_CHECK, { [field]: value }),
    ),
  );
/** No authoriser here looks at selectors. */
const selected = (name: string): FunctionDeclaration =>
  declare(
    name,
    member<Two>([RESOURCE_CHECK, STRING], RESOURCE_CHECK, ([check]) => check),
  );

function notEmpty(what: string, value: string): string {
  if (value.trim() === '') throw new CelError(`${what} must not be empty`);
  return value;
}

function serviceAccount(namespace: string, name: string): UserInfo {
  if (dns1123SubdomainFaults(name).length > 0) throw new CelError('Invalid service account name');
  if (dns1123LabelFaults(namespace).length > 0) throw new CelError('Invalid service account namespace');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { username: `system:serviceaccount:${namespace}:${name}`, groups };
}

export const authorizers: readonly FunctionDeclaration[] = [
  declare(
    'path',
    member<Two>([AUTHORIZER, STRING], PATH_CHECK, ([check, path]) =>
      check.with(PATH_CHECK, { path: notEmpty('path', path) }),
    ),
  ),
  declare(
    'group',
    member<Two>([AUTHORIZER, STRING], GROUP_CHECK, ([check, group]) => check.with(GROUP_CHECK, { group })),
  ),
  declare(
    'serviceAccount',
    member<Three>([AUTHORIZER, STRING, STRING], AUTHORIZER, ([check, namespace, name]) =>
      check.with(AUTHORIZER, { user: serviceAccount(namespace, name) }),
    ),
  ),
  declare(
    'resource',
    member<Two>([GROUP_CHECK, STRING], RESOURCE_CHECK, ([check, resource]) =>
      check.with(RESOURCE_CHECK, { resource: notEmpty('resource', resource) }),
    ),
  ),
  narrowed('subresource', 'subresource'),
  narrowed('namespace', 'namespace'),
  narrowed('name', 'name'),
  selected('fieldSelector'),
  selected('labelSelector'),
  declare(
    'check',
    member<Two>([PATH_CHECK, STRING], DECISION, ([check, verb]) => check.ask(verb)),
    member<Two>([RESOURCE_CHECK, STRING], DECISION, ([check, verb]) => check.ask(verb)),
  ),
  declare(
    'errored',
    member<readonly [DecisionValue]>([DECISION], BOOL, () => false),
  ),
  declare(
    'error',
    member<readonly [DecisionValue]>([DECISION], STRING, () => ''),
  ),
  declare(
    'allowed',
    member<readonly [DecisionValue]>([DECISION], BOOL, ([decision]) => decision.isAllowed),
  ),
  declare(
    'reason',
    member<readonly [DecisionValue]>([DECISION], STRING, ([decision]) => decision.reason),
  ),
];
