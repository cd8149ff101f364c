import { createApiHarness } from '../../../../test/support/engine-harness.js';

const PODS = '/api/v1/namespaces/n/pods';
const pod = (spec: object = {}, container: object = {}) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
});

function harnessWith(labels: Readonly<Record<string, string>> = {}) {
  const { request } = createApiHarness();
  request('POST', '/api/v1/namespaces', { metadata: { name: 'n', labels } });
  request('POST', '/api/v1/namespaces/n/serviceaccounts', { metadata: { name: 'default' } });
  return request;
}

describe('the security that a namespace asks of pods', () => {
  it('keeps out what its level forbids, and names all of it', () => {
    const request = harnessWith({ 'pod-security.kubernetes.io/enforce': 'baseline' });
    const { status, json } = request('POST', PODS, pod({ hostPID: true }, { securityContext: { privileged: true } }));
    expect([status, json.message]).toEqual([
      403,
      'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), privileged (container "c" must not set securityContext.privileged=true)',
    ]);
    expect(request('POST', PODS, pod()).status).toBe(201);
  });

  it('asks more of pods at the restricted level, and less at an old version of it', () => {
    const restricted = harnessWith({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(restricted('POST', PODS, pod()).json.message).toMatch(
      /allowPrivilegeEscalation != false .*unrestricted capabilities .*runAsNonRoot != true .*seccompProfile/,
    );
    const old = harnessWith({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.0',
    });
    expect(old('POST', PODS, pod()).json.message).toBe(
      'pods "p" is forbidden: violates PodSecurity "restricted:v1.0": runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
    );
  });

  it('tells of pods that are there when the level is raised', () => {
    const request = harnessWith();
    request('POST', PODS, pod({ hostPID: true }));
    const patch = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } };
    const { headers } = request('PATCH', '/api/v1/namespaces/n', patch, {
      'content-type': 'application/merge-patch+json',
    });
    expect(headers['warning']).toEqual([
      '299 - "existing pods in namespace \\"n\\" violate the new PodSecurity enforce level \\"baseline:latest\\""',
      '299 - "p: host namespaces"',
    ]);
  });

  it('is spelt right', () => {
    const { request } = createApiHarness();
    const labels = { 'pod-security.kubernetes.io/warn': 'strict' };
    expect(request('POST', '/api/v1/namespaces', { metadata: { name: 'x', labels } }).json.message).toBe(
      'Namespace "x" is invalid: metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    );
  });
});

describe('limit ranges', () => {
  const limits = [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '200m' }, max: { cpu: '1' } }];

  it('give containers what they lack', () => {
    const request = harnessWith();
    request('POST', '/api/v1/namespaces/n/limitranges', { metadata: { name: 'l' }, spec: { limits } });
    const { metadata, spec } = request('POST', PODS, pod()).json;
    expect(spec.containers[0].resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '200m' } });
    expect(metadata.annotations['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    );
  });

  it('keep out what is beyond them', () => {
    const request = harnessWith();
    request('POST', '/api/v1/namespaces/n/limitranges', { metadata: { name: 'l' }, spec: { limits } });
    const resources = { requests: { cpu: '1500m' }, limits: { cpu: '2' } };
    expect(request('POST', PODS, pod({}, { resources })).json.message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  });
});

describe('runtime classes', () => {
  const classes = '/apis/node.k8s.io/v1/runtimeclasses';

  it('lend pods their overhead and their nodes', () => {
    const request = harnessWith();
    const overhead = { podFixed: { cpu: '250m' } };
    const scheduling = { nodeSelector: { a: 'b' } };
    request('POST', classes, { metadata: { name: 'r' }, handler: 'h', overhead, scheduling });
    const { spec } = request('POST', PODS, pod({ runtimeClassName: 'r' })).json;
    expect([spec.overhead, spec.nodeSelector]).toEqual([{ cpu: '250m' }, { a: 'b' }]);
  });

  it('are there', () => {
    expect(harnessWith()('POST', PODS, pod({ runtimeClassName: 'r' })).json.message).toBe(
      'pods "p" is forbidden: pod rejected: RuntimeClass "r" not found',
    );
  });
});

describe('the labels of a place', () => {
  it('come to a pod with its node', () => {
    const request = harnessWith();
    const labels = { 'topology.kubernetes.io/zone': 'a', other: 'x' };
    request('POST', '/api/v1/nodes', { metadata: { name: 'w', labels } });
    request('POST', PODS, pod());
    const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'w' } };
    expect(request('POST', `${PODS}/p/binding`, binding).status).toBe(201);
    expect(request('GET', `${PODS}/p`).json.metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'a' });
  });
});
