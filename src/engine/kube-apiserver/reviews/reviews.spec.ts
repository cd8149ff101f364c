import { createApiHarness } from '../../../../test/support/engine-harness.js';

const ACCESS = '/apis/authorization.k8s.io/v1';

describe('reviews', () => {
  it('tell who asks', () => {
    const { request } = createApiHarness();
    const { status, json } = request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect([status, json.status.userInfo]).toEqual([
      201,
      { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    ]);
  });

  it('tell that the administrator may do everything, and which rules say so', () => {
    const { request } = createApiHarness();
    const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
    expect(request('POST', `${ACCESS}/selfsubjectaccessreviews`, { spec }).json.status).toEqual({ allowed: true });
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const rules = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    request('POST', `${rbac}/clusterroles`, { metadata: { name: 'all' }, rules });
    request('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: 'all' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'all' },
      subjects: [{ kind: 'Group', name: 'system:masters' }],
    });
    const { status } = request('POST', `${ACCESS}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } }).json;
    expect(status).toEqual({ resourceRules: [rules[0]], nonResourceRules: [rules[1]], incomplete: false });
  });

  it('refuse selectors that mean nothing, but not operators that others may know', () => {
    const { request } = createApiHarness();
    const asked = (selectors: object) => {
      const spec = { user: 'a', resourceAttributes: { verb: 'list', resource: 'pods', ...selectors } };
      const { status, json } = request('POST', `${ACCESS}/subjectaccessreviews`, { spec });
      return status === 201 ? json.status.evaluationError : json.details.causes;
    };
    const requirement = (key: string, operator: string, values: readonly string[] = []) => ({ key, operator, values });
    const under = 'spec.resourceAttributes.';
    expect(asked({ fieldSelector: { requirements: [requirement('', 'In')] } })).toMatchObject([
      { field: `${under}fieldSelector.requirements[0].key`, message: 'Required value: must be specified' },
      { field: `${under}fieldSelector.requirements[0].values` },
    ]);
    expect(asked({ labelSelector: { requirements: [requirement('a', 'Exists', ['x y'])] } })).toMatchObject([
      { field: `${under}labelSelector.requirements[0].values`, reason: 'FieldValueForbidden' },
      { field: `${under}labelSelector.requirements[0].values[0]`, reason: 'FieldValueInvalid' },
    ]);
    const newer = requirement('a', 'Near', ['b']);
    const known = requirement('a', 'In', ['b']);
    expect(asked({ labelSelector: { requirements: [newer] }, fieldSelector: { requirements: [known, newer] } })).toBe(
      `${under}fieldSelector partially ignored due to parse error; ${under}labelSelector ignored due to parse error`,
    );
    expect(asked({ labelSelector: { rawSelector: 'a in' } })).toBe(`${under}labelSelector ignored due to parse error`);
    expect(asked({ labelSelector: { rawSelector: 'a in (b)' }, fieldSelector: { rawSelector: 'a=b' } })).toBe(
      undefined,
    );
  });

  it('refuse questions that are none', () => {
    const { request } = createApiHarness();
    const { status, json } = request('POST', `${ACCESS}/subjectaccessreviews`, { spec: {} });
    expect([status, json.message]).toEqual([
      422,
      '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
    ]);
    expect(request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: {} }).json.message).toBe(
      'token is required for TokenReview in authentication',
    );
  });
});

describe('component statuses', () => {
  it('are told with a warning, and stored nowhere', () => {
    const { request } = createApiHarness();
    const { headers, json } = request('GET', '/api/v1/componentstatuses');
    expect(headers['warning']).toEqual(['299 - "v1 ComponentStatus is deprecated in v1.19+"']);
    expect(json.metadata).toEqual({});
    expect(json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
      'scheduler',
      'controller-manager',
      'etcd-0',
    ]);
    expect(request('GET', '/api/v1/componentstatuses/x').json.message).toBe('componentstatus "x" not found');
  });
});

describe('a review', () => {
  it('owns what it was asked with, and is shown as metadata to whom that is enough', () => {
    const { request } = createApiHarness();
    const body = { spec: { nonResourceAttributes: { verb: 'get', path: '/x' } } };
    const headers = {
      'user-agent': 'asker/1.0',
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status, json } = request('POST', path, body, headers);
    expect([status, json.kind, json.metadata.managedFields[0]]).toMatchObject([
      201,
      'PartialObjectMetadata',
      {
        manager: 'asker',
        operation: 'Update',
        fieldsV1: { 'f:spec': { 'f:nonResourceAttributes': { 'f:path': {} } } },
      },
    ]);
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    expect(request('POST', path, body, table).status).toBe(406);
  });
});
