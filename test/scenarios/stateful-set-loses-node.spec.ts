import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import { conditionOf, elapsed, PODS, runTo, secondsAt, story } from '../support/story.js';

const SETS = '/apis/apps/v1/namespaces/default/statefulsets';
const GRACE = 10;
const EVICTED_AT = 360;

describe('a StatefulSet that loses a node', () => {
  story('starts no second pod of that name until somebody says that the first is gone', {
    tell(harness) {
      createSet(harness);
      harness.runUntil(() => harness.pods().filter(isReady).length === 3, 30);
      expect(elapsed(harness)).toBeLessThan(10);
      const { metadata, spec } = harness.pod('db-1');
      harness.cluster.stopKubelet(spec.nodeName);

      runTo(harness, 70);
      expect(harness.get(`${SETS}/db`).status).toMatchObject({ replicas: 3, readyReplicas: 2, availableReplicas: 2 });
      expect(harness.eventsOf('db-1')).toContain('NodeNotReady: Node is not ready');

      runTo(harness, EVICTED_AT + 600);
      const lost = harness.pod('db-1');
      expect(lost.metadata.uid).toBe(metadata.uid);
      expect(secondsAt(harness, lost.metadata.deletionTimestamp)).toBeLessThanOrEqual(EVICTED_AT + GRACE);
      expect(secondsAt(harness, lost.metadata.deletionTimestamp)).toBeGreaterThan(EVICTED_AT - 10);
      expect(lost.status.phase).toBe('Running');
      expect(['db-0', 'db-2'].every((name) => isReady(harness.pod(name)))).toBe(true);

      harness.request('DELETE', `${PODS}/db-1?gracePeriodSeconds=0`);
      harness.runFor(10);
      const next = harness.pod('db-1');
      expect(next.metadata.uid).not.toBe(metadata.uid);
      expect(conditionOf(next, 'PodScheduled')).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message:
          "0/4 nodes are available: 2 node(s) didn't match pod anti-affinity rules, 2 node(s) had untolerated taint(s). " +
          'no new claims to deallocate, preemption: 0/4 nodes are available: ' +
          '2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
      });

      harness.cluster.startKubelet(spec.nodeName);
      harness.runFor(60);
      expect(isReady(harness.pod('db-1'))).toBe(true);
      expect(harness.pod('db-1').spec.nodeName).toBe(spec.nodeName);
      expect(harness.get(`${SETS}/db`).status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3 });
    },
  });

  story('goes on by itself when the node comes back and ends what was evicted', {
    tell(harness) {
      createSet(harness);
      harness.runUntil(() => harness.pods().filter(isReady).length === 3, 30);
      const { metadata, spec } = harness.pod('db-2');
      harness.cluster.stopKubelet(spec.nodeName);
      runTo(harness, EVICTED_AT + 60);
      harness.cluster.startKubelet(spec.nodeName);
      harness.runFor(30);
      expect(harness.pod('db-2').metadata.uid).not.toBe(metadata.uid);
      expect(harness.pods().filter(isReady)).toHaveLength(3);
      expect(harness.eventsOf('db')).toEqual([
        'SuccessfulCreate: Create Pod db-0 in StatefulSet db successful',
        'SuccessfulCreate: Create Pod db-1 in StatefulSet db successful',
        'SuccessfulCreate: Create Pod db-2 in StatefulSet db successful',
      ]);
    },
  });
});

/** Three members that never share a node. */
function createSet(harness: ClusterHarness): void {
  const labels = { app: 'db' };
  const term = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const containers = [{ name: 'app', image: 'registry.example/db:1' }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: GRACE, affinity, containers } };
  const spec = { serviceName: 'db', replicas: 3, selector: { matchLabels: labels }, template };
  harness.request('POST', SETS, { metadata: { name: 'db' }, spec });
}
