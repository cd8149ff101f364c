import { createApiHarness, type HarnessAnswer, type Json } from '../../../../test/support/engine-harness.js';

const DRY = '?dryRun=All';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';

const causesOf = ({ json }: HarnessAnswer): readonly string[] =>
  (json.details?.causes ?? []).map(({ field, message }: Json) => `${field}: ${message}`);

describe('what is wrong with a new object', () => {
  const claimed = { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } };
  const volume = (source: Json): Json => ({ metadata: { name: 'v' }, spec: { ...claimed.spec, ...source } });
  const attached = (inline: Json): Json => ({
    metadata: { name: 'a' },
    spec: { attacher: 'd.example.com', nodeName: 'n', source: { inlineVolumeSpec: inline } },
  });
  const inlineCsi = { accessModes: ['ReadWriteOnce'], csi: { driver: 'd.example.com', volumeHandle: 'h' } };
  const finalized = { metadata: { name: 'x', finalizers: ['plain'] } };
  const registration = '/apis/admissionregistration.k8s.io/v1';
  const unqualified = [
    'metadata.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified',
  ];
  const pool = {
    name: 'x',
    allowedTopologies: [{}],
    twice: 'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""',
  };
  const scale = { maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: '/v1' } };

  it.each<readonly [string, string, Json, readonly string[]]>([
    ['a finalizer of a core kind needs a domain', '/api/v1/namespaces/default/configmaps', finalized, unqualified],
    ['that of a Lease does not', '/apis/coordination.k8s.io/v1/namespaces/default/leases', finalized, []],
    ['that of a RuntimeClass does not', '/apis/node.k8s.io/v1/runtimeclasses', { ...finalized, handler: 'h' }, []],
    ['that of a webhook configuration does not', `${registration}/validatingwebhookconfigurations`, finalized, []],
    [
      'the metadata of a budget is looked at once its spec is right',
      '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
      { metadata: { name: 'b', labels: { 'a b': '' } }, spec: { minAvailable: -1 } },
      ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'a volume of a driver that has left the tree keeps its rules',
      '/api/v1/persistentvolumes',
      volume({ cinder: { volumeID: '', secretRef: { name: 's' } } }),
      ['spec.cinder.volumeID: Required value', 'spec.cinder.secretRef.namespace: Required value'],
    ],
    [
      'an iSCSI volume is checked in its own words',
      '/api/v1/persistentvolumes',
      volume({ iscsi: { targetPortal: '', iqn: 'x', lun: 256, secretRef: {} } }),
      [
        'spec.iscsi.targetPortal: Required value',
        'spec.iscsi.iqn: Invalid value: "x": must be valid format',
        'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'spec.iscsi.secretRef.name: Required value',
      ],
    ],
    [
      'a flex volume is never one too many',
      '/api/v1/persistentvolumes',
      volume({ hostPath: { path: '/a' }, flexVolume: { driver: '' } }),
      ['spec.flexVolume.driver: Required value'],
    ],
    [
      'a namespace of endpoints is one',
      '/api/v1/persistentvolumes',
      volume({ glusterfs: { endpoints: 'e', path: '/p', endpointsNamespace: '' } }),
      [
        'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
      ],
    ],
    [
      'an attached volume is nobody’s claim',
      '/apis/storage.k8s.io/v1/volumeattachments',
      attached({ ...inlineCsi, claimRef: {}, storageClassName: 's', volumeMode: 'Block', local: { path: '/a' } }),
      [
        'spec.source.inlineVolumeSpec.claimRef: Forbidden: may not be specified in the context of inline volumes',
        'spec.source.inlineVolumeSpec.nodeAffinity: Required value: Local volume requires node affinity',
        'spec.source.inlineVolumeSpec.csi: Forbidden: may not specify more than 1 volume type',
        'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
        'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
      ],
    ],
    [
      'an empty topology is doubled by itself',
      '/apis/storage.k8s.io/v1/storageclasses',
      { metadata: { name: 's' }, provisioner: 'p', allowedTopologies: pool.allowedTopologies },
      [pool.twice],
    ],
    [
      'an autoscaler’s target has a group',
      '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
      { metadata: { name: 'h' }, spec: scale },
      ['spec.scaleTargetRef.apiVersion: Invalid value: "/v1": apiVersion must specify API group'],
    ],
    [
      'an empty preemption policy is none',
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      { metadata: { name: 'p' }, value: 1, preemptionPolicy: '' },
      ['preemptionPolicy: Required value'],
    ],
    [
      'what is no range of addresses fails the check of their families',
      '/api/v1/nodes',
      { metadata: { name: 'n' }, spec: { podCIDRs: ['10.0.0.0/24', 'x'] } },
      [
        'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
        'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
      ],
    ],
    [
      'a template of claims says nothing of its uid',
      '/apis/resource.k8s.io/v1/namespaces/default/resourceclaimtemplates',
      { metadata: { name: 't' }, spec: { metadata: { uid: 'u' }, spec: {} } },
      ['spec.metadata.uID: Forbidden: cannot be set'],
    ],
  ])('%s', (_rule, path, body, causes) => {
    const { request } = createApiHarness();
    const answer = request('POST', `${path}${DRY}`, body);
    expect(causesOf(answer)).toEqual(causes);
    expect(answer.status).toBe(causes.length === 0 ? 201 : 422);
  });
});

describe('what is wrong with the metadata of a changed object', () => {
  const label = { labels: { 'a b': 'c' } };
  const grace = { deletionGracePeriodSeconds: 5 };
  const v1 = '/api/v1/namespaces/default';
  const storage = '/apis/storage.k8s.io/v1';

  it.each<readonly [string, Json, Json, number]>([
    [`${v1}/configmaps`, {}, label, 4],
    [`${v1}/services`, { spec: { clusterIP: 'None' } }, label, 3],
    [`${v1}/limitranges`, { spec: { limits: [] } }, grace, 1],
    [`${v1}/limitranges`, { spec: { limits: [] } }, label, 3],
    [`${v1}/events`, { involvedObject: { namespace: 'default' } }, label, 2],
    [`${v1}/podtemplates`, { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } }, label, 3],
    [`${storage}/csinodes`, { spec: { drivers: [] } }, label, 4],
    [`${storage}/csinodes`, { spec: { drivers: [] } }, grace, 1],
    [`${storage}/storageclasses`, { provisioner: 'p' }, label, 4],
    ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }, label, 2],
    ['/apis/coordination.k8s.io/v1/namespaces/default/leases', {}, label, 3],
  ])('%s: of %j with %j it is told %d times', (path, object, metadata, times) => {
    const { request } = createApiHarness();
    expect(request('POST', path, { ...object, metadata: { name: 'x' } }).status).toBe(201);
    expect(causesOf(request('PATCH', `${path}/x`, { metadata }, MERGE))).toHaveLength(times);
  });

  it('counts in updates of the status of a definition, too', () => {
    const { request } = createApiHarness();
    const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
    const openAPIV3Schema = { type: 'object' };
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }];
    const spec = { group: 'example.com', scope: 'Namespaced', names, versions };
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    request('POST', path, { metadata: { name: 'things.example.com' }, spec });
    const answer = request('PATCH', `${path}/things.example.com/status`, { metadata: label }, MERGE);
    expect(causesOf(answer)).toHaveLength(3);
  });
});

describe('an object of no type', () => {
  const untyped = { metadata: { name: 'a' }, secrets: [{}] };

  it('is stored without managers', () => {
    const { request } = createApiHarness();
    const { status, json } = request('POST', ACCOUNTS, untyped);
    expect([status, json.metadata.managedFields]).toEqual([201, undefined]);
  });

  it('cannot be applied to', () => {
    const { request } = createApiHarness();
    request('POST', ACCOUNTS, untyped);
    const config = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', labels: { a: 'b' } } };
    const { status, json } = request('PATCH', `${ACCOUNTS}/a?fieldManager=m`, config, APPLY);
    expect([status, json.message]).toEqual([
      500,
      'failed to create manager for existing fields: failed to convert new object (default/a; /v1, Kind=ServiceAccount) to smd typed: ' +
        '.secrets: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ]);
  });
});

describe('a dry run', () => {
  it('answers what would be read of an object that is stored in another form', () => {
    const { request } = createApiHarness();
    const spec = { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } };
    const path = `/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers${DRY}`;
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': 'no list' };
    const { json } = request('POST', path, { metadata: { name: 'h', annotations }, spec });
    expect([json.metadata.annotations, json.spec.targetCPUUtilizationPercentage]).toEqual([undefined, 80]);
  });
});

describe('a patched object', () => {
  it.each([
    ['apiVersion', 400],
    ['kind', 200],
  ])('may have lost its %s', (field, status) => {
    const { request } = createApiHarness();
    request('POST', ACCOUNTS, { metadata: { name: 'a' } });
    const patch = [{ op: 'replace', path: `/${field}`, value: null }];
    const headers = { 'content-type': 'application/json-patch+json' };
    expect(request('PATCH', `${ACCOUNTS}/a`, patch, headers).status).toBe(status);
  });

  it('that cannot be read is shown with its metadata in Go’s order', () => {
    const { request } = createApiHarness();
    request('POST', ACCOUNTS, { metadata: { name: 'a' } });
    const { json } = request('PATCH', `${ACCOUNTS}/a`, { secrets: 1 }, MERGE);
    expect(json.message).toMatch(/\\"uid\\":\\"[^"]*\\",\\"resourceVersion\\":\\"\d+\\",\\"creationTimestamp\\":/);
  });
});
