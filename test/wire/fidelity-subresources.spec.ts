import { generateKeyPairSync } from 'node:crypto';
import { certificateRequestPem } from '../support/certificate-request.js';
import { createApiHarness, type HarnessAnswer, type Json } from '../support/engine-harness.js';

const NAMESPACE = '/api/v1/namespaces/default';
const PODS = `${NAMESPACE}/pods`;
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const POD_SPEC = { containers: [{ name: 'c', image: 'i' }] };

const told = ({ status, json }: HarnessAnswer): unknown => [status, json.message];

function withPod(spec: Json = {}) {
  const harness = createApiHarness();
  harness.request('POST', PODS, { metadata: { name: 'p' }, spec: { ...POD_SPEC, ...spec } });
  return harness;
}

describe('subresources of pods', () => {
  it('/resize changes resources and nothing else; the pod itself does not', () => {
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '1' } };
    const { request } = withPod({ nodeName: 'n', containers: [{ name: 'c', image: 'i', resources }] });
    const wider = (change: Json): Json => ({ spec: { containers: [{ name: 'c', ...change }] } });
    const cpu = { resources: { requests: { cpu: '200m' } } };
    expect(request('GET', `${PODS}/p/resize`).json).toMatchObject({
      kind: 'Pod',
      spec: { containers: [{ resources }] },
    });
    const { json } = request('PATCH', `${PODS}/p/resize`, wider({ ...cpu, image: 'j' }), STRATEGIC);
    expect([json.metadata.generation, json.spec.containers[0]]).toMatchObject([
      2,
      { image: 'i', resources: { requests: { cpu: '200m' }, limits: { cpu: '1' } } },
    ]);
    const disk = { resources: { requests: { 'ephemeral-storage': '1Gi' } } };
    expect(told(request('PATCH', `${PODS}/p/resize`, wider(disk), STRATEGIC))).toEqual([
      422,
      'Pod "p" is invalid: spec: Forbidden: only cpu and memory resources are mutable',
    ]);
    const none = { resources: { requests: null, limits: null } };
    expect(request('PATCH', `${PODS}/p/resize`, wider(none), STRATEGIC).status).toBe(422);
    const direct = request('PATCH', `${PODS}/p`, wider({ resources: { requests: { cpu: '300m' } } }), STRATEGIC);
    expect([direct.status, direct.json.message]).toEqual([
      422,
      expect.stringContaining('pod updates may not change fields other than `spec.containers[*].image`'),
    ]);
  });

  it('/ephemeralcontainers adds containers, and neither changes nor removes any', () => {
    const { request } = withPod();
    const path = `${PODS}/p/ephemeralcontainers`;
    const debug = (image: string): Json => ({ spec: { ephemeralContainers: [{ name: 'd', image }] } });
    expect(request('PATCH', path, debug('b'), STRATEGIC).json.spec.ephemeralContainers).toMatchObject([
      { name: 'd', image: 'b', terminationMessagePolicy: 'File' },
    ]);
    const { json } = request('PATCH', path, debug('other'), STRATEGIC);
    expect(json.message).toContain(
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed',
    );
    expect(request('PATCH', path, { spec: { ephemeralContainers: null } }, MERGE).json.message).toContain(
      'existing ephemeral containers "d" may not be removed',
    );
    const direct = { spec: { ephemeralContainers: [{ name: 'e', image: 'b' }] } };
    expect(request('PATCH', `${PODS}/p`, direct, STRATEGIC).status).toBe(422);
  });

  it('/binding, or a Binding, puts a pod on a node, but none that is gated or on its way out', () => {
    const target = { kind: 'Node', name: 'n' };
    const { request } = withPod();
    expect(request('POST', `${NAMESPACE}/bindings`, { metadata: { name: 'p' }, target }).status).toBe(201);
    expect(request('GET', `${PODS}/p`).json.spec.nodeName).toBe('n');
    const gated = withPod({ schedulingGates: [{ name: 'e.com/g' }] });
    expect(told(gated.request('POST', `${PODS}/p/binding`, { metadata: { name: 'p' }, target }))).toEqual([
      409,
      'Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
    ]);
  });
});

describe('/approval of a certificate signing request', () => {
  it('adds conditions, and nothing else does', () => {
    const { request } = createApiHarness();
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = certificateRequestPem({ commonName: 'ann', organization: 'o' }, privateKey);
    const spec = {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'example.com/signer',
      usages: ['client auth'],
    };
    expect(request('POST', path, { metadata: { name: 'c' }, spec }).status).toBe(201);
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Fine', message: 'is fine' }];
    const approve = (subresource: string): HarnessAnswer =>
      request('PATCH', `${path}/c${subresource}`, { status: { conditions } }, MERGE);
    approve('');
    expect(request('GET', `${path}/c`).json.status).toEqual({});
    expect(approve('/approval').json.status.conditions).toMatchObject(conditions);
  });
});
