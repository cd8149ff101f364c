import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, elapsed, nameOf, PODS, story } from '../support/story.js';

const REPLICAS = 4;
const READY_AFTER = 20;
const BUDGET = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';

describe('a disruption budget', () => {
  story('holds a drain to one pod at a time', {
    tell(harness) {
      const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: READY_AFTER };
      deploy(harness, { name: 'web', replicas: REPLICAS, container: { readinessProbe } });
      harness.request('POST', BUDGET, {
        metadata: { name: 'web' },
        spec: { minAvailable: REPLICAS - 1, selector: { matchLabels: { app: 'web' } } },
      });
      harness.runUntil(() => harness.pods().filter(isReady).length === REPLICAS);
      harness.runFor(1);
      expect(harness.get(`${BUDGET}/web`).status).toMatchObject({
        disruptionsAllowed: 1,
        currentHealthy: REPLICAS,
        desiredHealthy: REPLICAS - 1,
        expectedPods: REPLICAS,
      });
      const [nodeName, names] = crowded(harness);
      const [first = '', second = ''] = names;
      harness.patch(`/api/v1/nodes/${nodeName}`, { spec: { unschedulable: true } });

      harness.request('POST', ...eviction(first));
      expect(conditionOf(harness.pod(first), 'DisruptionTarget')).toMatchObject({
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      });
      harness.runFor(2);
      expect(harness.refused('POST', ...eviction(second))).toMatchObject({
        code: 429,
        reason: 'TooManyRequests',
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: `The disruption budget web needs ${REPLICAS - 1} healthy pods and has ${REPLICAS - 1} currently`,
            },
          ],
        },
      });
      expect(conditionOf(harness.get(`${BUDGET}/web`), 'DisruptionAllowed')).toMatchObject({
        status: 'False',
        reason: 'InsufficientPods',
      });

      const since = elapsed(harness);
      harness.runUntil(() => harness.get(`${BUDGET}/web`).status.disruptionsAllowed === 1);
      expect(elapsed(harness) - since).toBeGreaterThan(READY_AFTER - 3);
      expect(elapsed(harness) - since).toBeLessThan(READY_AFTER + 2);
      expect(conditionOf(harness.get(`${BUDGET}/web`), 'DisruptionAllowed')).toMatchObject({
        status: 'True',
        reason: 'SufficientPods',
      });
      harness.request('POST', ...eviction(second));
      harness.runFor(READY_AFTER + 5);
      expect(harness.pods().filter(isReady)).toHaveLength(REPLICAS);
      expect(harness.pods().filter(({ spec }) => spec.nodeName === nodeName)).toEqual([]);
    },
  });

  story('does not keep a pod from being evicted that was never ready, where it says so', {
    tell(harness) {
      const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 3_600 };
      deploy(harness, { name: 'web', replicas: 2, container: { readinessProbe } });
      const selector = { matchLabels: { app: 'web' } };
      harness.request('POST', BUDGET, { metadata: { name: 'web' }, spec: { minAvailable: 2, selector } });
      harness.runFor(10);
      const [name = ''] = harness.pods().map(nameOf);
      expect(harness.refused('POST', ...eviction(name)).code).toBe(429);
      harness.patch(`${BUDGET}/web`, { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } });
      harness.runFor(2);
      harness.request('POST', ...eviction(name));
      harness.runFor(5);
      expect(harness.pods().map(nameOf)).not.toContain(name);
    },
  });
});

/** The node with the most pods, and those. */
function crowded(harness: ClusterHarness): readonly [string, readonly string[]] {
  const on = (nodeName: string): readonly Json[] => harness.pods().filter(({ spec }) => spec.nodeName === nodeName);
  const nodeNames = harness.pods().map(({ spec }) => spec.nodeName as string);
  const [nodeName = ''] = nodeNames.toSorted((a, b) => on(b).length - on(a).length);
  return [nodeName, on(nodeName).map(nameOf)];
}

const eviction = (name: string): readonly [string, Json] => [
  `${PODS}/${name}/eviction`,
  { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
];
