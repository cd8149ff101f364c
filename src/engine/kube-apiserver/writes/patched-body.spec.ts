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
