import { createApiHarness } from '../../../../../test/support/engine-harness.js';

const AS_NODE = { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' };
const MERGE = { ...AS_NODE, 'content-type': 'application/merge-patch+json' };
const PODS = '/api/v1/namespaces/default/pods';

function serverWithNodes() {
  const { request } = createApiHarness();
  for (const name of ['n1', 'n2']) request('POST', '/api/v1/nodes', { metadata: { name } });
  const spec = {
    containers: [
      { name: 'c', image: 'i', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'own', key: 'k' } } }] },
    ],
  };
  request('POST', PODS, { metadata: { name: 'mine' }, spec: { ...spec, nodeName: 'n1' } });
  request('POST', PODS, { metadata: { name: 'other' }, spec: { ...spec, nodeName: 'n2' } });
  for (const name of ['own', 'foreign']) request('POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
  const asked = (method: string, path: string, body?: object) => {
    const { status, json } = request(method, path, body, method === 'PATCH' ? MERGE : AS_NODE);
    return status < 300 ? status : [status, json.message];
  };
  return { request, asked };
}

describe('a node', () => {
  it('reads what its pods refer to, and nothing else', () => {
    const { asked } = serverWithNodes();
    const secrets = '/api/v1/namespaces/default/secrets';
    expect(asked('GET', `${secrets}/own`)).toBe(200);
    expect(asked('GET', `${secrets}/foreign`)).toEqual([
      403,
      'secrets "foreign" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node \'n1\' and this object',
    ]);
    expect(asked('GET', secrets)).toEqual([403, expect.stringContaining('No Object name found')]);
    expect(asked('GET', `${PODS}/mine`)).toBe(200);
    expect(asked('GET', `${PODS}/other`)).toEqual([403, expect.stringContaining('no relationship found')]);
    expect(asked('GET', `${PODS}?fieldSelector=spec.nodeName=n1`)).toBe(200);
    expect(asked('GET', PODS)).toEqual([
      403,
      expect.stringContaining('can only list/watch pods with spec.nodeName field selector'),
    ]);
    expect(asked('GET', '/api/v1/nodes/n1')).toBe(200);
    expect(asked('GET', '/api/v1/nodes/n2')).toEqual([403, expect.stringContaining("cannot read 'n2'")]);
    expect(asked('GET', '/api/v1/services')).toBe(200);
  });

  it('changes itself only, and not how it is restricted', () => {
    const { asked } = serverWithNodes();
    const labelled = (label: string) => ({ metadata: { labels: { [label]: 'x' } } });
    expect(asked('PATCH', '/api/v1/nodes/n1', labelled('example.com/mine'))).toBe(200);
    expect(asked('PATCH', '/api/v1/nodes/n1', labelled('node-restriction.kubernetes.io/x'))).toEqual([
      403,
      'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x',
    ]);
    expect(asked('PATCH', '/api/v1/nodes/n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })).toEqual([
      403,
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    ]);
    expect(asked('PATCH', '/api/v1/nodes/n2/status', { status: { phase: 'Running' } })).toEqual([
      403,
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ]);
  });

  it('touches the pods that are bound to it only', () => {
    const { asked } = serverWithNodes();
    const status = { status: { phase: 'Running' } };
    expect(asked('PATCH', `${PODS}/mine/status`, status)).toBe(200);
    expect(asked('PATCH', `${PODS}/other/status`, status)).toEqual([
      403,
      'pods "other" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
    ]);
    expect(asked('DELETE', `${PODS}/other`)).toEqual([
      403,
      'pods "other" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
    ]);
    expect(asked('POST', PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })).toEqual(
      [
        403,
        'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
      ],
    );
  });
});
