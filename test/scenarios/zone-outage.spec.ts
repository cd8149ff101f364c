import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, DEPLOYMENTS, runTo, secondsAt, story } from '../support/story.js';

const ZONE = 'topology.kubernetes.io/zone';
const TOPOLOGY = { workers: 6, zones: ['a', 'b', 'c'] };
const LOST = ['worker-2', 'worker-5'];
const OUTAGE_AT = 10;
const FOUND_LOST_AT = 60;
/** Nodes of a zone are tainted one after another. */
const TAINT_INTERVAL = 10;
const TOLERATED = 300;

describe('an outage of one zone of three', () => {
  story('leaves pods that must be spread waiting for the zone, and those that should be running elsewhere', {
    cluster: { topology: TOPOLOGY },
    tell(harness) {
      deploy(harness, { name: 'strict', replicas: 6, pod: spreading('strict', 'DoNotSchedule') });
      deploy(harness, { name: 'loose', replicas: 6, pod: spreading('loose', 'ScheduleAnyway') });
      runTo(harness, OUTAGE_AT);
      for (const name of ['strict', 'loose']) expect(zonesOf(harness, name)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
      for (const name of LOST) harness.cluster.stopKubelet(name);

      runTo(harness, FOUND_LOST_AT + TAINT_INTERVAL + 5);
      const tainted = LOST.map((name) => harness.get(`/api/v1/nodes/${name}`).spec.taints as Json[]);
      const times = tainted.flatMap((taints) =>
        taints.filter(({ effect }) => effect === 'NoExecute').map(({ timeAdded }) => secondsAt(harness, timeAdded)),
      );
      expect(times.toSorted((a, b) => a - b)).toEqual([FOUND_LOST_AT, FOUND_LOST_AT + TAINT_INTERVAL]);
      for (const name of ['strict', 'loose']) {
        expect(harness.get(`${DEPLOYMENTS}/${name}`).status).toMatchObject({
          readyReplicas: 4,
          unavailableReplicas: 2,
        });
      }

      runTo(harness, FOUND_LOST_AT + TOLERATED + TAINT_INTERVAL + 20);
      expect(readyZonesOf(harness, 'loose')).toHaveLength(6);
      expect(readyZonesOf(harness, 'loose')).not.toContain('b');
      expect(readyZonesOf(harness, 'strict')).toEqual(['a', 'a', 'c', 'c']);
      const waiting = podsOf(harness, 'strict').filter(({ spec }) => spec.nodeName === undefined);
      expect(waiting).toHaveLength(2);
      for (const each of waiting) {
        expect(conditionOf(each, 'PodScheduled')).toMatchObject({
          reason: 'Unschedulable',
          message:
            "0/7 nodes are available: 3 node(s) had untolerated taint(s), 4 node(s) didn't match pod topology spread constraints. " +
            'no new claims to deallocate, preemption: 0/7 nodes are available: ' +
            '3 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.',
        });
      }

      for (const name of LOST) harness.cluster.startKubelet(name);
      harness.runFor(60);
      expect(readyZonesOf(harness, 'strict')).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
      expect(readyZonesOf(harness, 'loose')).toHaveLength(6);
    },
  });

  story('does not hold strictly spread pods where nodes that cannot take them are not counted', {
    cluster: { topology: TOPOLOGY },
    tell(harness) {
      const pod = spreading('web', 'DoNotSchedule', { nodeTaintsPolicy: 'Honor' });
      deploy(harness, { name: 'web', replicas: 6, pod });
      runTo(harness, OUTAGE_AT);
      for (const name of LOST) harness.cluster.stopKubelet(name);
      runTo(harness, FOUND_LOST_AT + TOLERATED + TAINT_INTERVAL + 20);
      expect(readyZonesOf(harness, 'web')).toEqual(['a', 'a', 'a', 'c', 'c', 'c']);
    },
  });
});

describe('an outage of all zones', () => {
  story('evicts nothing, since it is rather the control plane that sees nobody', {
    cluster: { topology: { workers: 3, zones: ['a', 'b', 'c'] } },
    tell(harness) {
      deploy(harness, { name: 'web', replicas: 3 });
      runTo(harness, OUTAGE_AT);
      const names = harness.list('/api/v1/nodes').map(({ metadata }) => metadata.name as string);
      for (const name of names) harness.cluster.stopKubelet(name);
      runTo(harness, FOUND_LOST_AT + TOLERATED + 300);
      const taints = names.flatMap((name) => (harness.get(`/api/v1/nodes/${name}`).spec.taints ?? []) as Json[]);
      expect(taints.filter(({ effect }) => effect === 'NoExecute')).toEqual([]);
      expect(podsOf(harness, 'web').map(({ metadata }) => metadata.deletionTimestamp)).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      for (const name of names) harness.cluster.startKubelet(name);
      harness.runFor(30);
      expect(podsOf(harness, 'web').filter(isReady)).toHaveLength(3);
    },
  });
});

function spreading(app: string, whenUnsatisfiable: string, more: Json = {}): Json {
  const labelSelector = { matchLabels: { app } };
  return { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable, labelSelector, ...more }] };
}

const podsOf = (harness: ClusterHarness, app: string): Json[] =>
  harness.list(`/api/v1/namespaces/default/pods?labelSelector=app=${app}`);

const zoneOf = (harness: ClusterHarness, { spec }: Json): string =>
  harness.get(`/api/v1/nodes/${spec.nodeName}`).metadata.labels[ZONE];

const zonesOf = (harness: ClusterHarness, app: string): string[] =>
  podsOf(harness, app)
    .map((each) => zoneOf(harness, each))
    .toSorted();

const readyZonesOf = (harness: ClusterHarness, app: string): string[] =>
  podsOf(harness, app)
    .filter(isReady)
    .map((each) => zoneOf(harness, each))
    .toSorted();
