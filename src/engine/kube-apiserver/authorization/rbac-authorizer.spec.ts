import fc from 'fast-check';
import { createApiHarness } from '../../../../test/support/engine-harness.js';
import type { PolicyRule, RoleRef, Subject } from '../../machinery/api/rbac-v1.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import { RbacAuthorizer } from './rbac-authorizer.js';

const POLICIES = 2_000;
const REQUESTS_A_POLICY = 4;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const NAMESPACES = ['default', 'blue'];

interface Role {
  /** Empty: a ClusterRole. */
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

interface Binding {
  /** Empty: a ClusterRoleBinding. */
  readonly namespace: string;
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly roleRef: RoleRef;
}

interface Policy {
  readonly roles: readonly Role[];
  readonly bindings: readonly Binding[];
}

const some = (values: readonly string[], minLength = 1): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength: 2 });

const resourceRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: some(['get', 'list', 'create', '*']),
  apiGroups: some(['', 'apps', '*']),
  resources: some(['pods', 'pods/log', '*/scale', 'deployments', 'deployments/scale', '*', 'logs']),
  resourceNames: some(['a', 'b'], 0),
});
const urlRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: some(['get', 'post', '*']),
  nonResourceURLs: some(['/metrics', '/debug/*', '*', '/']),
});

const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({ kind: fc.constant('User'), name: fc.constantFrom('ann', 'system:serviceaccount:blue:bot') }),
  fc.record({ kind: fc.constant('Group'), name: fc.constantFrom('painters', 'system:authenticated') }),
  fc.record({
    kind: fc.constant('ServiceAccount'),
    name: fc.constant('bot'),
    namespace: fc.constantFrom(...NAMESPACES),
  }),
);

const place = fc.constantFrom('', ...NAMESPACES);
const roleName = fc.constantFrom('one', 'two', 'three');
const key = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => `${namespace}/${name}`;

const role: fc.Arbitrary<Role> = place.chain((namespace) =>
  fc.record({
    namespace: fc.constant(namespace),
    name: roleName,
    rules: fc.array(namespace === '' ? fc.oneof(resourceRule, urlRule) : resourceRule, { maxLength: 3 }),
  }),
);
const binding: fc.Arbitrary<Binding> = place.chain((namespace) =>
  fc.record({
    namespace: fc.constant(namespace),
    name: fc.constantFrom('x', 'y', 'z'),
    subjects: fc.array(subject, { maxLength: 3 }),
    roleRef: fc.record({
      apiGroup: fc.constant('rbac.authorization.k8s.io'),
      kind: namespace === '' ? fc.constant('ClusterRole') : fc.constantFrom('Role', 'ClusterRole'),
      name: roleName,
    }),
  }),
);
const policy: fc.Arbitrary<Policy> = fc.record({
  roles: fc.uniqueArray(role, { selector: key, maxLength: 5 }),
  bindings: fc.uniqueArray(binding, { selector: key, maxLength: 5 }),
});

const user = fc.constantFrom(
  { username: 'ann', groups: ['painters', 'system:authenticated'] },
  { username: 'ann', groups: [] },
  { username: 'zed', groups: ['system:authenticated'] },
  { username: 'system:serviceaccount:blue:bot', groups: ['system:authenticated'] },
  { username: 'system:serviceaccount:default:bot', groups: [] },
);
const attributes: fc.Arbitrary<AuthorizationAttributes> = fc.oneof(
  fc.record({
    user,
    verb: fc.constantFrom('get', 'list', 'create', 'fly'),
    group: fc.constantFrom('', 'apps'),
    version: fc.constant('v1'),
    resource: fc.constantFrom('pods', 'deployments', 'logs'),
    subresource: fc.constantFrom('', 'log', 'scale', 'og'),
    namespace: place,
    name: fc.constantFrom('', 'a', 'c'),
    path: fc.constant(''),
    isResource: fc.constant(true),
  }),
  fc.record({
    user,
    verb: fc.constantFrom('get', 'post', 'put'),
    path: fc.constantFrom('/metrics', '/debug', '/debug/x', '/'),
    group: fc.constant(''),
    version: fc.constant(''),
    resource: fc.constant(''),
    subresource: fc.constant(''),
    namespace: fc.constant(''),
    name: fc.constant(''),
    isResource: fc.constant(false),
  }),
);

/** What the documentation of RBAC says, word by word and without any index. */
function isAllowedByModel({ roles, bindings }: Policy, asked: AuthorizationAttributes): boolean {
  return bindings.some(({ namespace, subjects, roleRef }) => {
    if (namespace !== '' && namespace !== asked.namespace) return false;
    if (!subjects.some((each) => isMeant(each, asked))) return false;
    const home = roleRef.kind === 'Role' ? namespace : '';
    const granted = roles.find((each) => each.namespace === home && each.name === roleRef.name);
    return granted?.rules.some((rule) => isGranted(rule, asked)) === true;
  });
}

function isMeant(subject: Subject, { user: { username, groups } }: AuthorizationAttributes): boolean {
  if (subject.kind === 'Group') return groups.includes(subject.name);
  if (subject.kind === 'User') return username === subject.name;
  return username === ['system', 'serviceaccount', subject.namespace, subject.name].join(':');
}

function isGranted(rule: PolicyRule, asked: AuthorizationAttributes): boolean {
  const among = (list: readonly string[] | undefined, ...values: string[]) =>
    list?.some((each) => values.includes(each)) === true;
  if (!among(rule.verbs, asked.verb, '*')) return false;
  if (!asked.isResource) {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? asked.path.startsWith(url.slice(0, -1)) : asked.path === url,
    );
  }
  const { resource, subresource } = asked;
  const names = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*'];
  const isNamed = (rule.resourceNames ?? []).length === 0 || among(rule.resourceNames, asked.name);
  return among(rule.apiGroups, asked.group, '*') && among(rule.resources, ...names) && isNamed;
}

describe('the RBAC authoriser', () => {
  it('agrees with a model that reads every binding, while policies come and go', () => {
    const { request, server } = createApiHarness();
    request('POST', '/api/v1/namespaces', { metadata: { name: 'blue' } });
    const authorizer = new RbacAuthorizer(server.resources);
    const pathOf = (namespace: string, plural: string): string =>
      namespace === '' ? `${RBAC}/cluster${plural}` : `${RBAC}/namespaces/${namespace}/${plural}`;
    const written = (of: { readonly namespace: string; readonly name: string }, plural: string, body: object): void => {
      const answer = request('POST', pathOf(of.namespace, plural), { metadata: { name: of.name }, ...body });
      expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
    };
    fc.assert(
      fc.property(
        policy,
        fc.array(attributes, { minLength: REQUESTS_A_POLICY, maxLength: REQUESTS_A_POLICY }),
        (given, questions) => {
          for (const { rules, ...of } of given.roles) written(of, 'roles', { rules });
          for (const { subjects, roleRef, ...of } of given.bindings) written(of, 'rolebindings', { subjects, roleRef });
          for (const asked of questions) {
            expect([asked, authorizer.authorize(asked).isAllowed]).toEqual([asked, isAllowedByModel(given, asked)]);
          }
          for (const { namespace, name } of given.bindings)
            request('DELETE', `${pathOf(namespace, 'rolebindings')}/${name}`);
          for (const { namespace, name } of given.roles) request('DELETE', `${pathOf(namespace, 'roles')}/${name}`);
        },
      ),
      { numRuns: POLICIES },
    );
  });

  it('says by what it allows, and which roles are missing', () => {
    const { request } = createApiHarness();
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'readers' };
    const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }];
    const bindings = `${RBAC}/namespaces/default/rolebindings`;
    const missing = { ...roleRef, name: 'gone' };
    request('POST', bindings, { metadata: { name: 'x' }, roleRef: missing, subjects });
    request('POST', bindings, { metadata: { name: 'y' }, roleRef, subjects });
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
    request('POST', `${RBAC}/namespaces/default/roles`, { metadata: { name: 'readers' }, rules });
    const spec = {
      user: 'system:serviceaccount:default:bot',
      resourceAttributes: { namespace: 'default', resource: 'pods', verb: 'get' },
    };
    const review = (given: object) =>
      request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: given }).json.status;
    expect(review(spec)).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "y/default" of Role "readers" to ServiceAccount "bot/default"',
    });
    expect(review({ ...spec, resourceAttributes: { ...spec.resourceAttributes, verb: 'list' } })).toEqual({
      allowed: false,
      reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found',
    });
  });
});
