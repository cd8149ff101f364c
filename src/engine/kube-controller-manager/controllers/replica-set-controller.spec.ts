import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { pod } from '../../kinds/pod.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { inDeletionOrder } from '../replica-set/deletion-rank.js';
import { instant, milliseconds } from '../../kernel/clock.js';

const TEMPLATE = {
  metadata: { name: '', labels: { app: 'rs' } },
  spec: { containers: [{ name: 'app', image: 'i:1' }] },
};
const SELECTOR = { matchLabels: { app: 'rs' } };

function worldWith(replicas: number, spec: object = {}) {
  const world = new ControllerWorld();
  world.client.create(replicaSet, 'default', {
    metadata: { name: 'rs' },
    spec: { replicas, selector: SELECTOR, template: TEMPLATE, ...spec },
  });
  world.run(5);
  return world;
}

const setOf = (world: ControllerWorld) => world.client.get(replicaSet, 'default/rs')!;
const scaleTo = (world: ControllerWorld, replicas: number) => {
  world.client.patch(replicaSet, 'default/rs', { spec: { replicas } });
  world.run(5);
};
const active = (world: ControllerWorld) =>
  world.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);

describe('replicaset-controller', () => {
  it('creates what is missing and counts it', () => {
    const world = worldWith(3);
    expect(active(world)).toHaveLength(3);
    expect(active(world)[0]?.metadata).toMatchObject({
      generateName: 'rs-',
      labels: { app: 'rs' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', controller: true, blockOwnerDeletion: true },
      ],
    });
    expect(setOf(world).status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    expect(world.said('rs').toSorted()).toEqual(
      active(world)
        .map(({ metadata }) => `SuccessfulCreate: Created pod: ${metadata.name}`)
        .toSorted(),
    );
  });

  it('replaces pods that failed or went', () => {
    const world = worldWith(2);
    const [first, second] = active(world);
    world.client.patchStatus(pod, `default/${first!.metadata.name}`, { status: { phase: 'Failed' } });
    world.client.delete(pod, second!);
    world.run(5);
    const uids = active(world)
      .filter(({ status }) => status?.phase === 'Running')
      .map(({ metadata }) => metadata.uid);
    expect(uids).toHaveLength(2);
    expect(uids).not.toContain(first!.metadata.uid);
    expect(uids).not.toContain(second!.metadata.uid);
  });

  it('counts pods on their way out apart', () => {
    const world = worldWith(3);
    world.client.patch(replicaSet, 'default/rs', { spec: { replicas: 1 } });
    world.run(0.5);
    expect(setOf(world).status).toMatchObject({ replicas: 1, terminatingReplicas: 2, observedGeneration: 2 });
    world.run(3);
    expect(setOf(world).status).toMatchObject({ replicas: 1, terminatingReplicas: 0 });
  });

  it('lets go of pods that lose its labels and adopts those that get them', () => {
    const world = worldWith(2);
    const [lost] = active(world);
    world.client.patch(pod, `default/${lost!.metadata.name}`, { metadata: { labels: { app: 'other' } } });
    world.run(5);
    expect(world.client.get(pod, `default/${lost!.metadata.name}`)?.metadata.ownerReferences).toBeUndefined();
    expect(active(world)).toHaveLength(3);
    scaleTo(world, 3);
    world.client.patch(pod, `default/${lost!.metadata.name}`, { metadata: { labels: { app: 'rs' } } });
    world.run(5);
    expect(setOf(world).status?.replicas).toBe(3);
    expect(active(world)).toHaveLength(3);
    expect(active(world).every(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'rs')).toBe(true);
  });

  it('counts a pod as available only after minReadySeconds, without being woken by anything', () => {
    const world = worldWith(1, { minReadySeconds: 20 });
    expect(setOf(world).status).toMatchObject({ readyReplicas: 1 });
    expect(setOf(world).status?.availableReplicas).toBeUndefined();
    world.run(20);
    expect(setOf(world).status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  it('tells of pods that are refused, and recovers', () => {
    const template = { ...TEMPLATE, spec: { ...TEMPLATE.spec, serviceAccountName: 'missing' } };
    const world = worldWith(1, { template });
    const words =
      'pods "rs-" is forbidden: error looking up service account default/missing: serviceaccount "missing" not found';
    expect(setOf(world).status?.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: words },
    ]);
    expect(world.said('rs')[0]).toBe(`FailedCreate: Error creating: ${words}`);
    world.harness.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'missing' } });
    world.run(60);
    expect(setOf(world).status).toMatchObject({ replicas: 1 });
    expect(setOf(world).status?.conditions).toBeUndefined();
  });

  it('creates a large set in bursts, all of it', () => {
    const world = worldWith(700);
    world.run(5);
    expect(setOf(world).status).toMatchObject({ replicas: 700, availableReplicas: 700 });
  });

  it('shrinks a large set in bursts, to just what it asks for', () => {
    const world = worldWith(700);
    scaleTo(world, 50);
    expect(active(world)).toHaveLength(50);
    expect(setOf(world).status).toMatchObject({ replicas: 50, availableReplicas: 50 });
  });

  it('spares the pods that it had chosen where it is to grow again meanwhile', () => {
    const world = worldWith(400);
    const before = new Set(active(world).map(({ metadata }) => metadata.uid));
    world.client.patch(replicaSet, 'default/rs', { spec: { replicas: 0 } });
    // All of it happens within one instant: only events of that instant come in between.
    const { simulation } = world.client;
    let looks = 0;
    const growOnceSomeAreGone = (): void => {
      if (active(world).length <= 300) world.client.patch(replicaSet, 'default/rs', { spec: { replicas: 400 } });
      else simulation.after(milliseconds(looks++ % 50 === 0 ? 1 : 0), growOnceSomeAreGone);
    };
    growOnceSomeAreGone();
    world.run(10);
    expect(active(world)).toHaveLength(400);
    const spared = active(world).filter(({ metadata }) => before.has(metadata.uid));
    expect(spared.length).toBeGreaterThan(200);
  });
});

describe('the order in which pods are deleted', () => {
  const now = instant(Date.UTC(2026, 0, 2));
  const podLike = (
    name: string,
    change: { nodeName?: string; phase?: string; ready?: boolean; cost?: string; age?: number; restarts?: number },
  ): Pod => {
    const { nodeName = 'n', phase = 'Running', ready = true, cost, age = 3_600, restarts = 0 } = change;
    const time = new Date(now - age * 1_000).toISOString();
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        uid: name,
        creationTimestamp: time,
        ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      },
      spec: { containers: [], ...(nodeName === '' ? {} : { nodeName }) },
      status: {
        phase,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: time }],
        containerStatuses: [{ name: 'app', ready, restartCount: restarts, image: '', imageID: '' }],
      },
    };
  };

  it('is upstream’s', () => {
    const pods = [
      podLike('plain', { nodeName: 'b' }),
      podLike('crowded-1', {}),
      podLike('crowded-2', { age: 60 }),
      podLike('cheap', { nodeName: 'c', cost: '-5' }),
      podLike('dear', { nodeName: 'd', cost: '100' }),
      podLike('unready', { nodeName: 'e', ready: false }),
      podLike('pending', { nodeName: 'f', phase: 'Pending', ready: false }),
      podLike('unassigned', { nodeName: '', phase: 'Pending', ready: false }),
    ];
    expect(inDeletionOrder(pods, pods, now).map(({ metadata }) => metadata.name)).toEqual([
      'unassigned',
      'pending',
      'unready',
      'cheap',
      'crowded-2',
      'crowded-1',
      'plain',
      'dear',
    ]);
  });

  it('prefers pods that restarted more often', () => {
    const pods = [podLike('calm', {}), podLike('shaky', { restarts: 3 })].map((each) => ({
      ...each,
      status: { ...each.status, conditions: [] },
    }));
    expect(inDeletionOrder(pods, pods, now)[0]?.metadata.name).toBe('shaky');
  });
});
