import { createApiHarness } from '../../../../../test/support/engine-harness.js';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';
const SCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A server with a pod and a deployment, and one policy that is about what `rule` names. */
function serverWith(expression: string, rule: object, more: object = {}) {
  const { request } = createApiHarness();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  request('POST', PODS, { metadata: { name: 'p', labels: { a: 'b' } }, spec: template.spec });
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template };
  request('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'd' }, spec });
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], ...rule }];
  const policy = {
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules, ...more }, validations: [{ expression, message: 'no' }] },
  };
  expect(request('POST', `${GROUP}/validatingadmissionpolicies`, policy).status).toBe(201);
  const bound = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } };
  expect(request('POST', `${GROUP}/validatingadmissionpolicybindings`, bound).status).toBe(201);
  return request;
}
const denied = (resource: string, name: string): string =>
  `${resource} "${name}" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`;

describe('a policy about connections', () => {
  it('sees what a command is run with', () => {
    const request = serverWith("object.command[0] != 'sh' || has(object.stdin)", {
      resources: ['pods/exec'],
      operations: ['CONNECT'],
    });
    const { status, json } = request('POST', `${PODS}/p/exec?command=sh&stdout=1`);
    expect([status, json.message]).toEqual([422, denied('pods', 'p')]);
    expect(request('POST', `${PODS}/p/exec?command=sh&stdin=1`).json.message).toBe(
      'pod p does not have a host assigned',
    );
  });

  it.each([
    ['pods/attach', 'POST', `${PODS}/p/attach?stdin=1`, "object.kind != 'PodAttachOptions'", 'p'],
    ['pods/portforward', 'POST', `${PODS}/p/portforward?ports=80`, '!object.ports.exists(each, each == 80)', 'p'],
    ['pods/proxy', 'GET', `${PODS}/p/proxy/secret`, "!object.path.startsWith('/secret')", 'p'],
    [
      'services/proxy',
      'GET',
      '/api/v1/namespaces/default/services/http:s:80/proxy/',
      "object.path != '/'",
      'http:s:80',
    ],
    ['nodes/proxy', 'DELETE', '/api/v1/nodes/n/proxy/run', "request.kind.kind != 'NodeProxyOptions'", 'n'],
  ])('%s', (resource, method, path, expression, name) => {
    const request = serverWith(expression, { resources: [resource], operations: ['CONNECT'] });
    expect(request(method, path).json.message).toBe(denied(resource.split('/')[0]!, name));
  });
});

describe('a policy about subresources', () => {
  it('sees an eviction', () => {
    const request = serverWith("object.kind != 'Eviction' || request.kind.group != 'policy'", {
      resources: ['pods/eviction'],
    });
    expect(request('POST', `${PODS}/p/eviction`, { metadata: { name: 'p' } }).json.message).toBe(denied('pods', 'p'));
    expect(request('GET', `${PODS}/p`).status).toBe(200);
  });

  it('sees a scale, and not the object behind it', () => {
    const rule = { apiGroups: ['apps'], resources: ['deployments/scale'], operations: ['UPDATE'] };
    const request = serverWith(
      '!has(object.spec.template) && object.spec.replicas <= oldObject.spec.replicas + 1',
      rule,
    );
    const scale = (replicas: number) =>
      request('PATCH', '/apis/apps/v1/namespaces/default/deployments/d/scale', { spec: { replicas } }, MERGE);
    expect(scale(2).json.spec).toEqual({ replicas: 2 });
    expect(scale(9).json.message).toBe(denied('deployments.apps', 'd'));
  });

  it('sees a binding', () => {
    const request = serverWith("object.target.name == 'good'", { resources: ['pods/binding'] });
    const target = { kind: 'Node', name: 'bad' };
    expect(request('POST', `${PODS}/p/binding`, { metadata: { name: 'p' }, target }).json.message).toBe(
      denied('pods', 'p'),
    );
  });
});

describe('a policy', () => {
  it('sees the old object of a deletion, each of a collection by itself', () => {
    const request = serverWith("oldObject.metadata.name != 'p' || object != null", {
      resources: ['pods'],
      operations: ['DELETE'],
    });
    expect(request('DELETE', PODS).json.message).toMatch(/^pods "Unknown" is forbidden: ValidatingAdmissionPolicy 'p'/);
    expect(request('DELETE', `${PODS}/p`).json.message).toBe(denied('pods', 'p'));
  });

  it('is shown other versions in the one that it names', () => {
    const scaler = {
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    };
    const rule = { apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] };
    const expression =
      "object.spec.targetCPUUtilizationPercentage == 50 && request.kind.version == 'v1' && request.requestKind.version == 'v2' && false";
    expect(serverWith(expression, rule)('POST', SCALERS, scaler).json.message).toBe(
      denied('horizontalpodautoscalers.autoscaling', 'h'),
    );
    expect(serverWith(expression, rule, { matchPolicy: 'Exact' })('POST', SCALERS, scaler).status).toBe(201);
  });

  it('sees what the request says besides its body', () => {
    const expression = "request.options.kind != 'DeleteOptions' || !has(request.options.gracePeriodSeconds)";
    const request = serverWith(expression, { resources: ['pods'] });
    expect(request('DELETE', `${PODS}/p?gracePeriodSeconds=0`).json.message).toBe(denied('pods', 'p'));
    expect(request('DELETE', `${PODS}/p`).status).toBe(200);
  });

  it('whose namespaces cannot be selected refuses as one that is set up wrongly', () => {
    const selector = { namespaceSelector: { matchLabels: { a: 'b' } } };
    const rule = { resources: ['pods/exec'] };
    const path = '/api/v1/namespaces/none/pods/p/exec?command=sh';
    expect(serverWith('true', rule, selector)('POST', path).json.message).toBe(
      `pods "p" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: namespaces "none" not found`,
    );
  });

  it('knows a generated name', () => {
    const request = serverWith("request.name == object.metadata.name && request.name.startsWith('g-')", {
      resources: ['pods'],
    });
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    expect(request('POST', PODS, { metadata: { generateName: 'g-' }, spec }).status).toBe(201);
    expect(request('POST', PODS, { metadata: { generateName: 'h-' }, spec }).json.message).toMatch(
      /^pods "h-.{5}" is forbidden/,
    );
  });
});
