import { createApiHarness } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';

const PODS = '/api/v1/namespaces/default/pods';

describe('a status that is patched', () => {
  it('leaves the spec as it is stored, and shares it', () => {
    const { server, request } = createApiHarness();
    request('POST', PODS, { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', image: 'nginx' }] } });
    const before = server.resources.get(pod, 'default/web')!;
    const text = JSON.stringify(before);
    const patch = { status: { phase: 'Running' }, spec: {} };
    expect(
      request('PATCH', `${PODS}/web/status`, patch, { 'content-type': 'application/merge-patch+json' }).status,
    ).toBe(200);
    const after = server.resources.get(pod, 'default/web')!;
    expect(after.status?.phase).toBe('Running');
    expect(after.spec).toBe(before.spec);
    expect(JSON.stringify(before)).toBe(text);
  });

  it('does not take a spec that the patch changes', () => {
    const { server, request } = createApiHarness();
    request('POST', PODS, { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', image: 'nginx' }] } });
    const patch = { spec: { nodeName: 'elsewhere' }, status: { phase: 'Running' } };
    request('PATCH', `${PODS}/web/status`, patch, { 'content-type': 'application/merge-patch+json' });
    expect(server.resources.get(pod, 'default/web')?.spec.nodeName).toBeUndefined();
  });
});

describe('a document that a patch has spoilt', () => {
  it('is shown with its own keys sorted, and what the patch left alone in the order of its type', () => {
    const { request } = createApiHarness();
    const tolerations = [{ operator: 'Exists', key: 'a' }];
    const spec = { nodeSelector: { b: '1', a: '2' }, tolerations, containers: [{ name: 'app', image: 'nginx' }] };
    request('POST', PODS, { spec, metadata: { labels: { b: '', a: '' }, name: 'web' } });
    const patch = { metadata: { labels: 3 }, status: { hostIP: 'x' } };
    const { status, json } = request('PATCH', `${PODS}/web`, patch, { 'content-type': 'application/merge-patch+json' });
    expect(status).toBe(422);
    const [, shown = ''] = /Invalid value: "(.*)": json:/.exec(String(json.message)) ?? [];
    const document = JSON.parse(`"${shown}"`) as string;
    expect(Object.keys(JSON.parse(document) as object)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    const inSpec = /"spec":\{(.*)\},"status"/.exec(document)?.[1] ?? '';
    const order = ['containers', 'terminationMessagePath', 'imagePullPolicy', 'restartPolicy', 'nodeSelector'];
    const places = [...order, 'serviceAccountName', 'schedulerName', 'tolerations', 'priority'].map((key) =>
      inSpec.indexOf(`"${key}":`),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(inSpec).toContain('"nodeSelector":{"a":"2","b":"1"}');
    expect(inSpec).toContain('{"key":"a","operator":"Exists"}');
  });
});
