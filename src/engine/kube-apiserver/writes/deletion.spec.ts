import { createApiHarness } from '../../../../test/support/engine-harness.js';
import { seconds } from '../../kernel/clock.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = { 'content-type': 'application/merge-patch+json' };

function withPod(nodeName?: string) {
  const harness = createApiHarness();
  const spec = { containers: [{ name: 'c', image: 'i' }], ...(nodeName === undefined ? {} : { nodeName }) };
  harness.request('POST', PODS, { metadata: { name: 'p' }, spec });
  return harness;
}

describe('deletion', () => {
  it('answers with a Status that names what went', () => {
    const { request } = createApiHarness();
    const { uid } = request('POST', MAPS, { metadata: { name: 'a' } }).json.metadata;
    expect(request('DELETE', `${MAPS}/a`).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid },
    });
    expect(request('GET', `${MAPS}/a`).status).toBe(404);
  });

  it('waits for finalizers', () => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'a', finalizers: ['e.com/x'] } });
    expect(request('DELETE', `${MAPS}/a`).json.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
    expect(request('PATCH', `${MAPS}/a`, { metadata: { finalizers: ['e.com/y'] } }, MERGE).status).toBe(422);
    expect(request('PATCH', `${MAPS}/a`, { metadata: { finalizers: null } }, MERGE).status).toBe(200);
    expect(request('GET', `${MAPS}/a`).status).toBe(404);
  });

  it.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('leaves %s deletion to the garbage collector', (propagationPolicy, finalizers) => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'a' } });
    expect(request('DELETE', `${MAPS}/a`, { propagationPolicy }).json.metadata.finalizers).toEqual(finalizers);
  });

  it('checks preconditions', () => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'a' } });
    const { status, json } = request('DELETE', `${MAPS}/a`, { preconditions: { uid: 'x' } });
    expect([status, json.message]).toEqual([
      409,
      expect.stringContaining('the UID in the precondition (x) does not match'),
    ]);
  });

  it('removes a pod without a node at once, in two revisions', () => {
    const { request, store } = withPod();
    const before = store.revision;
    expect(request('DELETE', `${PODS}/p`).json.metadata).toMatchObject({
      generation: 2,
      deletionGracePeriodSeconds: 0,
    });
    expect(store.revision).toBe(before + 2);
    expect(request('GET', `${PODS}/p`).status).toBe(404);
  });

  it('gives a running pod its grace, which can only be shortened', () => {
    const { request, loop } = withPod('n');
    const grace = (query = '') => request('DELETE', `${PODS}/p${query}`).json.metadata;
    expect(grace()).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: '2026-01-01T00:00:30Z' });
    expect(grace('?gracePeriodSeconds=60')).toMatchObject({ deletionGracePeriodSeconds: 30 });
    expect(grace('?gracePeriodSeconds=5')).toMatchObject({
      deletionGracePeriodSeconds: 5,
      deletionTimestamp: '2026-01-01T00:00:05Z',
    });
    loop.skipTo((loop.now + seconds(1)) as typeof loop.now);
    grace('?gracePeriodSeconds=0');
    expect(request('GET', `${PODS}/p`).status).toBe(404);
  });

  it('does nothing in a dry run', () => {
    const { request } = withPod();
    expect(request('DELETE', `${PODS}/p?dryRun=All`).status).toBe(200);
    expect(request('GET', `${PODS}/p`).json.metadata.deletionTimestamp).toBeUndefined();
  });

  it('deletes what a collection request selects', () => {
    const { request } = createApiHarness();
    for (const name of ['a', 'b', 'c'])
      request('POST', MAPS, { metadata: { name, labels: { keep: String(name === 'c') } } });
    const { json } = request('DELETE', `${MAPS}?labelSelector=keep%3Dfalse`);
    expect(json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a', 'b']);
    expect(request('GET', MAPS).json.items).toHaveLength(1);
  });

  it('leaves a namespace terminating until its finalizer is taken away', () => {
    const { request } = createApiHarness();
    const path = '/api/v1/namespaces/n';
    const { spec } = request('POST', '/api/v1/namespaces', {
      metadata: { name: 'n' },
      spec: { finalizers: ['kubernetes'] },
    }).json;
    expect(spec.finalizers).toEqual(['kubernetes']);
    expect(request('DELETE', path).json.status.phase).toBe('Terminating');
    const late = request('POST', `${path}/configmaps`, { metadata: { name: 'late' } });
    expect([late.status, late.json.details.causes[0].reason]).toEqual([403, 'NamespaceTerminating']);
    request('PUT', `${path}/finalize`, { metadata: { name: 'n' }, spec: { finalizers: [] } });
    expect(request('GET', path).status).toBe(404);
  });
});
