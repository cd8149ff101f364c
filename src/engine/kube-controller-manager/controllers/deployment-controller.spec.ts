import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { deployment } from '../../kinds/deployment.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { Pod } from '../../machinery/api/core-v1.js';

const REVISION = 'deployment.kubernetes.io/revision';

function worldWith(replicas: number, spec: object = {}, getsReady?: (object: Pod) => boolean) {
  const world = new ControllerWorld(getsReady === undefined ? {} : { getsReady });
  world.deploy('web', { replicas, ...spec });
  world.run(10);
  return world;
}

const sizes = (world: ControllerWorld) => world.sets().map(({ spec }) => spec.replicas);
const imagesOf = (world: ControllerWorld) => world.pods().map(({ spec }) => spec.containers[0]?.image);

describe('deployment-controller', () => {
  it('makes a replica set and says that it is complete', () => {
    const world = worldWith(3);
    const [set] = world.sets();
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(set?.metadata.name).toBe(`web-${hash}`);
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
    expect(set?.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(set?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
      [REVISION]: '1',
    });
    expect(world.deployment('web').status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(world.deployment('web').metadata).toMatchObject({ generation: 1, annotations: { [REVISION]: '1' } });
    expect(world.deployment('web').status?.conditions?.map(({ type }) => type)).toEqual(['Available', 'Progressing']);
    expect(world.condition('web', 'Available')).toBe(
      'True MinimumReplicasAvailable: Deployment has minimum availability.',
    );
    expect(world.condition('web', 'Progressing')).toBe(
      `True NewReplicaSetAvailable: ReplicaSet "web-${hash}" has successfully progressed.`,
    );
    expect(world.said('web')).toEqual([`ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 3`]);
  });

  it.each([
    [4, '25%', '25%', 5, 3],
    [10, '25%', '25%', 13, 8],
    [3, '25%', '25%', 4, 3],
    [1, '25%', '25%', 2, 1],
    [5, 0, 2, 5, 3],
    [5, 3, 0, 8, 5],
    [4, '100%', 0, 8, 4],
    [2, '0%', '10%', 2, 1],
  ])(
    'rolls %d pods out with a surge of %s and %s unavailable, never more than %d, never fewer than %d',
    (replicas, maxSurge, maxUnavailable, most, fewest) => {
      const world = worldWith(replicas, { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
      world.setImage('web', 'registry.example/app:2');
      for (let step = 0; step < 100; step++) {
        world.run(0.3);
        const pods = world.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        const ready = pods.filter(({ status }) => status?.conditions?.some(({ status: value }) => value === 'True'));
        expect(pods.length).toBeLessThanOrEqual(most);
        expect(ready.length).toBeGreaterThanOrEqual(fewest);
      }
      expect(imagesOf(world)).toEqual(Array(replicas).fill('registry.example/app:2'));
      expect(sizes(world).toSorted((one, other) => (one ?? 0) - (other ?? 0))).toEqual([0, replicas]);
      expect(world.deployment('web').metadata.annotations?.[REVISION]).toBe('2');
      const [current] = world.sets().filter(({ spec }) => spec.replicas === replicas);
      expect(current?.metadata.annotations?.['deployment.kubernetes.io/max-replicas']).toBe(`${most}`);
    },
  );

  it('scales step by step, and tells each step', () => {
    const world = worldWith(3);
    const first = world.sets()[0]?.metadata.name ?? '';
    world.setImage('web', 'registry.example/app:2');
    world.run(20);
    const second = world.sets().find(({ metadata }) => metadata.name !== first)?.metadata.name ?? '';
    expect(world.said('web').slice(1)).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${second} from 0 to 1`,
      `ScalingReplicaSet: Scaled down replica set ${first} from 3 to 2`,
      `ScalingReplicaSet: Scaled up replica set ${second} from 1 to 2`,
      `ScalingReplicaSet: Scaled down replica set ${first} from 2 to 1`,
      `ScalingReplicaSet: Scaled up replica set ${second} from 2 to 3`,
      `ScalingReplicaSet: Scaled down replica set ${first} from 1 to 0`,
    ]);
  });

  it('goes back to a former template with its former replica set and a new revision', () => {
    const world = worldWith(2);
    const first = world.sets()[0]?.metadata.uid;
    world.setImage('web', 'registry.example/app:2');
    world.run(20);
    world.setImage('web', 'registry.example/app:1');
    world.run(20);
    const reused = world.sets().find(({ metadata }) => metadata.uid === first);
    expect(world.sets()).toHaveLength(2);
    expect(reused?.spec.replicas).toBe(2);
    expect(reused?.metadata.annotations).toMatchObject({
      [REVISION]: '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
  });

  it('stops before old pods are gone when the new ones do not get ready, and says so after the deadline', () => {
    const getsReady = ({ spec }: Pod) => spec.containers[0]?.image !== 'registry.example/app:bad';
    const world = worldWith(4, { progressDeadlineSeconds: 30 }, getsReady);
    world.setImage('web', 'registry.example/app:bad');
    world.run(20);
    const fresh = world.sets().find(({ metadata }) => metadata.annotations?.[REVISION] === '2')?.metadata.name ?? '';
    expect(world.condition('web', 'Progressing')).toBe(`True ReplicaSetUpdated: ReplicaSet "${fresh}" is progressing.`);
    world.run(60);
    expect(world.condition('web', 'Progressing')).toBe(
      `False ProgressDeadlineExceeded: ReplicaSet "${fresh}" has timed out progressing.`,
    );
    expect(world.deployment('web').status?.availableReplicas).toBe(3);
    expect(world.condition('web', 'Available')).toContain('True');
  });

  it('plans nothing once all is done', () => {
    const world = worldWith(2);
    world.run(5);
    const due = world.harness.loop.nextDue;
    expect(due === undefined || due > world.harness.loop.now + 60_000).toBe(true);
  });

  it('spreads a change of size over the sets of a rollout by their sizes', () => {
    const getsReady = ({ spec }: Pod) => spec.containers[0]?.image !== 'registry.example/app:bad';
    const world = worldWith(10, { strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }, getsReady);
    world.setImage('web', 'registry.example/app:bad');
    world.run(10);
    expect(sizes(world).toSorted()).toEqual([5, 8]);
    world.patchDeployment('web', { replicas: 15 });
    world.run(10);
    expect(sizes(world).toSorted()).toEqual([11, 7]);
  });

  it('does not roll out while it is paused, but scales', () => {
    const world = worldWith(2);
    world.patchDeployment('web', { paused: true });
    world.run(2);
    expect(world.condition('web', 'Progressing')).toBe('Unknown DeploymentPaused: Deployment is paused');
    world.setImage('web', 'registry.example/app:2');
    world.patchDeployment('web', { replicas: 3 });
    world.run(10);
    expect(sizes(world)).toEqual([3]);
    world.patchDeployment('web', { paused: false });
    world.run(20);
    expect(imagesOf(world)).toEqual(Array(3).fill('registry.example/app:2'));
    expect(world.condition('web', 'Progressing')).toContain('NewReplicaSetAvailable');
  });

  it('recreates only when all old pods are gone', () => {
    const world = worldWith(2, { strategy: { type: 'Recreate', rollingUpdate: null } });
    world.setImage('web', 'registry.example/app:2');
    for (let step = 0; step < 100; step++) {
      world.run(0.1);
      expect(new Set(imagesOf(world)).size).toBeLessThanOrEqual(1);
    }
    expect(imagesOf(world)).toEqual(Array(2).fill('registry.example/app:2'));
  });

  it('keeps as many revisions as it is told', () => {
    const world = worldWith(1, { revisionHistoryLimit: 1 });
    for (const version of [2, 3, 4]) {
      world.setImage('web', `registry.example/app:${version}`);
      world.run(15);
    }
    const revisions = world.sets().map(({ metadata }) => metadata.annotations?.[REVISION]);
    expect(revisions.toSorted()).toEqual(['3', '4']);
  });

  it('adopts the replica set that an orphaning delete left behind', () => {
    const world = worldWith(2);
    const pods = world.pods().map(({ metadata }) => metadata.uid);
    world.client.delete(deployment, world.deployment('web'), { propagationPolicy: 'Orphan' });
    world.run(2);
    expect(world.client.get(deployment, 'default/web')).toBeUndefined();
    expect(world.sets()[0]?.metadata.ownerReferences).toBeUndefined();
    world.deploy('web', { replicas: 3 });
    world.run(10);
    expect(world.sets()).toHaveLength(1);
    expect(world.pods()).toHaveLength(3);
    expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(pods));
  });

  it('takes another name where a stranger has the name of its replica set', () => {
    const world = worldWith(1);
    const { name = '' } = world.sets()[0]?.metadata ?? {};
    world.client.delete(deployment, world.deployment('web'), { propagationPolicy: 'Background' });
    world.run(5);
    const labels = { other: 'yes' };
    world.client.create(replicaSet, 'default', {
      metadata: { name },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { name: '', labels }, spec: { containers: [{ name: 'a', image: 'b' }] } },
      },
    });
    world.deploy('web', { replicas: 1 });
    world.run(10);
    expect(world.deployment('web').status).toMatchObject({ collisionCount: 1, availableReplicas: 1 });
  });

  it('gives one history for one seed', () => {
    const history = () => {
      const world = worldWith(3);
      world.setImage('web', 'registry.example/app:2');
      world.run(20);
      return JSON.stringify([world.pods(), world.sets(), world.deployment('web'), world.said('web')]);
    };
    expect(history()).toBe(history());
  });
});
