import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, DEPLOYMENTS, nameOf, runTo, secondsAt, setImage, story } from '../support/story.js';

const REPLICAS = 6;
const LOST = 'worker-2';
/** The last heartbeat, and 50 s later. */
const DIES_AT = 10;
const FOUND_LOST_AT = 60;
/** Pods tolerate a lost node for 300 s, and then have their grace. */
const EVICTED_AT = 360;

describe('a node that dies during a rolling update', () => {
  story('holds the update up until its pods are evicted, and costs no more than what may be unavailable', {
    tell(harness) {
      const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 5 };
      deploy(harness, { name: 'web', replicas: REPLICAS, container: { readinessProbe } });
      runTo(harness, DIES_AT - 4);
      expect(harness.pods().filter(isReady)).toHaveLength(REPLICAS);
      setImage(harness, 'web', 'registry.example/app:2');
      runTo(harness, DIES_AT);
      harness.cluster.stopKubelet(LOST);

      runTo(harness, FOUND_LOST_AT - 1);
      expect(isReady(harness.get(`/api/v1/nodes/${LOST}`))).toBe(true);
      expect(harness.get(`${DEPLOYMENTS}/web`).status).toMatchObject({ replicas: 7, updatedReplicas: 6 });

      runTo(harness, FOUND_LOST_AT + 1);
      const node = harness.get(`/api/v1/nodes/${LOST}`);
      expect(conditionOf(node, 'Ready')).toMatchObject({
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      });
      expect(secondsAt(harness, conditionOf(node, 'Ready').lastTransitionTime)).toBe(FOUND_LOST_AT);
      expect(node.spec.taints.map(({ key, effect }: Json) => `${key}:${effect}`)).toEqual([
        'node.kubernetes.io/unreachable:NoSchedule',
        'node.kubernetes.io/unreachable:NoExecute',
      ]);
      expect(harness.eventsOf(LOST)).toContain(`NodeNotReady: Node ${LOST} status is now: NodeNotReady`);
      expect(podsOn(harness, LOST).filter(isReady)).toEqual([]);
      const wasReady = podsOn(harness, LOST).filter(({ metadata }) =>
        harness.eventsOf(metadata.name).includes('NodeNotReady: Node is not ready'),
      );
      expect(wasReady.length).toBeGreaterThan(0);
      const stuck = podsOn(harness, LOST).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      expect(stuck.length).toBeGreaterThan(0);

      runTo(harness, EVICTED_AT - 1);
      const waiting = harness.get(`${DEPLOYMENTS}/web`);
      expect(conditionOf(waiting, 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
      expect(conditionOf(waiting, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
      expect(waiting.status.availableReplicas).toBeGreaterThanOrEqual(REPLICAS - 1);
      expect(stuck.every(({ metadata }) => harness.pod(metadata.name).metadata.deletionTimestamp === undefined)).toBe(
        true,
      );

      runTo(harness, EVICTED_AT + 15);
      for (const { metadata } of stuck) {
        const evicted = harness.pod(metadata.name);
        expect(secondsAt(harness, evicted.metadata.deletionTimestamp)).toBe(EVICTED_AT + 1);
        expect(conditionOf(evicted, 'DisruptionTarget')).toMatchObject({
          status: 'True',
          reason: 'DeletionByTaintManager',
          message: 'Taint manager: deleting due to NoExecute taint',
        });
        expect(harness.eventsOf(metadata.name)).toContain(
          `TaintManagerEviction: Marking for deletion Pod default/${metadata.name}`,
        );
      }
      const done = harness.get(`${DEPLOYMENTS}/web`);
      expect(done.status).toMatchObject({ replicas: REPLICAS, updatedReplicas: REPLICAS, availableReplicas: REPLICAS });
      expect(conditionOf(done, 'Progressing')).toMatchObject({
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: expect.stringMatching(/^ReplicaSet "web-[0-9a-z]+" has successfully progressed\.$/),
      });

      harness.cluster.startKubelet(LOST);
      harness.runFor(30);
      expect(isReady(harness.get(`/api/v1/nodes/${LOST}`))).toBe(true);
      expect(harness.get(`/api/v1/nodes/${LOST}`).spec.taints).toBeUndefined();
      const left = harness.pods();
      expect(left).toHaveLength(REPLICAS);
      expect(left.every(isReady)).toBe(true);
      expect(left.map(nameOf).filter((name) => stuck.some(({ metadata }) => metadata.name === name))).toEqual([]);
    },
  });
});

const podsOn = (harness: ClusterHarness, nodeName: string): Json[] =>
  harness.pods().filter(({ spec }) => spec.nodeName === nodeName);
