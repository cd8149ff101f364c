import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, DEPLOYMENTS, runTo, secondsAt, setImage, story } from '../support/story.js';

const REPLICAS = 4;
const DEADLINE = 60;
const SETS = '/apis/apps/v1/namespaces/default/replicasets';
const REVISION = 'deployment.kubernetes.io/revision';

describe('a roll-out to an image that cannot be pulled', () => {
  story('stalls with most pods alive, exceeds its deadline, and is undone to the revision before', {
    tell(harness) {
      deploy(harness, { name: 'web', replicas: REPLICAS, spec: { progressDeadlineSeconds: DEADLINE } });
      runTo(harness, 10);
      const good = setOf(harness, '1');
      setImage(harness, 'web', 'registry.invalid/app:2');
      runTo(harness, 20);
      const bad = setOf(harness, '2');
      const stalled = harness.get(`${DEPLOYMENTS}/web`);
      expect(stalled.status).toMatchObject({ replicas: 5, updatedReplicas: 2, availableReplicas: 3 });
      expect(conditionOf(stalled, 'Progressing')).toMatchObject({
        status: 'True',
        reason: 'ReplicaSetUpdated',
        message: `ReplicaSet "${bad.metadata.name}" is progressing.`,
      });
      const unready = harness.pods().filter((each) => !isReady(each));
      expect(unready.map(({ status }) => status.containerStatuses[0].state.waiting.reason)).toEqual([
        'ImagePullBackOff',
        'ImagePullBackOff',
      ]);
      expect(reasonsOf(harness, unready[0])).toEqual(['Scheduled', 'Pulling', 'Failed', 'Failed', 'BackOff', 'Failed']);
      expect(harness.eventsOf(unready[0].metadata.name)).toEqual(
        expect.arrayContaining(['Failed: Error: ErrImagePull', 'Failed: Error: ImagePullBackOff']),
      );

      runTo(harness, 10 + DEADLINE - 1);
      expect(conditionOf(harness.get(`${DEPLOYMENTS}/web`), 'Progressing').status).toBe('True');
      runTo(harness, 10 + DEADLINE + 5);
      const late = conditionOf(harness.get(`${DEPLOYMENTS}/web`), 'Progressing');
      expect(late).toMatchObject({
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `ReplicaSet "${bad.metadata.name}" has timed out progressing.`,
      });
      expect(secondsAt(harness, late.lastTransitionTime)).toBeGreaterThanOrEqual(10 + DEADLINE);
      expect(harness.pods().filter(isReady)).toHaveLength(REPLICAS - 1);

      undo(harness, good);
      harness.runFor(10);
      const undone = harness.get(`${DEPLOYMENTS}/web`);
      expect(undone.status).toMatchObject({ replicas: REPLICAS, updatedReplicas: REPLICAS, readyReplicas: REPLICAS });
      expect(conditionOf(undone, 'Progressing')).toMatchObject({
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${good.metadata.name}" has successfully progressed.`,
      });
      expect(undone.metadata.annotations[REVISION]).toBe('3');
      expect(setOf(harness, '3').metadata).toMatchObject({
        name: good.metadata.name,
        annotations: { 'deployment.kubernetes.io/revision-history': '1' },
      });
      expect(harness.get(`${SETS}/${bad.metadata.name}`).spec.replicas).toBe(0);
      expect(harness.eventsOf('web')).toEqual([
        `ScalingReplicaSet: Scaled up replica set ${good.metadata.name} from 0 to 4`,
        `ScalingReplicaSet: Scaled up replica set ${bad.metadata.name} from 0 to 1`,
        `ScalingReplicaSet: Scaled down replica set ${good.metadata.name} from 4 to 3`,
        `ScalingReplicaSet: Scaled up replica set ${bad.metadata.name} from 1 to 2`,
        `ScalingReplicaSet: Scaled down replica set ${bad.metadata.name} from 2 to 0`,
        `ScalingReplicaSet: Scaled up replica set ${good.metadata.name} from 3 to 4`,
      ]);
    },
  });
});

function setOf(harness: ClusterHarness, revision: string): Json {
  const found = harness.list(SETS).filter(({ metadata }) => metadata.annotations[REVISION] === revision);
  expect(found).toHaveLength(1);
  return found[0];
}

const reasonsOf = (harness: ClusterHarness, { metadata }: Json): string[] =>
  harness.eventsOf(metadata.name).map((each) => each.split(':')[0] ?? '');

/** As `kubectl rollout undo` does: the template of the older ReplicaSet becomes the Deployment's again. */
function undo(harness: ClusterHarness, { spec: { template } }: Json): void {
  const { 'pod-template-hash': _hash, ...labels } = template.metadata.labels;
  const value = { ...template, metadata: { ...template.metadata, labels } };
  const patch = [{ op: 'replace', path: '/spec/template', value }];
  harness.request('PATCH', `${DEPLOYMENTS}/web`, patch, 'application/json-patch+json');
}
