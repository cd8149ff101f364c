import { createApiHarness } from '../../../../test/support/engine-harness.js';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ROLES = `${RBAC}/namespaces/default/roles`;
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;
const API_GROUP = 'rbac.authorization.k8s.io';
const AS_ANN = { 'impersonate-user': 'ann', 'impersonate-group': 'painters' };
const ann = [{ kind: 'User', name: 'ann' }];

/** A server on which ann may write roles and bindings of `default`, and hold what `rules` say. */
function serverWith(rules: readonly object[]) {
  const { request } = createApiHarness();
  const own = [
    { verbs: ['create', 'update', 'patch'], apiGroups: [API_GROUP], resources: ['roles', 'rolebindings'] },
    ...rules,
  ];
  request('POST', ROLES, { metadata: { name: 'own' }, rules: own });
  const roleRef = { apiGroup: API_GROUP, kind: 'Role', name: 'own' };
  request('POST', BINDINGS, { metadata: { name: 'own' }, roleRef, subjects: ann });
  const create = (path: string, body: object): readonly [number, string | undefined] => {
    const { status, json } = request('POST', path, body, AS_ANN);
    return [status, json.message];
  };
  return { request, create };
}

const getPods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
const GRANTING = 'is attempting to grant RBAC permissions not currently held:\n';
const WHO = 'user "ann" (groups=["painters" "system:authenticated"])';

describe('privilege escalation', () => {
  it('is refused to whoever grants more than they hold', () => {
    const { create } = serverWith([getPods]);
    expect(create(ROLES, { metadata: { name: 'a' }, rules: [getPods] })[0]).toBe(201);
    const rules = [
      { verbs: ['watch', 'get', 'list'], apiGroups: [''], resources: ['pods', 'nodes'] },
      { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'] },
    ];
    expect(create(ROLES, { metadata: { name: 'b' }, rules })).toEqual([
      403,
      `roles.rbac.authorization.k8s.io "b" is forbidden: ${WHO} ${GRANTING}` +
        '{APIGroups:[""], Resources:["nodes"], Verbs:["watch" "get" "list"]}\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch" "list"]}\n' +
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]}',
    ]);
  });

  it('is asked about roles that are yet to be validated', () => {
    const { create } = serverWith([getPods]);
    const rules = [{ apiGroups: [''], resources: ['secrets'] }];
    expect(create(ROLES, { metadata: { name: 'a' }, rules })).toEqual([
      422,
      'Role.rbac.authorization.k8s.io "a" is invalid: rules[0].verbs: Required value: verbs must contain at least one value',
    ]);
    expect(create(ROLES, { metadata: { name: 'a' }, rules: [null, {}] })[0]).toBe(422);
    expect(create(BINDINGS, { metadata: { name: 'a' } })).toEqual([500, 'unsupported role reference kind: ""']);
  });

  it('is refused through bindings and patches', () => {
    const { request, create } = serverWith([getPods]);
    const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
    request('POST', `${RBAC}/clusterroles`, { metadata: { name: 'all' }, rules });
    const roleRef = { apiGroup: API_GROUP, kind: 'ClusterRole', name: 'all' };
    const expected = `${WHO} ${GRANTING}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`;
    expect(create(BINDINGS, { metadata: { name: 'x' }, roleRef, subjects: ann })).toEqual([
      403,
      `rolebindings.rbac.authorization.k8s.io "x" is forbidden: ${expected}`,
    ]);
    const headers = { ...AS_ANN, 'content-type': 'application/merge-patch+json' };
    const patched = request('PATCH', `${ROLES}/own`, { rules }, headers);
    expect([patched.status, patched.json.message]).toEqual([
      403,
      `roles.rbac.authorization.k8s.io "own" is forbidden: ${expected}`,
    ]);
    const missing = { ...roleRef, name: 'none' };
    expect(create(BINDINGS, { metadata: { name: 'y' }, roleRef: missing, subjects: ann })).toEqual([
      404,
      'rolebindings.rbac.authorization.k8s.io "none" not found',
    ]);
  });

  it('is allowed to whoever may escalate or bind', () => {
    const { request, create } = serverWith([
      { verbs: ['escalate'], apiGroups: [API_GROUP], resources: ['roles'] },
      { verbs: ['bind'], apiGroups: [API_GROUP], resources: ['clusterroles'], resourceNames: ['all'] },
    ]);
    const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
    request('POST', `${RBAC}/clusterroles`, { metadata: { name: 'all' }, rules });
    expect(create(ROLES, { metadata: { name: 'b' }, rules })[0]).toBe(201);
    const roleRef = { apiGroup: API_GROUP, kind: 'ClusterRole', name: 'all' };
    expect(create(BINDINGS, { metadata: { name: 'x' }, roleRef, subjects: ann })[0]).toBe(201);
  });

  it('is refused to whoever asks to be somebody else', () => {
    const { request } = createApiHarness();
    const as = (headers: Record<string, string>) => {
      const { status, json } = request('GET', '/api/v1/nodes', undefined, headers);
      return [status, json.message];
    };
    expect(as({ 'impersonate-group': 'system:masters' })).toEqual([
      400,
      'requested [{Group  system:masters    }] without impersonating a user',
    ]);
    expect(as({ 'impersonate-user': 'system:serviceaccount:default:x' })).toEqual([
      403,
      'nodes is forbidden: User "system:serviceaccount:default:x" cannot list resource "nodes" in API group "" at the cluster scope',
    ]);
  });
});
