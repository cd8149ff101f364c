import { isReady, type ClusterHarness, type ClusterHarnessOptions } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, nameOf, PODS, setImage, story } from '../support/story.js';

const EVENTS = '/api/v1/namespaces/default/events';
const REQUESTS = { resources: { requests: { cpu: '1' } } };

describe('a cluster whose scheduler is off', () => {
  story('is scheduled by one from outside, and everything else of it goes on', {
    cluster: { scheduler: 'off' },
    tell(harness) {
      deploy(harness, { name: 'web', replicas: 4 });
      harness.runFor(30);
      expect(harness.pods().map(({ status }) => status.phase)).toEqual(['Pending', 'Pending', 'Pending', 'Pending']);
      expect(harness.pods().every((each) => conditionOf(each, 'PodScheduled') === undefined)).toBe(true);
      scheduleAll(harness);
      harness.runFor(5);
      expect(harness.pods().filter(isReady)).toHaveLength(4);
      expect(loads(harness)).toEqual([2, 1, 1]);

      setImage(harness, 'web', 'registry.example/app:2');
      for (let round = 0; round < 20; round++) {
        harness.runFor(2);
        scheduleAll(harness);
      }
      expect(harness.pods().filter(isReady)).toHaveLength(4);
      expect(harness.pods().every(({ spec }) => spec.containers[0].image === 'registry.example/app:2')).toBe(true);
      expect(harness.list(EVENTS).some(({ reason }) => reason === 'FailedScheduling')).toBe(false);
      const [bound] = harness.pods();
      expect(conditionOf(bound, 'PodScheduled').status).toBe('True');
      expect(harness.refused('POST', ...binding(nameOf(bound), 'worker-1'))).toMatchObject({
        code: 409,
        message: `Operation cannot be fulfilled on pods/binding "${nameOf(bound)}": pod ${nameOf(bound)} is already assigned to node "${bound.spec.nodeName}"`,
      });
    },
  });

  story('has its nodes refuse what does not fit there', {
    cluster: { scheduler: 'off' },
    tell(harness) {
      const resources = { requests: { cpu: '6' } };
      for (const name of ['first', 'second']) {
        harness.createPod(name, { containers: [{ name: 'app', image: 'registry.example/app:1', resources }] });
        harness.request('POST', ...binding(name, 'worker-1'));
      }
      harness.runFor(10);
      expect(isReady(harness.pod('first'))).toBe(true);
      expect(harness.pod('second').status).toMatchObject({
        phase: 'Failed',
        reason: 'OutOfcpu',
        message: "Node didn't have enough resource: cpu, requested: 6000, used: 6000, capacity: 8000",
      });
    },
  });
});

describe('a second scheduler beside the default one', () => {
  const profiles: ClusterHarnessOptions = {
    scheduler: {
      profiles: [
        { schedulerName: 'default-scheduler' },
        {
          schedulerName: 'packing',
          plugins: { score: { enabled: [{ name: 'NodeResourcesFit', weight: 1 }], disabled: [{ name: '*' }] } },
          pluginConfig: [
            {
              name: 'NodeResourcesFit',
              args: { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] } },
            },
          ],
        },
      ],
    },
  };

  story('as a profile packs its pods where the default spreads them, each under its own name', {
    cluster: profiles,
    tell(harness) {
      create(harness, 'default-scheduler', 6);
      expect(loads(harness, 'default-scheduler')).toEqual([2, 2, 2]);
      create(harness, 'packing', 6);
      expect(loads(harness, 'packing')).toEqual([6, 0, 0]);
      for (const profile of ['default-scheduler', 'packing']) {
        const [event] = harness.list(`${EVENTS}?fieldSelector=involvedObject.name=${profile}-0,reason=Scheduled`);
        expect(event).toMatchObject({ reportingComponent: profile, type: 'Normal', action: 'Binding' });
        expect(harness.cluster.decisions('default', `${profile}-0`)).toHaveLength(1);
      }
    },
  });

  const hasty = { bindTimeoutSeconds: 20 };
  story('as a profile waits for volumes no longer than it was told', {
    cluster: {
      scheduler: {
        profiles: [
          { schedulerName: 'default-scheduler' },
          { schedulerName: 'hasty', pluginConfig: [{ name: 'VolumeBinding', args: hasty }] },
        ],
      },
    },
    tell(harness) {
      harness.request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
        metadata: { name: 'late' },
        provisioner: 'nobody.example.com',
        volumeBindingMode: 'WaitForFirstConsumer',
      });
      for (const schedulerName of ['default-scheduler', 'hasty']) {
        const name = `of-${schedulerName}`;
        harness.request('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
          metadata: { name },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'late',
            resources: { requests: { storage: '1Gi' } },
          },
        });
        harness.createPod(name, {
          schedulerName,
          containers: [{ name: 'app', image: 'registry.example/app:1' }],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
        });
      }
      const failures = (name: string): readonly string[] =>
        harness
          .list(`${EVENTS}?fieldSelector=involvedObject.name=${name},reason=FailedScheduling`)
          .map(({ message, note }) => message ?? note);
      harness.runFor(15);
      expect(failures('of-hasty')).toEqual([]);
      harness.runFor(10);
      expect(failures('of-hasty')).toEqual([
        'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
      ]);
      harness.runFor(60);
      expect(failures('of-default-scheduler')).toEqual([]);
    },
  });

  story('from outside takes the pods that name it, and the default leaves those alone', {
    tell(harness) {
      create(harness, 'default-scheduler', 2);
      create(harness, 'elsewhere', 2);
      harness.runFor(60);
      expect(harness.pods().filter(isReady).map(nameOf)).toEqual(['default-scheduler-0', 'default-scheduler-1']);
      scheduleAll(harness, 'elsewhere');
      harness.runFor(10);
      expect(harness.pods().filter(isReady)).toHaveLength(4);
      expect(harness.cluster.decisions('default', 'elsewhere-0')).toEqual([]);
    },
  });

  story('counts what the other has placed', {
    tell(harness) {
      const resources = { requests: { cpu: '7' } };
      for (const [index, schedulerName] of [
        'elsewhere',
        'elsewhere',
        'default-scheduler',
        'default-scheduler',
      ].entries()) {
        const containers = [{ name: 'app', image: 'registry.example/app:1', resources }];
        harness.createPod(`pod-${index}`, { schedulerName, containers });
        scheduleAll(harness, 'elsewhere');
        harness.runFor(5);
      }
      const [bound, waiting] = [harness.pod('pod-2'), harness.pod('pod-3')];
      expect(isReady(bound)).toBe(true);
      expect(conditionOf(waiting, 'PodScheduled').message).toMatch(
        /^0\/4 nodes are available: 1 node\(s\) had untolerated taint\(s\), 3 Insufficient cpu\./,
      );
    },
  });
});

function create(harness: ClusterHarness, schedulerName: string, count: number): void {
  for (let index = 0; index < count; index++) {
    const containers = [{ name: 'app', image: 'registry.example/app:1', ...REQUESTS }];
    harness.createPod(`${schedulerName}-${index}`, { schedulerName, containers });
    harness.runFor(1);
  }
}

/** A scheduler as somebody might write one: each pod goes to the worker that has the fewest. */
function scheduleAll(harness: ClusterHarness, schedulerName = 'default-scheduler'): void {
  const waiting = harness.list(`${PODS}?fieldSelector=spec.nodeName=,spec.schedulerName=${schedulerName}`);
  const workers = harness
    .list('/api/v1/nodes')
    .filter(({ spec }) => (spec.taints ?? []).length === 0)
    .map(nameOf);
  for (const each of waiting) {
    const load = (name: string): number => podsOn(harness, name).length;
    const [emptiest = ''] = workers.toSorted((a, b) => load(a) - load(b));
    harness.request('POST', ...binding(nameOf(each), emptiest));
  }
}

const podsOn = (harness: ClusterHarness, nodeName: string): Json[] =>
  harness.list(`${PODS}?fieldSelector=spec.nodeName=${nodeName}`);

const binding = (name: string, nodeName: string): readonly [string, Json] => [
  `${PODS}/${name}/binding`,
  { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { apiVersion: 'v1', kind: 'Node', name: nodeName } },
];

/** How many pods of a scheduler each worker has, most first. */
function loads(harness: ClusterHarness, schedulerName = 'default-scheduler'): number[] {
  const workers = ['worker-1', 'worker-2', 'worker-3'];
  const own = (name: string): Json[] =>
    podsOn(harness, name).filter(({ spec }) => spec.schedulerName === schedulerName);
  return workers.map((name) => own(name).length).toSorted((a, b) => b - a);
}
