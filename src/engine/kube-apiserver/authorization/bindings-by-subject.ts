import type { ClusterRoleBinding, RoleBinding, Subject } from '../../machinery/api/rbac-v1.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** Every binding is filed under each of its subjects, those of a namespace under the namespace as well. */
export const clusterBindingsBySubject = defineIndex<ClusterRoleBinding>({
  name: 'clusterBindingsBySubject',
  keysOf: ({ subjects = [] }) => keysOf(subjects, '', ''),
});

export const bindingsBySubject = defineIndex<RoleBinding>({
  name: 'bindingsBySubject',
  keysOf({ metadata: { namespace = '' }, subjects = [] }) {
    return keysOf(subjects, namespace, `${namespace}/`);
  },
});

export const userKey = ({ username }: UserInfo): string => `u:${username}`;
export const groupKey = (group: string): string => `g:${group}`;

/** The first subject that stands for the user, as upstream looks for it. */
export function subjectFor(user: UserInfo, subjects: readonly Subject[], namespace: string): Subject | undefined {
  const own = userKey(user);
  return subjects.find((subject) => {
    const key = keyOf(subject, namespace);
    return key === own || (subject.kind === 'Group' && user.groups.includes(subject.name));
  });
}

function keysOf(subjects: readonly Subject[], namespace: string, prefix: string): readonly string[] {
  const keys = new Set<string>();
  for (const subject of subjects) {
    const key = keyOf(subject, namespace);
    if (key !== undefined) keys.add(prefix + key);
  }
  return [...keys];
}

/** A service account without a namespace is one of the binding's own. */
function keyOf({ kind, name, namespace: given = '' }: Subject, bindingNamespace: string): string | undefined {
  switch (kind) {
    case 'User':
      return `u:${name}`;
    case 'Group':
      return groupKey(name);
    case 'ServiceAccount': {
      const namespace = given === '' ? bindingNamespace : given;
      return namespace === '' ? undefined : `u:${ACCOUNT_PREFIX}${namespace}:${name}`;
    }
    default:
      return undefined;
  }
}
