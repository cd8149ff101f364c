import { ClusterHarness, isReady } from '../support/cluster-harness.js';

const busybox = (command: string[], more = {}) => ({ name: 'app', image: 'busybox:1.36', command, ...more });

describe('a new cluster', () => {
  it('hands over its nodes Ready, its control plane running and nothing planned that must run soon', () => {
    const harness = new ClusterHarness({ topology: { controlPlanes: 1, workers: 3, zones: ['a', 'b'] } });
    const nodes = harness.list('/api/v1/nodes');
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['control-plane-1', 'worker-1', 'worker-2', 'worker-3']);
    expect(nodes.every(isReady)).toBe(true);
    expect(nodes.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone'])).toEqual(['a', 'a', 'b', 'a']);
    expect(nodes.map(({ spec }) => (spec.taints ?? []).map(({ key }: { key: string }) => key))).toEqual([
      ['node-role.kubernetes.io/control-plane'],
      [],
      [],
      [],
    ]);
    expect(harness.pods('kube-system').map(({ metadata, status }) => [metadata.name, status.phase])).toEqual([
      ['etcd-control-plane-1', 'Running'],
      ['kube-apiserver-control-plane-1', 'Running'],
      ['kube-controller-manager-control-plane-1', 'Running'],
      ['kube-scheduler-control-plane-1', 'Running'],
    ]);
  });

  it('writes nothing and plans nothing while nobody uses it', () => {
    const harness = new ClusterHarness();
    harness.runFor(3_600 * 3);
    const written = harness.history.length;
    const due = harness.cluster.nextDue;
    harness.runFor(3_600);
    expect(harness.history.length).toBe(written);
    expect(due).toBeUndefined();
  });

  it('shows heartbeats that nobody wrote', () => {
    const harness = new ClusterHarness();
    const renewTime = () =>
      harness.get('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-1').spec.renewTime;
    const leaderRenewTime = () =>
      harness.get('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler').spec.renewTime;
    const [before, leaderBefore] = [Date.parse(renewTime()), Date.parse(leaderRenewTime())];
    harness.runFor(100);
    expect(Date.parse(renewTime()) - before).toBe(100_000);
    expect(Date.parse(leaderRenewTime()) - leaderBefore).toBe(100_000);
  });
});

describe('a pod', () => {
  it('is scheduled, pulled, created, started, and Ready when its probe has answered', () => {
    const harness = new ClusterHarness();
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5 };
    harness.createPod('web', { containers: [{ name: 'app', image: 'registry.example/web:1', readinessProbe }] });
    harness.runFor(1);
    expect(harness.pod('web').status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ ready: false, started: true }],
    });
    expect(isReady(harness.pod('web'))).toBe(false);
    harness.runFor(5);
    expect(isReady(harness.pod('web'))).toBe(true);
    expect(harness.pod('web').status.podIP).toMatch(/^10\.\d+\.\d+\.\d+$/);
    expect(harness.eventsOf('web').map((each) => each.split(':')[0])).toEqual([
      'Scheduled',
      'Pulling',
      'Pulled',
      'Created',
      'Started',
    ]);
  });

  it('runs its init containers one by one, and its sidecars beside the rest', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    harness.createPod('staged', {
      initContainers: [
        { ...busybox(['sleep', '5']), name: 'first' },
        { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
        { ...busybox(['sleep', '5']), name: 'second' },
      ],
      containers: [{ name: 'app', image: 'app:1' }],
    });
    const states = () =>
      [...harness.pod('staged').status.initContainerStatuses, ...harness.pod('staged').status.containerStatuses].map(
        ({ state }) => Object.keys(state)[0],
      );
    harness.runFor(2);
    expect(states()).toEqual(['running', 'waiting', 'waiting', 'waiting']);
    expect(harness.pod('staged').status.phase).toBe('Pending');
    harness.runFor(5);
    expect(states()).toEqual(['terminated', 'running', 'running', 'waiting']);
    harness.runFor(5);
    expect(states()).toEqual(['terminated', 'running', 'terminated', 'running']);
    expect(isReady(harness.pod('staged'))).toBe(true);
  });

  it('takes ephemeral containers while it runs, starts each once, and lives on without them', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    harness.createPod('web', { containers: [{ name: 'app', image: 'app:1' }] });
    harness.runFor(1);
    const path = '/api/v1/namespaces/default/pods/web/ephemeralcontainers';
    const ephemeralContainers = [{ ...busybox(['sh', '-c', 'echo found; exit 2']), name: 'look' }];
    harness.request('PATCH', path, { spec: { ephemeralContainers } }, 'application/strategic-merge-patch+json');
    harness.runFor(60);
    expect(harness.pod('web').status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ name: 'app', ready: true, restartCount: 0 }],
      ephemeralContainerStatuses: [
        { name: 'look', ready: false, restartCount: 0, state: { terminated: { exitCode: 2 } } },
      ],
    });
    expect(harness.get('/api/v1/namespaces/default/pods/web/log?container=look')).toBe('found\n');
  });

  it('succeeds when its containers end well and are not to be restarted', () => {
    const harness = new ClusterHarness();
    harness.createPod('once', { restartPolicy: 'Never', containers: [busybox(['sh', '-c', 'echo hello; sleep 3'])] });
    harness.runFor(10);
    expect(harness.pod('once').status).toMatchObject({
      phase: 'Succeeded',
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
    });
    expect(harness.get('/api/v1/namespaces/default/pods/once/log')).toBe('hello\n');
  });

  it('succeeds when it was told what to do, whatever that is, and not to start it again', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    const container = {
      name: 'app',
      image: 'registry.example/curl:1',
      command: ['sh', '-c', 'curl -s http://web | grep ok'],
    };
    harness.createPod('task', { restartPolicy: 'Never', containers: [container] });
    harness.createPod('waits', { restartPolicy: 'Never', containers: [{ ...container, stdin: true }] });
    harness.createPod('serves', {
      restartPolicy: 'Never',
      containers: [{ name: 'app', image: 'registry.example/web:1' }],
    });
    harness.runFor(5);
    const phases = ['task', 'waits', 'serves'].map((name) => harness.pod(name).status.phase as string);
    expect(phases).toEqual(['Succeeded', 'Running', 'Running']);
  });

  it('falls into CrashLoopBackOff with ever longer waits', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    harness.createPod('crash', { containers: [busybox(['sh', '-c', 'sleep 1; exit 3'])] });
    harness.runFor(300);
    const [status] = harness.pod('crash').status.containerStatuses;
    expect(status).toMatchObject({
      restartCount: 5,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    expect(status.state.waiting.message).toMatch(/^back-off 2m40s restarting failed container=app pod=crash_default\(/);
  });

  it('stays in ImagePullBackOff while its image cannot be pulled', () => {
    const harness = new ClusterHarness();
    harness.createPod('lost', { containers: [{ name: 'app', image: 'registry.invalid/app:1' }] });
    harness.runFor(5);
    const { phase, containerStatuses } = harness.pod('lost').status;
    expect(phase).toBe('Pending');
    expect(containerStatuses[0].state.waiting.reason).toBe('ImagePullBackOff');
    expect(harness.eventsOf('lost').some((each) => each.startsWith('Failed: Failed to pull image'))).toBe(true);
  });

  it('waits for room, and takes it when it comes', () => {
    const harness = new ClusterHarness({ topology: { workers: 1 } });
    const asking = (cpu: string) => ({ containers: [{ name: 'app', image: 'a:1', resources: { requests: { cpu } } }] });
    harness.createPod('large', asking('6'));
    harness.runFor(1);
    harness.createPod('late', asking('6'));
    harness.runFor(2);
    expect(harness.pod('late').status.conditions[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: ' +
        '0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    });
    harness.request('DELETE', '/api/v1/namespaces/default/pods/large?gracePeriodSeconds=1');
    harness.runFor(30);
    expect(harness.pod('late').status.phase).toBe('Running');
  });

  it('is stopped by SIGTERM within its grace, or by SIGKILL after it', () => {
    const harness = new ClusterHarness();
    harness.createPod('deaf', { terminationGracePeriodSeconds: 20, containers: [busybox(['sleep', 'infinity'])] });
    harness.createPod('polite', {
      terminationGracePeriodSeconds: 20,
      containers: [{ name: 'app', image: 'server:1' }],
    });
    harness.runFor(2);
    for (const name of ['deaf', 'polite']) harness.request('DELETE', `/api/v1/namespaces/default/pods/${name}`);
    harness.runFor(2);
    expect(harness.pods().map(({ metadata }) => metadata.name)).toEqual(['deaf']);
    harness.runFor(20);
    expect(harness.pods()).toEqual([]);
  });

  it('keeps a status that a client wrote until something happens to it', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    harness.createPod('web', { containers: [{ name: 'app', image: 'app:1' }] });
    harness.runFor(2);
    const path = '/api/v1/namespaces/default/pods/web';
    const ready = { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const status = { podIP: '192.0.2.1', podIPs: [{ ip: '192.0.2.1' }], conditions: [ready] };
    harness.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
    harness.request('PATCH', path, { metadata: { labels: { seen: 'yes' } } }, 'application/merge-patch+json');
    harness.runFor(600);
    expect(harness.pod('web').status.podIP).toBe('192.0.2.1');
    expect(isReady(harness.pod('web'))).toBe(false);
    const ephemeralContainers = [{ ...busybox(['sleep', '5']), name: 'look' }];
    const patch = { spec: { ephemeralContainers } };
    harness.request('PATCH', `${path}/ephemeralcontainers`, patch, 'application/strategic-merge-patch+json');
    harness.runFor(2);
    expect(harness.pod('web').status.podIP).toMatch(/^10\./);
    expect(isReady(harness.pod('web'))).toBe(true);
  });

  it('keeps a condition that a client added', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    const readinessGates = [{ conditionType: 'example.com/open' }];
    harness.createPod('web', { readinessGates, containers: [{ name: 'app', image: 'app:1' }] });
    harness.runFor(2);
    expect(isReady(harness.pod('web'))).toBe(false);
    const conditions = [{ type: 'example.com/open', status: 'True' }];
    const path = '/api/v1/namespaces/default/pods/web/status';
    harness.request('PATCH', path, { status: { conditions } }, 'application/strategic-merge-patch+json');
    harness.runFor(2);
    expect(isReady(harness.pod('web'))).toBe(true);
    expect(harness.pod('web').status.conditions.at(-1)).toMatchObject(conditions[0]!);
  });

  it('says how it ended a while after it was forced out, where a finalizer keeps its object', () => {
    const harness = new ClusterHarness({ latency: 'instant' });
    const metadata = { name: 'kept', finalizers: ['example.com/hold'] };
    const spec = { containers: [{ name: 'app', image: 'app:1' }] };
    harness.request('POST', '/api/v1/namespaces/default/pods', { metadata, spec });
    harness.runFor(2);
    harness.request('DELETE', '/api/v1/namespaces/default/pods/kept?gracePeriodSeconds=0');
    harness.runFor(8);
    expect(isReady(harness.pod('kept'))).toBe(true);
    harness.runFor(3);
    expect(isReady(harness.pod('kept'))).toBe(false);
    expect(harness.pod('kept').status.phase).not.toBe('Running');
  });

  it('fails at its deadline', () => {
    const harness = new ClusterHarness();
    harness.createPod('hasty', { activeDeadlineSeconds: 30, containers: [{ name: 'app', image: 'server:1' }] });
    harness.runFor(29);
    expect(harness.pod('hasty').status.phase).toBe('Running');
    harness.runFor(5);
    expect(harness.pod('hasty').status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  });

  it('comes back as a mirror when the mirror of a static pod is deleted', () => {
    const harness = new ClusterHarness();
    const name = 'etcd-control-plane-1';
    const mirror = () => harness.get(`/api/v1/namespaces/kube-system/pods/${name}`);
    const { uid } = mirror().metadata;
    const [{ containerID }] = mirror().status.containerStatuses;
    harness.request('DELETE', `/api/v1/namespaces/kube-system/pods/${name}`);
    harness.runFor(2);
    expect(mirror().metadata.uid).not.toBe(uid);
    expect(mirror().status.containerStatuses[0].containerID).toBe(containerID);
  });
});

describe('a restart of the process', () => {
  it('finds every pod, container and lease as it was, and goes on', () => {
    const harness = new ClusterHarness();
    harness.createPod('server', { containers: [{ name: 'app', image: 'server:1' }] });
    harness.createPod('timed', { restartPolicy: 'Never', containers: [busybox(['sleep', '60'])] });
    harness.runFor(10);
    const before = harness
      .pods()
      .map(({ metadata, status }) => [metadata.uid, status.containerStatuses[0].containerID]);
    harness.crashAndRestore();
    harness.runFor(1);
    const after = harness.pods().map(({ metadata, status }) => [metadata.uid, status.containerStatuses[0].containerID]);
    expect(after).toEqual(before);
    harness.runFor(60);
    expect(harness.pod('server').status.phase).toBe('Running');
    expect(harness.pod('timed').status.phase).toBe('Succeeded');
    harness.createPod('new', { containers: [{ name: 'app', image: 'server:1' }] });
    harness.runFor(2);
    expect(isReady(harness.pod('new'))).toBe(true);
    const ips = harness.pods().map(({ status }) => status.podIP);
    expect(new Set(ips).size).toBe(3);
  });
});

describe('history', () => {
  const story = (seed: number) => {
    const harness = new ClusterHarness({ seed });
    harness.createPod('a', { containers: [{ name: 'app', image: 'server:1' }] });
    harness.runFor(2);
    harness.createPod('b', { restartPolicy: 'Never', containers: [busybox(['sh', '-c', 'sleep 3; exit 1'])] });
    harness.runFor(10);
    harness.request('DELETE', '/api/v1/namespaces/default/pods/a');
    harness.runFor(60);
    return harness.history.map(
      ({ key, revision, value }) => `${revision} ${key} ${Buffer.from(value ?? []).toString()}`,
    );
  };

  it('is the same, byte for byte, for the same seed and inputs', () => {
    expect(story(7)).toEqual(story(7));
  });

  it('differs for another seed', () => {
    expect(story(7)).not.toEqual(story(8));
  });
});
