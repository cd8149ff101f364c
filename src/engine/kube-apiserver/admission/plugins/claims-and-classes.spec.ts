import { generateKeyPairSync } from 'node:crypto';
import { certificateRequestPem } from '../../../../../test/support/certificate-request.js';
import { createApiHarness } from '../../../../../test/support/engine-harness.js';
import { after, seconds } from '../../../kernel/clock.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const INGRESS_CLASSES = '/apis/networking.k8s.io/v1/ingressclasses';
const MERGE = { 'content-type': 'application/merge-patch+json' };

function serverWith() {
  const harness = createApiHarness();
  const { request, loop } = harness;
  const wait = (): void => void loop.run(after(loop.now, seconds(1)), () => true);
  const storageClass = (name: string, annotations: object = {}, more: object = {}): void => {
    wait();
    expect(request('POST', CLASSES, { metadata: { name, annotations }, provisioner: 'x', ...more }).status).toBe(201);
  };
  const claim = (name: string, more: object = {}) => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
  });
  return { ...harness, wait, storageClass, claim };
}

describe('a claim', () => {
  const IS_DEFAULT = { 'storageclass.kubernetes.io/is-default-class': 'true' };

  it('is of the newest default class, unless it says otherwise', () => {
    const { request, storageClass, claim } = serverWith();
    storageClass('b', IS_DEFAULT);
    storageClass('a', { 'storageclass.beta.kubernetes.io/is-default-class': 'true' });
    storageClass('c');
    const classOf = (name: string, more?: object): unknown =>
      request('POST', CLAIMS, claim(name, more)).json.spec.storageClassName;
    expect([classOf('x'), classOf('y', { storageClassName: '' }), classOf('z', { storageClassName: 'c' })]).toEqual([
      'a',
      '',
      'c',
    ]);
  });

  it('and volumes and their attributes outlive who uses them', () => {
    const { request, claim } = serverWith();
    const finalizersOf = (path: string, body: object): unknown => request('POST', path, body).json.metadata.finalizers;
    expect(finalizersOf(CLAIMS, claim('x'))).toEqual(['kubernetes.io/pvc-protection']);
    const kept = { ...claim('y'), metadata: { name: 'y', finalizers: ['kubernetes.io/pvc-protection'] } };
    expect(finalizersOf(CLAIMS, kept)).toEqual(['kubernetes.io/pvc-protection']);
    const volume = {
      metadata: { name: 'v' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    };
    expect(finalizersOf('/api/v1/persistentvolumes', volume)).toEqual(['kubernetes.io/pv-protection']);
    const attributes = { metadata: { name: 'a' }, driverName: 'd', parameters: { a: '1' } };
    expect(finalizersOf('/apis/storage.k8s.io/v1/volumeattributesclasses', attributes)).toEqual([
      'kubernetes.io/vac-protection',
    ]);
  });

  it('grows where it is bound and its class can grow', () => {
    const { request, storageClass, claim } = serverWith();
    storageClass('fixed');
    storageClass('elastic', {}, { allowVolumeExpansion: true });
    const grow = (name: string): string | undefined =>
      request('PATCH', `${CLAIMS}/${name}`, { spec: { resources: { requests: { storage: '2Gi' } } } }, MERGE).json
        .message;
    for (const storageClassName of ['fixed', 'elastic']) {
      request('POST', CLAIMS, claim(storageClassName, { storageClassName, volumeName: 'v' }));
      const status = { phase: 'Bound', capacity: { storage: '1Gi' } };
      request('PATCH', `${CLAIMS}/${storageClassName}/status`, { status }, MERGE);
    }
    expect(grow('elastic')).toBeUndefined();
    expect(grow('fixed')).toBe(
      'persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });
});

describe('an ingress', () => {
  const IS_DEFAULT = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
  const ingress = (name: string, annotations: object = {}, spec: object = {}) => ({
    metadata: { name, annotations },
    spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...spec },
  });

  it('is of the newest default class, unless it says otherwise', () => {
    const { request, wait } = serverWith();
    const classOf = (...of: Parameters<typeof ingress>): unknown =>
      request('POST', INGRESSES, ingress(...of)).json.spec.ingressClassName;
    expect(classOf('none')).toBeUndefined();
    for (const name of ['b', 'a']) {
      wait();
      request('POST', INGRESS_CLASSES, { metadata: { name, annotations: IS_DEFAULT }, spec: { controller: 'x/y' } });
    }
    expect(classOf('x')).toBe('a');
    expect(classOf('y', { 'kubernetes.io/ingress.class': 'old' })).toBeUndefined();
    expect(classOf('z', {}, { ingressClassName: 'b' })).toBe('b');
  });
});

describe('a request for a certificate', () => {
  const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const csr = (name: string, signerName: string, organization: string) => ({
    metadata: { name },
    spec: {
      signerName,
      request: btoa(certificateRequestPem({ commonName: 'c', organization }, privateKey)),
      usages: ['client auth'],
    },
  });
  const AS_ANN = { 'impersonate-user': 'ann' };

  it('is approved and signed by those who may for its signer', () => {
    const { request } = createApiHarness();
    const ROLES = '/apis/rbac.authorization.k8s.io/v1';
    const apiGroups = ['certificates.k8s.io'];
    const written = {
      apiGroups,
      resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
      verbs: ['*'],
    };
    const signing = { apiGroups, resources: ['signers'], resourceNames: ['example.com/*'], verbs: ['approve', 'sign'] };
    request('POST', `${ROLES}/clusterroles`, { metadata: { name: 'r' }, rules: [written] });
    request('POST', `${ROLES}/clusterrolebindings`, {
      metadata: { name: 'r' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
    });
    expect(request('POST', CSRS, csr('c', 'example.com/a', 'o')).status).toBe(201);
    const conditions = [{ type: 'Approved', status: 'True', reason: 'r' }];
    const act = (subresource: string, status: object): string | undefined =>
      request('PATCH', `${CSRS}/c/${subresource}`, { status }, { ...MERGE, ...AS_ANN }).json.message;
    expect(act('approval', { conditions })).toBe(
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "example.com/a"',
    );
    expect(act('status', { conditions: [{ type: 'Failed', status: 'True', reason: 'r' }] })).toBe(
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to sign requests with signerName "example.com/a"',
    );
    request('PUT', `${ROLES}/clusterroles/r`, { metadata: { name: 'r' }, rules: [written, signing] });
    expect(act('approval', { conditions })).toBeUndefined();
    expect(
      act('status', { conditions: [...conditions, { type: 'Failed', status: 'True', reason: 'r' }] }),
    ).toBeUndefined();
  });

  it('that would make its owner all-powerful is refused', () => {
    const { request } = createApiHarness();
    const signer = 'kubernetes.io/kube-apiserver-client';
    expect(request('POST', CSRS, csr('good', signer, 'developers')).status).toBe(201);
    expect(request('POST', CSRS, csr('other', 'example.com/a', 'system:masters')).status).toBe(201);
    expect(request('POST', CSRS, csr('bad', signer, 'system:masters')).json.message).toBe(
      'certificatesigningrequests.certificates.k8s.io "bad" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });
});
