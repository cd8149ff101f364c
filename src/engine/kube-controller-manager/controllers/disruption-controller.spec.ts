import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { createFleet, serveFleets } from '../../../../test/support/custom-fleet.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { podDisruptionBudget } from '../../kinds/pod-disruption-budget.js';
import { pod } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';

function worldWith(spec: Json, options: ConstructorParameters<typeof ControllerWorld>[0] = {}): ControllerWorld {
  const world = new ControllerWorld(options);
  world.deploy('web', { replicas: 4 });
  world.harness.request('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    metadata: { name: 'b' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  world.run(5);
  return world;
}

const statusOf = (world: ControllerWorld): Json => world.client.get(podDisruptionBudget, 'default/b')?.status;
const evict = (world: ControllerWorld, { metadata }: Pod): Json =>
  world.harness.request('POST', `/api/v1/namespaces/default/pods/${metadata.name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: metadata.name },
  });
const loosePod = (world: ControllerWorld, ownerReferences: Json = []): void =>
  world.client.create(pod, 'default', {
    metadata: { name: 'loose', labels: { app: 'web' }, ownerReferences },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  });

describe('disruption-controller', () => {
  it.each([
    [{ minAvailable: 3 }, { disruptionsAllowed: 1, desiredHealthy: 3, expectedPods: 4 }],
    [{ minAvailable: '30%' }, { disruptionsAllowed: 2, desiredHealthy: 2, expectedPods: 4 }],
    [{ maxUnavailable: 1 }, { disruptionsAllowed: 1, desiredHealthy: 3, expectedPods: 4 }],
    [{ maxUnavailable: '30%' }, { disruptionsAllowed: 2, desiredHealthy: 2, expectedPods: 4 }],
    [{ maxUnavailable: 0 }, { disruptionsAllowed: 0, desiredHealthy: 4, expectedPods: 4 }],
  ])('works out %j', (spec, expected) => {
    const world = worldWith(spec);
    const { disruptionsAllowed } = expected;
    expect(statusOf(world)).toEqual({
      ...expected,
      currentHealthy: 4,
      observedGeneration: 1,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: disruptionsAllowed > 0 ? 'True' : 'False',
          reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: expect.any(String),
        },
      ],
    });
  });

  it('asks owners of kinds that the cluster defines itself how many pods there should be', () => {
    const world = new ControllerWorld();
    serveFleets(world);
    const { metadata } = createFleet(world, 'f', 5);
    const owner = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'f', uid: metadata.uid, controller: true };
    loosePod(world, [owner]);
    world.harness.request('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name: 'b' },
      spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: 4 },
    });
    world.run(5);
    expect(statusOf(world)).toMatchObject({
      expectedPods: 5,
      desiredHealthy: 1,
      currentHealthy: 1,
      disruptionsAllowed: 0,
    });
  });

  it('lets pods be evicted as far as the budget goes', () => {
    const world = worldWith({ maxUnavailable: 1 });
    const [first, second] = world.pods();
    expect(evict(world, first!).status).toBe(201);
    const refused = evict(world, second!);
    expect(refused.status).toBe(429);
    expect(refused.json.message).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
    world.run(6);
    expect(statusOf(world)).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 4 });
    expect(statusOf(world).disruptedPods).toBeUndefined();
    expect(evict(world, second!).status).toBe(201);
  });

  it('counts an evicted pod again that is still there after two minutes', () => {
    const world = worldWith({ maxUnavailable: 1 });
    const [first] = world.pods();
    const disruptedPods = { [first!.metadata.name]: '2026-01-01T00:00:05Z' };
    world.client.patchStatus(podDisruptionBudget, 'default/b', { status: { disruptedPods } });
    world.run(5);
    expect(statusOf(world)).toMatchObject({ currentHealthy: 3, disruptedPods });
    world.run(125);
    expect(statusOf(world)).toMatchObject({ currentHealthy: 4, disruptionsAllowed: 1 });
    expect(world.said(first!.metadata.name)).toContain(
      "NotDeleted: Pod was expected by PDB default/default to be deleted but it wasn't",
    );
  });

  it('tells of pods without a controller', () => {
    const world = worldWith({ maxUnavailable: 1 });
    loosePod(world);
    world.run(4);
    expect(statusOf(world)).toMatchObject({ expectedPods: 4, currentHealthy: 5 });
    expect(world.said('b').at(-1)).toMatch(
      /^UnmanagedPods: Pods selected by this PodDisruptionBudget \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: web,\},MatchExpressions:\[\]LabelSelectorRequirement\{\},\}\) were found to be unmanaged\./,
    );
  });

  it('allows nothing where nobody says how many pods there should be', () => {
    const world = worldWith({ maxUnavailable: 1 });
    const made = world.harness.request('POST', '/apis/batch/v1/namespaces/default/jobs', {
      metadata: { name: 'task' },
      spec: {
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
        },
      },
    });
    expect(made.status).toBe(201);
    world.run(4);
    const fault = 'jobs.batch does not implement the scale subresource';
    expect(statusOf(world)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'SyncFailed', message: fault }],
    });
    expect(world.said('b')).toContain(
      `CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${fault}`,
    );
  });

  it('says where there are no pods', () => {
    const world = worldWith({ selector: { matchLabels: { app: 'none' } }, minAvailable: 1 });
    expect(world.said('b')).toEqual(['NoPods: No matching pods found']);
    expect(statusOf(world)).toMatchObject({ expectedPods: 0, desiredHealthy: 1, disruptionsAllowed: 0 });
  });

  it('takes back what was said of a pod that goes on all the same', () => {
    const world = worldWith({ maxUnavailable: 1 });
    const [first] = world.pods();
    const key = `default/${first!.metadata.name}`;
    const said = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-01-01T00:00:05Z' };
    world.client.patchStatus(pod, key, { status: { conditions: [...(first!.status?.conditions ?? []), said] } });
    world.run(100);
    const stateOf = (): string | undefined =>
      world.client.get(pod, key)?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status;
    expect(stateOf()).toBe('True');
    world.run(30);
    expect(stateOf()).toBe('False');
  });
});
