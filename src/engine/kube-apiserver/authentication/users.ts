import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import type { UserInfo } from '../../machinery/user.js';

export const ANONYMOUS = 'system:anonymous';
export const ALL_AUTHENTICATED = 'system:authenticated';
export const ALL_UNAUTHENTICATED = 'system:unauthenticated';

const ACCOUNT_PREFIX = 'system:serviceaccount:';
const ACCOUNTS_GROUP = 'system:serviceaccounts';

/** Whoever sends no credentials. */
export const anonymousUser: UserInfo = Object.freeze({
  username: ANONYMOUS,
  groups: Object.freeze([ALL_UNAUTHENTICATED]),
});

export const accountUsername = (namespace: string, name: string): string => `${ACCOUNT_PREFIX}${namespace}:${name}`;

export const accountGroups = (namespace: string): readonly string[] => [
  ACCOUNTS_GROUP,
  `${ACCOUNTS_GROUP}:${namespace}`,
];

/** The service account that a user is by its name; `undefined` for every other user. */
export function accountOfUsername(username: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!username.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace = '', name = '', ...rest] = username.slice(ACCOUNT_PREFIX.length).split(':');
  const isName = rest.length === 0 && dns1123SubdomainFaults(name).length === 0;
  return isName && dns1123LabelFaults(namespace).length === 0 ? { namespace, name } : undefined;
}
