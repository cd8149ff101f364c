import { createApiHarness } from '../../../../../test/support/engine-harness.js';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const RULE = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: ['configmaps'],
};

function clusterWith(spec: object, { binding = {}, isBound = true } = {}) {
  const { request, ...rest } = createApiHarness();
  const policy = { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: [RULE] }, ...spec } };
  expect(request('POST', `${GROUP}/validatingadmissionpolicies`, policy).json.message).toBeUndefined();
  const bound = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...binding } };
  if (isBound) request('POST', `${GROUP}/validatingadmissionpolicybindings`, bound);
  const create = (data: object = {}, name = 'm') =>
    request('POST', `${CONFIG_MAPS}?dryRun=All`, { metadata: { name }, data });
  return { request, create, ...rest };
}
const denied = (why: string): string =>
  `configmaps "m" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${why}`;

describe('validating admission policies', () => {
  it('have no effect without a binding', () => {
    const { create } = clusterWith({ validations: [{ expression: 'false' }] }, { isBound: false });
    expect(create().status).toBe(201);
  });

  it('refuse with a message, an expression for one, or the expression that failed', () => {
    const { create } = clusterWith({
      validations: [
        { expression: `!('a' in object.data)`, message: 'no a', reason: 'Forbidden' },
        { expression: `!('b' in object.data)`, messageExpression: `'b is ' + object.data.b` },
        { expression: `!('c' in object.data)` },
      ],
    });
    expect([create({ a: '' }).status, create({ a: '' }).json.message]).toEqual([403, denied('no a')]);
    expect([create({ b: '1' }).status, create({ b: '1' }).json.message]).toEqual([422, denied('b is 1')]);
    expect(create({ c: '' }).json.message).toBe(denied(`failed expression: !('c' in object.data)`));
    expect(create({ d: '' }).status).toBe(201);
  });

  it('warn where they are told to', () => {
    const { create } = clusterWith(
      { validations: [{ expression: 'false', message: 'hm' }] },
      { binding: { validationActions: ['Warn'] } },
    );
    const { status, headers } = create();
    expect([status, headers['warning']]).toEqual([
      201,
      [`299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': hm"`],
    ]);
  });

  it('have variables, evaluated when they are asked for', () => {
    const { create } = clusterWith({
      variables: [
        { name: 'n', expression: 'size(object.data)' },
        { name: 'bad', expression: '1 / 0 == 1' },
      ],
      validations: [{ expression: 'variables.n < 2 || variables.bad', message: 'many' }],
    });
    expect(create({ a: '' }).status).toBe(201);
    expect(create({ a: '', b: '' }).json.message).toBe(
      denied(
        `expression 'variables.n < 2 || variables.bad' resulted in error: composited variable "bad" fails to evaluate: division by zero`,
      ),
    );
  });

  it('take parameters, and say what is missing', () => {
    const paramRef = { name: 'limit', namespace: 'default', parameterNotFoundAction: 'Deny' };
    const { request, create } = clusterWith(
      {
        paramKind: { apiVersion: 'v1', kind: 'Secret' },
        validations: [{ expression: `size(object.data) <= int(params.metadata.labels.max)` }],
      },
      { binding: { paramRef } },
    );
    expect(create().json.message).toBe(
      denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    );
    request('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 'limit', labels: { max: '1' } } });
    expect([create({ a: '' }).status, create({ a: '', b: '' }).status]).toEqual([201, 422]);
  });

  it('are asked where their conditions hold', () => {
    const { create } = clusterWith({
      matchConditions: [{ name: 'x', expression: `object.metadata.name != 'm'` }],
      validations: [{ expression: 'false' }],
    });
    expect([create({}, 'm').status, create({}, 'n').status]).toEqual([201, 422]);
  });

  it('may be ignored where they fail, not where they refuse', () => {
    const { create } = clusterWith({ failurePolicy: 'Ignore', validations: [{ expression: 'object.data.a == "1"' }] });
    expect([create().status, create({ a: '2' }).status]).toEqual([201, 422]);
  });

  it('see deletions', () => {
    const { request } = clusterWith({ validations: [{ expression: 'object != null', message: 'stays' }] });
    request('POST', CONFIG_MAPS, { metadata: { name: 'm' } });
    expect(request('DELETE', `${CONFIG_MAPS}/m`).json.message).toBe(denied('stays'));
  });

  it('never judge what configures admission', () => {
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }];
    const { request } = clusterWith({
      matchConstraints: { resourceRules: rules },
      validations: [{ expression: 'false' }],
    });
    expect(request('DELETE', `${GROUP}/validatingadmissionpolicies/p`).status).toBe(200);
  });

  it('end, whatever they are given to do', () => {
    const { create } = clusterWith({
      variables: [{ name: 'l', expression: 'lists.range(1000)' }],
      validations: [{ expression: 'variables.l.all(a, variables.l.all(b, variables.l.all(c, a + b + c >= 0)))' }],
    });
    expect(create().json.message).toMatch(/resulted in error: operation cancelled: actual cost limit exceeded$/);
  });
});
