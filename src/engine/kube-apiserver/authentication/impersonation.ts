/** Acting as somebody else. Mirrors apiserver's `WithImpersonation` filter. */
import { badRequest } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import { authorize } from '../authorization.js';
import type { Authorizer } from '../authorizer.port.js';
import { accountGroups, accountOfUsername, ALL_AUTHENTICATED, ALL_UNAUTHENTICATED, ANONYMOUS } from './users.js';

const GROUP = 'authentication.k8s.io';
const USER_HEADER = 'impersonate-user';
const GROUP_HEADER = 'impersonate-group';
const UID_HEADER = 'impersonate-uid';
const EXTRA_PREFIX = 'impersonate-extra-';

/** Whom a request asks to be taken for. */
export interface Impersonation {
  /** Empty where only the rest is named, which is a mistake. */
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid: string;
  /** Keys in lower case with their values, in the order of the request. */
  readonly extra: readonly (readonly [key: string, value: string])[];
}

/** Of headers as they came, names and values in turn; `undefined` where none of them is about impersonation. */
export function impersonationIn(rawHeaders: readonly string[]): Impersonation | undefined {
  let username = '';
  let uid = '';
  const groups: string[] = [];
  const extra: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]!;
    const initial = header[0];
    if (initial !== 'i' && initial !== 'I') continue;
    const name = header.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (name === USER_HEADER) username ||= value;
    else if (name === GROUP_HEADER) groups.push(value);
    else if (name === UID_HEADER) uid ||= value;
    else if (name.startsWith(EXTRA_PREFIX)) extra.push([unescaped(name.slice(EXTRA_PREFIX.length)), value]);
  }
  const isAsked = username !== '' || uid !== '' || groups.length > 0 || extra.length > 0;
  return isAsked ? { username, groups, uid, extra } : undefined;
}

/** The user to go on as. @throws StatusError 400 without a user, 403 where any part of it is not allowed. */
export function impersonated(authorizer: Authorizer, user: UserInfo, asked: Impersonation): UserInfo {
  const { username, uid } = asked;
  if (username === '') throw badRequest(`requested [${describe(asked)}] without impersonating a user`);
  const check = (what: Partial<typeof NOTHING>): void =>
    authorize(authorizer, { ...NOTHING, ...what, user, verb: 'impersonate', path: '', isResource: true });
  const account = accountOfUsername(username);
  if (account === undefined) check({ resource: 'users', name: username, version: 'v1' });
  else check({ resource: 'serviceaccounts', ...account, version: 'v1' });
  for (const name of asked.groups) check({ resource: 'groups', name, version: 'v1' });
  const extra = new Map<string, string[]>();
  for (const [key, value] of asked.extra) {
    check({ group: GROUP, version: 'v1', resource: 'userextras', subresource: key, name: value });
    extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  if (uid !== '') check({ group: GROUP, version: 'v1', resource: 'uids', name: uid });
  const groups = withStanding(username, groupsOf(asked.groups, account?.namespace));
  return {
    username,
    groups,
    ...(uid === '' ? {} : { uid }),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

const NOTHING = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

const groupsOf = (named: readonly string[], accountNamespace: string | undefined): readonly string[] =>
  named.length === 0 && accountNamespace !== undefined ? accountGroups(accountNamespace) : named;

/** Everybody is a member of one of the two groups that tell the anonymous from the rest. */
function withStanding(username: string, groups: readonly string[]): readonly string[] {
  if (username === ANONYMOUS) {
    return groups.includes(ALL_UNAUTHENTICATED) ? groups : [...groups, ALL_UNAUTHENTICATED];
  }
  const isGiven = groups.includes(ALL_AUTHENTICATED) || groups.includes(ALL_UNAUTHENTICATED);
  return isGiven ? groups : [...groups, ALL_AUTHENTICATED];
}

/** As Go prints the references that upstream makes of the headers. */
const describe = ({ groups, extra, uid }: Impersonation): string =>
  [
    ...groups.map((name) => `{Group  ${name}    }`),
    ...extra.map(([key, value]) => `{UserExtra  ${value}  ${GROUP}/v1  ${key}}`),
    ...(uid === '' ? [] : [`{UID  ${uid}  ${GROUP}/v1  }`]),
  ].join(' ');

/** What is not encoded well is taken as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
