import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import { kinds } from '../../kinds/registry.js';
import { forbidden } from '../../machinery/status-error.js';
import { defineAdmissionPlugin, objectOf } from '../admission/admission.js';
import { SharedParts } from '../shared-parts.js';

const PODS = '/api/v1/namespaces/default/pods';
const MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A server whose only plugin adds a container to pods, says what it saw, and refuses those that are called so. */
function withPlugin() {
  const seen: string[] = [];
  const plugin = defineAdmissionPlugin({
    name: 'Test',
    operations: ['CREATE', 'UPDATE'],
    resources: ['pods'],
    admit(attributes, context) {
      const { spec } = objectOf(pod, attributes);
      seen.push(`admit ${spec.containers.map(({ imagePullPolicy }) => imagePullPolicy).join()}`);
      if (attributes.operation === 'CREATE') spec.containers.push({ name: 'added', image: 'added:1', resources: {} });
      context.requestDefaults();
      return undefined;
    },
    validate(attributes) {
      const { spec, metadata } = objectOf(pod, attributes);
      seen.push(`validate ${spec.containers.map(({ imagePullPolicy }) => imagePullPolicy).join()}`);
      if (metadata.name === 'unwanted') throw forbidden({ group: '', resource: 'pods' }, 'unwanted', 'no');
      return undefined;
    },
  });
  return { ...createApiHarness({ shared: new SharedParts(kinds, textCodec, { plugins: [plugin] }) }), seen };
}

const podOf = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

describe('a write', () => {
  it('is defaulted, admitted, defaulted again, and shown to who validates', () => {
    const { request, seen } = withPlugin();
    const { status, json } = request('POST', PODS, podOf('p'));
    expect(status).toBe(201);
    expect(json.spec.containers[1]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
    });
    expect(seen).toEqual(['admit Always', 'validate Always,IfNotPresent']);
  });

  it('is validated after it was admitted, and before anybody validates it further', () => {
    const { request, seen } = withPlugin();
    const { status, json } = request('POST', PODS, podOf('p', { restartPolicy: 'Sometimes' }));
    expect([status, json.details.causes[0].field]).toEqual([422, 'spec.restartPolicy']);
    expect(seen).toEqual(['admit Always']);
  });

  it('is refused with nothing stored', () => {
    const { request, store } = withPlugin();
    const { revision } = store;
    expect(request('POST', PODS, podOf('unwanted'))).toMatchObject({ status: 403 });
    expect([request('GET', `${PODS}/unwanted`).status, store.revision]).toEqual([404, revision]);
  });

  it('in a dry run is all but stored: names are drawn, rules obeyed, answers complete', () => {
    const { request, store } = withPlugin();
    const { revision } = store;
    const { status, json } = request('POST', `${PODS}?dryRun=All`, { ...podOf(''), metadata: { generateName: 'p-' } });
    expect([status, json.spec.containers.length]).toEqual([201, 2]);
    expect(json.metadata.name).toMatch(/^p-[a-z0-9]{5}$/);
    expect(request('POST', `${PODS}?dryRun=All`, podOf('unwanted')).status).toBe(403);
    expect(request('POST', `${PODS}?dryRun=Some`, podOf('p')).status).toBe(422);
    expect(store.revision).toBe(revision);
  });
});

describe('a collection', () => {
  it('is deleted as far as labels, fields and preconditions choose, each with its propagation', () => {
    const { request } = createApiHarness();
    for (const name of ['a', 'b', 'c']) {
      request('POST', MAPS, { metadata: { name, labels: { keep: String(name === 'c') } } });
    }
    const names = (): readonly string[] => request('GET', MAPS).json.items.map(({ metadata }: Json) => metadata.name);
    const orphaning = { propagationPolicy: 'Orphan' };
    const inDryRun = { ...orphaning, dryRun: ['All'] };
    expect(request('DELETE', `${MAPS}?labelSelector=keep%3Dfalse`, inDryRun).status).toBe(200);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(request('DELETE', `${MAPS}?fieldSelector=metadata.name%3Da`).json.items).toHaveLength(1);
    request('DELETE', `${MAPS}?labelSelector=keep%3Dfalse`, orphaning);
    expect(names()).toEqual(['b', 'c']);
    expect(request('GET', `${MAPS}/b`).json.metadata.finalizers).toEqual(['orphan']);
  });
});

describe('status and main resource', () => {
  it('leave each other alone, and only the spec raises the generation', () => {
    const { request } = createApiHarness();
    const path = '/apis/apps/v1/namespaces/default/replicasets';
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    request('POST', path, { metadata: { name: 'r' }, spec: { selector: { matchLabels: labels }, template } });
    const both = { spec: { replicas: 3 }, status: { replicas: 7 } };
    expect(request('PATCH', `${path}/r`, both, MERGE).json).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3 },
      status: { replicas: 0 },
    });
    const more = { metadata: { labels: { l: '1' } }, spec: { replicas: 9 }, status: { replicas: 7 } };
    expect(request('PATCH', `${path}/r/status`, more, MERGE).json).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3 },
      status: { replicas: 7 },
    });
  });
});
