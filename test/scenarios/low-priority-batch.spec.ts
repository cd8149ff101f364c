import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, DEPLOYMENTS, JOBS, runTo, secondsAt, story } from '../support/story.js';

const GRACE = 20;
const ARRIVES_AT = 10;
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const FULL = '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.';

describe('a batch of low priority', () => {
  story('makes room for what is more important, within its grace, and is made up for later', {
    cluster: { topology: { workers: 2 } },
    tell(harness) {
      createBatch(harness, 4);
      runTo(harness, ARRIVES_AT);
      expect(crunching(harness).filter(isReady)).toHaveLength(4);
      deploy(harness, service(2));

      runTo(harness, ARRIVES_AT + 2);
      const waiting = harness.list('/api/v1/namespaces/default/pods?labelSelector=app=api');
      expect(waiting.map(({ status }) => status.nominatedNodeName).toSorted()).toEqual(['worker-1', 'worker-2']);
      for (const each of waiting) {
        expect(each.spec.nodeName).toBeUndefined();
        expect(conditionOf(each, 'PodScheduled')).toMatchObject({ reason: 'Unschedulable', message: FULL });
        expect(harness.eventsOf(each.metadata.name)).toEqual([`FailedScheduling: ${FULL}`]);
      }
      const victims = crunching(harness).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      expect(victims.map(({ spec }) => spec.nodeName).toSorted()).toEqual(['worker-1', 'worker-2']);
      for (const { metadata, spec, ...victim } of victims) {
        expect(secondsAt(harness, metadata.deletionTimestamp)).toBe(ARRIVES_AT + GRACE);
        expect(conditionOf(victim, 'DisruptionTarget')).toMatchObject({
          status: 'True',
          reason: 'PreemptionByScheduler',
          message: 'default-scheduler: preempting to accommodate a higher priority pod',
        });
        const by = waiting.find(({ status }) => status.nominatedNodeName === spec.nodeName);
        expect(harness.eventsOf(metadata.name)).toContain(
          `Preempted: Preempted by pod ${by?.metadata.uid} on node ${spec.nodeName}`,
        );
      }

      runTo(harness, ARRIVES_AT + GRACE + 10);
      for (const { metadata, status } of waiting) {
        const bound = harness.pod(metadata.name);
        expect(isReady(bound)).toBe(true);
        expect(bound.spec.nodeName).toBe(status.nominatedNodeName);
        expect(harness.eventsOf(metadata.name)).toContain(
          `Scheduled: Successfully assigned default/${metadata.name} to ${bound.spec.nodeName}`,
        );
      }
      const replaced = crunching(harness).filter(({ spec }) => spec.nodeName === undefined);
      expect(replaced).toHaveLength(2);
      for (const each of replaced) {
        expect(conditionOf(each, 'PodScheduled').message).toBe(
          `${FULL} no new claims to deallocate, preemption: 0/3 nodes are available: ` +
            '1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
        );
      }
      expect(harness.get(`${JOBS}/crunch`).status).toMatchObject({ active: 4, failed: 2, ready: 2 });

      harness.patch(`${DEPLOYMENTS}/api`, { spec: { replicas: 0 } });
      harness.runFor(20);
      expect(crunching(harness).filter(isReady)).toHaveLength(4);
    },
  });

  story('loses nothing to what may not preempt', {
    cluster: { topology: { workers: 2 } },
    tell(harness) {
      createBatch(harness, 4);
      runTo(harness, ARRIVES_AT);
      const { pod, ...rest } = service(1);
      deploy(harness, { ...rest, pod: { ...pod, preemptionPolicy: 'Never', priorityClassName: 'patient' } });
      harness.runFor(30);
      const [patient] = harness.list('/api/v1/namespaces/default/pods?labelSelector=app=api');
      expect(conditionOf(patient, 'PodScheduled').message).toBe(
        `${FULL} no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.`,
      );
      expect(crunching(harness).filter(isReady)).toHaveLength(4);
    },
  });

  story('is taken from where no budget is broken, if there is such a place', {
    cluster: { topology: { workers: 2 } },
    tell(harness) {
      createBatch(harness, 4);
      runTo(harness, ARRIVES_AT);
      for (const { metadata, spec } of crunching(harness)) {
        if (spec.nodeName !== 'worker-1') continue;
        harness.patch(`/api/v1/namespaces/default/pods/${metadata.name}`, { metadata: { labels: { guarded: 'yes' } } });
      }
      const selector = { matchLabels: { guarded: 'yes' } };
      harness.request('POST', BUDGETS, { metadata: { name: 'guard' }, spec: { maxUnavailable: 0, selector } });
      harness.runFor(2);
      deploy(harness, service(1));
      harness.runFor(GRACE + 10);
      const [bound] = harness.list('/api/v1/namespaces/default/pods?labelSelector=app=api');
      expect(bound.spec.nodeName).toBe('worker-2');
    },
  });
});

/** Each pod takes nearly half of a worker. */
function createBatch(harness: ClusterHarness, pods: number): void {
  for (const [name, value, policy] of [
    ['batch', 100, 'PreemptLowerPriority'],
    ['service', 100_000, 'PreemptLowerPriority'],
    ['patient', 100_000, 'Never'],
  ] as const) {
    const body = { metadata: { name }, value, preemptionPolicy: policy };
    harness.request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', body);
  }
  const resources = { requests: { cpu: '3500m' } };
  const containers = [{ name: 'app', image: 'busybox:1.36', command: ['sleep', '600'], resources }];
  const life = { terminationGracePeriodSeconds: GRACE, restartPolicy: 'Never' };
  const template = { spec: { priorityClassName: 'batch', ...life, containers } };
  const spec = { completions: pods, parallelism: pods, template };
  harness.request('POST', JOBS, { metadata: { name: 'crunch' }, spec });
}

const service = (replicas: number) => ({
  name: 'api',
  replicas,
  container: { resources: { requests: { cpu: '3' } } },
  pod: { priorityClassName: 'service' },
});

const crunching = (harness: ClusterHarness): Json[] =>
  harness
    .list('/api/v1/namespaces/default/pods?labelSelector=job-name=crunch')
    .filter(({ status }) => status.phase !== 'Failed');
