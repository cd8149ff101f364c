import { clusterRoleBinding } from '../../../kinds/cluster-role-binding.js';
import { clusterRole } from '../../../kinds/cluster-role.js';
import { roleBinding } from '../../../kinds/role-binding.js';
import { role } from '../../../kinds/role.js';
import type { ClusterRole, PolicyRule, RoleBinding } from '../../../machinery/api/rbac-v1.js';
import { goQuote } from '../../../machinery/go-text.js';
import { deepEqual } from '../../../machinery/equality.js';
import type { KubeObject } from '../../../machinery/object.js';
import { notFound, unknownError } from '../../../machinery/status-error.js';
import { ALL_POWERFUL_GROUP } from '../../../machinery/user.js';
import { escalationFault, mayBind, mayEscalate, type Grant } from '../../authorization/escalation.js';
import { rulesOfRole } from '../../authorization/rule-resolver.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const GROUP = 'rbac.authorization.k8s.io';
const FULL_AUTHORITY: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Writes of roles and bindings by whoever does not hold what they grant. Upstream checks in the storage of these kinds,
 * after all mutating admission and before validation, which is where this plugin's turn is.
 */
export const rbacEscalation = defineAdmissionPlugin({
  name: 'RbacEscalation',
  operations: ['CREATE', 'UPDATE'],
  resources: [`${GROUP}/roles`, `${GROUP}/clusterroles`, `${GROUP}/rolebindings`, `${GROUP}/clusterrolebindings`],

  admit(attributes, { reader }) {
    const { kind, user, namespace = '' } = attributes;
    if (user.groups.includes(ALL_POWERFUL_GROUP) || changesOwnershipOnly(attributes)) return undefined;
    const grant: Grant = { reader, user, namespace };
    const isRole = kind.plural === role.plural || kind.plural === clusterRole.plural;
    const fault = isRole ? roleFault(attributes, grant) : bindingFault(attributes, grant);
    if (fault !== undefined) throw admissionForbidden(attributes, fault);
    return undefined;
  },
});

function roleFault(attributes: AdmissionAttributes, grant: Grant): string | undefined {
  const { kind, operation, name, old } = attributes;
  // A request to create names nothing yet.
  if (mayEscalate(grant, kind.plural, operation === 'CREATE' ? '' : name)) return undefined;
  const draft: ClusterRole = objectOf(clusterRole, attributes);
  const fault = escalationFault(grant, draft.rules ?? []);
  if (fault !== undefined || !(aggregates(draft) || aggregates(old))) return fault;
  if (escalationFault(grant, FULL_AUTHORITY) === undefined) return undefined;
  return 'must have cluster-admin privileges to use the aggregationRule';
}

const aggregates = (of: ClusterRole | undefined): boolean =>
  (of?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;

function bindingFault(attributes: AdmissionAttributes, grant: Grant): string | undefined {
  const kind = attributes.kind.plural === roleBinding.plural ? roleBinding : clusterRoleBinding;
  const { roleRef }: Pick<RoleBinding, 'roleRef'> = objectOf(kind, attributes);
  if (mayBind(grant, roleRef)) return undefined;
  // Validation, whose turn comes later, would have refused it in better words.
  if (roleRef.kind !== role.kind && roleRef.kind !== clusterRole.kind) {
    throw unknownError(`unsupported role reference kind: ${goQuote(roleRef.kind)}`);
  }
  const rules = rulesOfRole(grant.reader, roleRef, grant.namespace);
  // Upstream's registry names the resource of the request, and the role.
  if (rules === undefined) throw notFound({ group: GROUP, resource: kind.plural }, roleRef.name);
  return escalationFault(grant, rules);
}

/** What the garbage collector needs to let an object go, it may do without holding what the object grants. */
function changesOwnershipOnly({ object, old }: AdmissionAttributes): boolean {
  if (object === undefined || old === undefined) return false;
  return deepEqual(withoutOwnership(object), withoutOwnership(old));
}

function withoutOwnership(object: KubeObject): KubeObject {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managers, ...metadata } = object.metadata;
  return { ...object, metadata };
}
