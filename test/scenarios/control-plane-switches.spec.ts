import { ClusterHarness, isReady } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';

const SETS = '/apis/apps/v1/namespaces/default/replicasets';
const CONTAINER = { name: 'app', image: 'nginx' };

const controllerOf = (harness: ClusterHarness, name: string) =>
  harness.cluster.controllers.find((each) => each.name === name);
const schedulerLease = (harness: ClusterHarness): Json =>
  harness
    .list('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases')
    .find(({ metadata }) => metadata.name === 'kube-scheduler');

describe('a controller', () => {
  it('tells what it has done', () => {
    const harness = new ClusterHarness();
    harness.createDeployment('web', 2);
    harness.runFor(10);
    const report = controllerOf(harness, 'replicaset-controller');
    expect(report).toMatchObject({ isEnabled: true, loops: [{ name: 'replicaset-controller', queue: { depth: 0 } }] });
    expect(report?.loops[0]?.reconciles).toBeGreaterThan(0);
    expect(controllerOf(harness, 'pod-garbage-collector-controller')?.loops).toHaveLength(2);
  });

  it('is off and on as it is switched, also after a restart', () => {
    const harness = new ClusterHarness();
    expect(harness.cluster.switchController('nothing-controller', false)).toBe(false);
    expect(harness.cluster.switchController('deployment-controller', false)).toBe(true);
    harness.createDeployment('web', 1);
    harness.runFor(10);
    harness.crashAndRestore();
    harness.runFor(10);
    expect(controllerOf(harness, 'deployment-controller')).toEqual({
      name: 'deployment-controller',
      isEnabled: false,
      loops: [],
    });
    expect(harness.list(SETS)).toEqual([]);
    harness.cluster.switchController('deployment-controller', true);
    harness.runFor(10);
    expect(harness.list(SETS)).toHaveLength(1);
    expect(harness.pods().every(isReady)).toBe(true);
  });

  it('runs as the cluster was made', () => {
    const harness = new ClusterHarness({ controllers: ['*', '-deployment-controller'] });
    harness.createDeployment('web', 1);
    harness.runFor(10);
    expect(harness.list(SETS)).toEqual([]);
  });
});

describe('a scheduler', () => {
  it('leaves pods to another where it is off, and takes them up where it is on again', () => {
    const harness = new ClusterHarness({ scheduler: 'off' });
    expect(harness.cluster.scheduler).toBeUndefined();
    expect(schedulerLease(harness)).toBeUndefined();
    harness.createPod('waits', { containers: [CONTAINER] });
    harness.createPod('bound', { containers: [CONTAINER] });
    harness.request('POST', '/api/v1/namespaces/default/pods/bound/binding', {
      metadata: { name: 'bound' },
      target: { kind: 'Node', name: 'worker-2' },
    });
    harness.runFor(30);
    expect(harness.pod('waits').spec.nodeName).toBeUndefined();
    expect(isReady(harness.pod('bound'))).toBe(true);
    harness.cluster.switchScheduler(true);
    harness.runFor(10);
    expect(isReady(harness.pod('waits'))).toBe(true);
    expect(harness.cluster.decisions('default', 'waits')).toHaveLength(1);
  });

  it('stays off after a restart, and its Lease runs out', () => {
    const harness = new ClusterHarness();
    harness.cluster.switchScheduler(false);
    harness.runFor(1);
    const renewed = schedulerLease(harness).spec.renewTime;
    harness.crashAndRestore();
    harness.createPod('waits', { containers: [CONTAINER] });
    harness.runFor(30);
    expect(harness.pod('waits').spec.nodeName).toBeUndefined();
    expect(schedulerLease(harness).spec.renewTime).toBe(renewed);
    harness.cluster.switchScheduler(true);
    harness.runFor(10);
    expect(isReady(harness.pod('waits'))).toBe(true);
    expect(schedulerLease(harness).spec.renewTime > renewed).toBe(true);
  });

  it('answers to the profiles that the cluster was made with', () => {
    const harness = new ClusterHarness({ scheduler: { profiles: [{ schedulerName: 'mine' }] } });
    harness.createPod('other', { containers: [CONTAINER] });
    harness.createPod('own', { schedulerName: 'mine', containers: [CONTAINER] });
    harness.runFor(10);
    expect(harness.pod('other').spec.nodeName).toBeUndefined();
    expect(isReady(harness.pod('own'))).toBe(true);
  });
});
