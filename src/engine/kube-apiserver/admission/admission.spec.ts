import { createApiHarness, textCodec } from '../../../../test/support/engine-harness.js';
import { kinds } from '../../kinds/registry.js';
import { forbidden, type StatusError } from '../../machinery/status-error.js';
import { clusterAdministrator } from '../../machinery/user.js';
import { SharedParts } from '../shared-parts.js';
import type { WireResponse } from '../wire.js';
import { defineAdmissionPlugin } from './admission.js';
import { admissionPlugins } from './registry.js';

const PODS = '/api/v1/namespaces/default/pods';
const podBody = (more: object = {}) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...more },
});

describe('admission of pods', () => {
  it('gives them a service account with its token', () => {
    const { request } = createApiHarness();
    const { spec } = request('POST', PODS, podBody()).json;
    expect(spec.serviceAccountName).toBe('default');
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected.sources[0].serviceAccountToken).toEqual({ expirationSeconds: 3607, path: 'token' });
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ]);
  });

  it('refuses an account that does not exist', () => {
    const { request } = createApiHarness();
    const { status, json } = request('POST', PODS, podBody({ serviceAccountName: 'x' }));
    expect([status, json.message]).toEqual([
      403,
      'pods "p" is forbidden: error looking up service account default/x: serviceaccount "x" not found',
    ]);
  });

  it('leaves mirror pods alone', () => {
    const { request } = createApiHarness();
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    const { spec } = request('POST', PODS, {
      metadata: { name: 'm', annotations },
      spec: podBody({ nodeName: 'n' }).spec,
    }).json;
    expect([spec.serviceAccountName, spec.volumes]).toEqual([undefined, undefined]);
  });

  it('resolves priority classes', () => {
    const { request } = createApiHarness();
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
    expect(request('POST', `${PODS}?dryRun=All`, podBody()).json.spec).toMatchObject({ priority: 0 });
    request('POST', classes, { metadata: { name: 'high' }, value: 1_000, preemptionPolicy: 'Never' });
    expect(request('POST', `${PODS}?dryRun=All`, podBody({ priorityClassName: 'high' })).json.spec).toMatchObject({
      priority: 1_000,
      preemptionPolicy: 'Never',
    });
    expect(request('POST', PODS, podBody({ priorityClassName: 'none' })).json.message).toBe(
      'pods "p" is forbidden: no PriorityClass with name none was found',
    );
  });

  it('adds the tolerations of lost nodes', () => {
    const { request } = createApiHarness();
    const { tolerations } = request('POST', PODS, podBody()).json.spec;
    expect(tolerations.map(({ key }: { key: string }) => key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
    ]);
  });
});

describe('admission of other kinds', () => {
  it('taints new nodes', () => {
    const { request } = createApiHarness();
    expect(request('POST', '/api/v1/nodes', { metadata: { name: 'n' } }).json.spec.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
  });

  it('refuses namespaces that do not exist, and the end of those that must', () => {
    const { request } = createApiHarness();
    const lost = request('POST', '/api/v1/namespaces/none/configmaps', { metadata: { name: 'a' } });
    expect([lost.status, lost.json.message]).toEqual([404, 'namespaces "none" not found']);
    expect(request('DELETE', '/api/v1/namespaces/default').json.message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  it('finds the default storage class', () => {
    const { request } = createApiHarness();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
      metadata: { name: 'fast', annotations },
      provisioner: 'x',
    });
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
    expect(request('POST', claims, { metadata: { name: 'c' }, spec }).json.spec.storageClassName).toBe('fast');
  });
});

describe('a plugin that waits', () => {
  function withSlowPlugin() {
    const parked: ((error?: StatusError) => void)[] = [];
    const slow = defineAdmissionPlugin({
      name: 'Slow',
      operations: ['CREATE'],
      resources: ['configmaps'],
      admit: () => ({ settled: (resume) => void parked.push(resume) }),
    });
    const shared = new SharedParts(kinds, textCodec, { plugins: [...admissionPlugins, slow] });
    const { server } = createApiHarness({ shared });
    const answers: WireResponse[] = [];
    const body = textCodec.encode('{"metadata":{"name":"a"}}');
    server.handle(
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        query: '',
        headers: {},
        body,
        user: clusterAdministrator,
      },
      {
        respond: (answer) => void answers.push(answer),
        stream: () => ({ write: () => undefined, end: () => undefined }),
      },
    );
    return { parked, answers };
  }

  it('holds the request until it has an answer', () => {
    const { parked, answers } = withSlowPlugin();
    expect(answers).toHaveLength(0);
    parked[0]?.();
    expect(answers.map(({ status }) => status)).toEqual([201]);
  });

  it('may refuse it late', () => {
    const { parked, answers } = withSlowPlugin();
    parked[0]?.(forbidden({ group: '', resource: 'configmaps' }, 'a', 'no'));
    expect(answers.map(({ status }) => status)).toEqual([403]);
  });
});
