import { ClusterHarness } from '../support/cluster-harness.js';
import { textCodec, type Json } from '../support/engine-harness.js';

const GROUP = '/apis/resource.k8s.io/v1';
const CLAIMS = `${GROUP}/namespaces/default/resourceclaims`;
const TEMPLATES = `${GROUP}/namespaces/default/resourceclaimtemplates`;
const DRIVER = 'gpu.example.com';

const exactly = (more: Json = {}): Json => ({ name: 'gpu', exactly: { deviceClassName: 'gpu', ...more } });
const claimSpec = (...requests: readonly Json[]): Json => ({ devices: { requests } });

function addClass(harness: ClusterHarness): void {
  const selectors = [{ cel: { expression: `device.driver == "${DRIVER}"` } }];
  harness.request('POST', `${GROUP}/deviceclasses`, { metadata: { name: 'gpu' }, spec: { selectors } });
}

/** What a driver publishes of one node: its devices, with the memory of each. */
function addDevices(harness: ClusterHarness, nodeName: string, memories: readonly string[]): void {
  const devices = memories.map((memory, index) => ({
    name: `gpu-${index}`,
    attributes: { model: { string: memory === '80Gi' ? 'large' : 'small' } },
    capacity: { memory: { value: memory } },
  }));
  harness.request('POST', `${GROUP}/resourceslices`, {
    metadata: { name: `${nodeName}-gpus` },
    spec: { driver: DRIVER, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices },
  });
}

const addTemplate = (harness: ClusterHarness, name: string, spec: Json): unknown =>
  harness.request('POST', TEMPLATES, { metadata: { name }, spec: { spec } });
const addClaim = (harness: ClusterHarness, name: string, spec: Json): unknown =>
  harness.request('POST', CLAIMS, { metadata: { name }, spec });

function addPod(harness: ClusterHarness, name: string, source: Json): void {
  harness.createPod(name, {
    containers: [{ name: 'app', image: 'registry.example/app:1', resources: { claims: [{ name: 'gpu' }] } }],
    resourceClaims: [{ name: 'gpu', ...source }],
  });
}

const deletePod = (harness: ClusterHarness, name: string): unknown =>
  harness.request('DELETE', `/api/v1/namespaces/default/pods/${name}?gracePeriodSeconds=0`);
const claimOf = (harness: ClusterHarness, pod: string): Json =>
  harness.get(`${CLAIMS}/${harness.pod(pod).status.resourceClaimStatuses[0].resourceClaimName}`);
const devicesOf = ({ status }: Json): string[] =>
  (status?.allocation?.devices?.results ?? []).map(({ pool, device }: Json) => `${pool}/${device}`);
const consumersOf = ({ status }: Json): string[] => (status?.reservedFor ?? []).map(({ name }: Json) => name).sort();
const phaseOf = (harness: ClusterHarness, name: string): string => harness.pod(name).status.phase;
const pendingReason = (harness: ClusterHarness, name: string): string =>
  harness.pod(name).status.conditions.find(({ type }: Json) => type === 'PodScheduled').message;

const NO_ROOM =
  '0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 cannot allocate all claims. ' +
  'still not schedulable, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.';

/** Training jobs fill the devices, one has to wait, a shared device serves many, and a claim moves on when its node is full. */
function play(seed: number): ClusterHarness {
  const harness = new ClusterHarness({ seed });
  addClass(harness);
  addDevices(harness, 'worker-1', ['40Gi', '40Gi']);
  addDevices(harness, 'worker-2', ['80Gi']);
  const large = [{ cel: { expression: `device.capacity["${DRIVER}"].memory.compareTo(quantity("80Gi")) >= 0` } }];
  addTemplate(harness, 'any', claimSpec(exactly()));
  addTemplate(harness, 'large', claimSpec(exactly({ selectors: large })));

  addPod(harness, 'big', { resourceClaimTemplateName: 'large' });
  harness.runUntil(() => phaseOf(harness, 'big') === 'Running');
  expect(devicesOf(claimOf(harness, 'big'))).toEqual(['worker-2/gpu-0']);

  for (const name of ['a', 'b', 'c']) addPod(harness, name, { resourceClaimTemplateName: 'any' });
  harness.runFor(30);
  const [waiting = ''] = ['a', 'b', 'c'].filter((name) => phaseOf(harness, name) === 'Pending');
  const running = ['a', 'b', 'c'].filter((name) => name !== waiting);
  expect(running.map((name) => phaseOf(harness, name))).toEqual(['Running', 'Running']);
  expect(running.map((name) => devicesOf(claimOf(harness, name))[0]).sort()).toEqual([
    'worker-1/gpu-0',
    'worker-1/gpu-1',
  ]);
  expect(pendingReason(harness, waiting)).toBe(NO_ROOM);

  addDevices(harness, 'worker-3', ['40Gi']);
  harness.runUntil(() => phaseOf(harness, waiting) === 'Running', 120);
  expect(harness.pod(waiting).spec.nodeName).toBe('worker-3');

  const { name: freed } = claimOf(harness, running[0]!).metadata;
  deletePod(harness, running[0]!);
  harness.runFor(5);
  expect(harness.list(CLAIMS).map(({ metadata }) => metadata.name)).not.toContain(freed);

  addClaim(harness, 'shared', claimSpec(exactly()));
  for (const name of ['s1', 's2', 's3']) addPod(harness, name, { resourceClaimName: 'shared' });
  harness.runUntil(() => ['s1', 's2', 's3'].every((name) => phaseOf(harness, name) === 'Running'), 120);
  const shared = harness.get(`${CLAIMS}/shared`);
  expect(consumersOf(shared)).toEqual(['s1', 's2', 's3']);
  expect(shared.metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
  expect(shared.status.allocation.nodeSelector.nodeSelectorTerms).toEqual([
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker-1'] }] },
  ]);
  for (const name of ['s1', 's2', 's3']) deletePod(harness, name);
  harness.runFor(10);
  expect(harness.get(`${CLAIMS}/shared`).status).toEqual({});
  return harness;
}

describe('devices that pods claim', () => {
  it('are given, shared, waited for and taken back', () => {
    const [first, second] = [play(7), play(7)].map(({ history }) =>
      history.map(
        ({ revision, key, value }) => `${revision} ${key} ${value === undefined ? '' : textCodec.decode(value)}`,
      ),
    );
    expect(first).toEqual(second);
  });
});

describe('a pod with device claims', () => {
  const ready = (): ClusterHarness => {
    const harness = new ClusterHarness();
    addClass(harness);
    return harness;
  };

  it('starts on the node that somebody else chose only when its devices are allocated', () => {
    const harness = ready();
    addDevices(harness, 'worker-1', ['40Gi']);
    addClaim(harness, 'mine', claimSpec(exactly()));
    harness.createPod('forced', {
      nodeName: 'worker-1',
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }],
    });
    harness.runFor(30);
    const uids = [harness.pod('forced'), harness.get(`${CLAIMS}/mine`)].map(({ metadata }) => metadata.uid);
    expect(harness.eventsOf('forced')).toEqual([
      'FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: ' +
        `pod forced (${uids[0]}) is not allowed to use ResourceClaim mine (${uids[1]})`,
    ]);
    expect(phaseOf(harness, 'forced')).toBe('Pending');
    addPod(harness, 'helper', { resourceClaimName: 'mine' });
    harness.runUntil(() => phaseOf(harness, 'forced') === 'Running', 120);
    expect(consumersOf(harness.get(`${CLAIMS}/mine`))).toEqual(['forced', 'helper']);
  });

  it('is told what is wrong with its selector, and goes on when that is put right', () => {
    const harness = ready();
    addDevices(harness, 'worker-1', ['40Gi']);
    const expression = `device.attributes["${DRIVER}"].rack == "r1"`;
    addTemplate(harness, 'racked', claimSpec(exactly({ selectors: [{ cel: { expression } }] })));
    addPod(harness, 'p', { resourceClaimTemplateName: 'racked' });
    harness.runFor(5);
    const claim = harness.pod('p').status.resourceClaimStatuses[0].resourceClaimName;
    const fault = `claim default/${claim}: selector #0: CEL runtime error: no such key: rack`;
    const message = `running "DynamicResources" filter plugin: ${fault}`;
    expect(harness.pod('p').status.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message },
    ]);
    expect(harness.eventsOf('p')[0]).toBe(`FailedScheduling: ${message}`);
    const slice = harness.get(`${GROUP}/resourceslices/worker-1-gpus`);
    slice.spec.devices[0].attributes.rack = { string: 'r1' };
    harness.request('PUT', `${GROUP}/resourceslices/worker-1-gpus`, slice);
    harness.runUntil(() => phaseOf(harness, 'p') === 'Running', 60);
  });

  it('gets other devices when those of its claim are where it cannot go', () => {
    const harness = ready();
    for (const name of ['worker-1', 'worker-2']) addDevices(harness, name, ['40Gi']);
    addClaim(harness, 'mine', claimSpec(exactly()));
    addPod(harness, 'first', { resourceClaimName: 'mine' });
    harness.runUntil(() => phaseOf(harness, 'first') === 'Running');
    const { nodeName } = harness.pod('first').spec;
    // Devices that nobody has reserved stay allocated, as a driver might have left them.
    const { status } = harness.get(`${CLAIMS}/mine`);
    deletePod(harness, 'first');
    harness.runFor(10);
    const freed = harness.get(`${CLAIMS}/mine`);
    harness.request('PUT', `${CLAIMS}/mine/status`, { ...freed, status: { allocation: status.allocation } });
    const unschedulable = { spec: { unschedulable: true } };
    harness.request('PATCH', `/api/v1/nodes/${nodeName}`, unschedulable, 'application/merge-patch+json');
    addPod(harness, 'second', { resourceClaimName: 'mine' });
    harness.runUntil(() => phaseOf(harness, 'second') === 'Running', 60);
    expect(harness.pod('second').spec.nodeName).not.toBe(nodeName);
    expect(harness.eventsOf('second')[0]).toMatch(
      /^FailedScheduling: 0\/4 nodes are available: .*2 resourceclaim not available on the node\. deallocation of ResourceClaim completed, /,
    );
  });

  it('keeps its devices when the cluster comes back from what is on disk', () => {
    const harness = ready();
    addDevices(harness, 'worker-1', ['40Gi']);
    addTemplate(harness, 'any', claimSpec(exactly()));
    addPod(harness, 'a', { resourceClaimTemplateName: 'any' });
    harness.runUntil(() => phaseOf(harness, 'a') === 'Running');
    harness.crashAndRestore();
    addPod(harness, 'b', { resourceClaimTemplateName: 'any' });
    harness.runFor(30);
    expect([phaseOf(harness, 'a'), phaseOf(harness, 'b')]).toEqual(['Running', 'Pending']);
    deletePod(harness, 'a');
    harness.runUntil(() => phaseOf(harness, 'b') === 'Running', 60);
  });

  it('waits where its claim has as many consumers as it may have', () => {
    const harness = ready();
    addClaim(harness, 'mine', claimSpec(exactly()));
    const claim = harness.get(`${CLAIMS}/mine`);
    const results = [{ request: 'gpu', driver: DRIVER, pool: 'p', device: 'gpu-0' }];
    const reservedFor = Array.from({ length: 256 }, (_, index) => {
      const name = `thing-${index}`;
      return { apiGroup: 'example.com', resource: 'things', name, uid: name };
    });
    const status = { allocation: { devices: { results } }, reservedFor };
    harness.request('PUT', `${CLAIMS}/mine/status`, { ...claim, status });
    addPod(harness, 'late', { resourceClaimName: 'mine' });
    harness.runFor(2);
    expect(harness.eventsOf('late')[0]).toBe(
      'FailedScheduling: running PreBind plugin "DynamicResources": add reservation to claim default/mine: ' +
        'ResourceClaim.resource.k8s.io "mine" is invalid: status.reservedFor: Too many: 257: must have at most 256 items',
    );
    const left = { ...status, reservedFor: reservedFor.slice(1) };
    harness.request('PUT', `${CLAIMS}/mine/status`, { ...harness.get(`${CLAIMS}/mine`), status: left });
    harness.runUntil(() => phaseOf(harness, 'late') === 'Running', 60);
  });

  it('is counted against quotas, by claim and by class', () => {
    const harness = ready();
    const hard = { 'count/resourceclaims.resource.k8s.io': '3', 'gpu.deviceclass.resource.k8s.io/devices': '4' };
    harness.request('POST', '/api/v1/namespaces/default/resourcequotas', { metadata: { name: 'q' }, spec: { hard } });
    harness.runFor(1);
    const firstAvailable = [1, 3].map((count) => ({ name: `w${count}`, deviceClassName: 'gpu', count }));
    addClaim(harness, 'a', claimSpec({ name: 'gpu', firstAvailable }));
    expect(() => addClaim(harness, 'b', claimSpec(exactly({ allocationMode: 'All' })))).toThrow(
      'exceeded quota: q, requested: gpu.deviceclass.resource.k8s.io/devices=32, ' +
        'used: gpu.deviceclass.resource.k8s.io/devices=3, limited: gpu.deviceclass.resource.k8s.io/devices=4',
    );
    addClaim(harness, 'b', claimSpec(exactly()));
    harness.runFor(1);
    expect(harness.get('/api/v1/namespaces/default/resourcequotas/q').status.used).toEqual({
      'count/resourceclaims.resource.k8s.io': '2',
      'gpu.deviceclass.resource.k8s.io/devices': '4',
    });
  });

  it('of a Job hands its devices on when it has completed', () => {
    const harness = ready();
    addDevices(harness, 'worker-1', ['40Gi', '40Gi']);
    addTemplate(harness, 'any', claimSpec(exactly()));
    const template = {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'app', image: 'busybox:1.36', command: ['sleep', '20'] }],
        resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'any' }],
      },
    };
    const spec = { completions: 5, parallelism: 5, template };
    harness.request('POST', '/apis/batch/v1/namespaces/default/jobs', { metadata: { name: 'train' }, spec });
    let most = 0;
    harness.runUntil(() => {
      const running = harness.pods().filter(({ status }) => status.phase === 'Running').length;
      most = Math.max(most, running);
      return harness.get('/apis/batch/v1/namespaces/default/jobs/train').status.succeeded === 5;
    }, 300);
    expect(most).toBe(2);
    harness.runFor(5);
    expect(harness.list(CLAIMS)).toEqual([]);
  });

  it('tells at every node why it was not taken, and what its devices were worth', () => {
    const harness = ready();
    addDevices(harness, 'worker-1', ['40Gi']);
    addDevices(harness, 'worker-2', ['80Gi']);
    const way = (name: string, model: string): Json => ({
      name,
      deviceClassName: 'gpu',
      selectors: [{ cel: { expression: `device.attributes["${DRIVER}"].model == "${model}"` } }],
    });
    const firstAvailable = [way('large', 'large'), way('small', 'small')];
    addTemplate(harness, 'best', claimSpec({ name: 'gpu', firstAvailable }));
    for (const name of ['a', 'b', 'c']) {
      addPod(harness, name, { resourceClaimTemplateName: 'best' });
      harness.runFor(5);
    }
    expect(['a', 'b'].map((name) => claimOf(harness, name).status.allocation.devices.results[0].request)).toEqual([
      'gpu/large',
      'gpu/small',
    ]);
    const [first] = harness.cluster.decisions('default', 'a');
    const worth = first?.nodes.map(({ name, scores }) => [
      name,
      scores?.find(({ plugin }) => plugin === 'DynamicResources'),
    ]);
    expect(worth).toContainEqual(['worker-1', { plugin: 'DynamicResources', score: 87, weight: 2 }]);
    expect(worth).toContainEqual(['worker-2', { plugin: 'DynamicResources', score: 100, weight: 2 }]);
    const [last] = harness.cluster.decisions('default', 'c');
    const reasons = last?.nodes.map(({ name, rejection }) => [name, rejection?.plugin, ...(rejection?.reasons ?? [])]);
    expect(reasons).toContainEqual(['worker-1', 'DynamicResources', 'cannot allocate all claims']);
  });
});
