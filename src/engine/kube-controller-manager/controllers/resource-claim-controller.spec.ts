import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import { resourceClaimTemplate } from '../../kinds/resource-claim-template.js';

const CLAIM_SPEC = { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } };
const FINALIZER = 'resource.kubernetes.io/delete-protection';
const ALLOCATION = {
  devices: { results: [{ request: 'gpu', driver: 'gpu.example.com', pool: 'p', device: 'gpu-0' }] },
};

const podWith = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: {
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
    resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }],
    ...spec,
  },
});

function addTemplate(world: ControllerWorld, metadata: Json = {}): void {
  world.client.create(resourceClaimTemplate, 'default', {
    metadata: { name: 'one-gpu' },
    spec: { metadata, spec: CLAIM_SPEC },
  });
}

const addPod = (world: ControllerWorld, name = 'a', spec: Json = {}): void =>
  world.client.create(pod, 'default', podWith(name, spec) as never);
const podOf = (world: ControllerWorld, name = 'a'): Json => world.client.get(pod, `default/${name}`);
const claimsOf = (world: ControllerWorld): Json[] => world.client.list(resourceClaim, 'default') as unknown as Json[];

/** As the scheduler does it: protected, allocated, reserved for the pods. */
function allocate(world: ControllerWorld, ...podNames: readonly string[]): void {
  const [claim] = world.client.list(resourceClaim, 'default');
  if (claim === undefined) throw new Error('no claim');
  const metadata = { ...claim.metadata, finalizers: [FINALIZER] };
  world.client.update(resourceClaim, { ...claim, metadata });
  const reservedFor = podNames.map((name) => ({ resource: 'pods', name, uid: podOf(world, name).metadata.uid }));
  world.client.patchStatus(resourceClaim, `default/${claim.metadata.name}`, {
    status: { allocation: ALLOCATION, ...(reservedFor.length === 0 ? {} : { reservedFor }) },
  });
}

const noNodes = (): ControllerWorld => new ControllerWorld({ nodes: [] });

describe('resource-claim-controller', () => {
  it('makes claims from templates and notes their names in the pod', () => {
    const world = noNodes();
    addTemplate(world, { labels: { l: '1' }, annotations: { a: '1' } });
    addPod(world);
    world.run(1);
    const [claim] = claimsOf(world);
    expect(claim).toMatchObject({
      metadata: {
        generateName: 'a-gpu-',
        labels: { l: '1' },
        annotations: { a: '1', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      },
      spec: { devices: { requests: [{ name: 'gpu', exactly: { allocationMode: 'ExactCount', count: 1 } }] } },
    });
    const { name, uid } = podOf(world).metadata;
    expect(claim!.metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }]);
    expect(claim!.metadata.name).toMatch(/^a-gpu-[a-z0-9]{5}$/);
    expect(podOf(world).status.resourceClaimStatuses).toEqual([
      { name: 'gpu', resourceClaimName: claim!.metadata.name },
    ]);
    expect(podOf(world).metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'ResourceClaimController', operation: 'Apply', subresource: 'status' }),
    );
    expect(world.errors).toEqual([]);
  });

  it('notes all names at once', () => {
    const world = noNodes();
    addTemplate(world);
    const names = ['gpu', 'nic'];
    addPod(world, 'a', { resourceClaims: names.map((name) => ({ name, resourceClaimTemplateName: 'one-gpu' })) });
    const noted: number[] = [];
    world.client.watch(pod, {
      modified: ({ status }) => void noted.push(status?.resourceClaimStatuses?.length ?? 0),
    });
    world.run(1);
    expect(noted).toEqual([2]);
    expect(podOf(world).status.resourceClaimStatuses.map(({ name }: Json) => name)).toEqual(names);
  });

  it('leaves something of both names where they are long', () => {
    const world = noNodes();
    addTemplate(world);
    addPod(world, 'p'.repeat(60), { resourceClaims: [{ name: 'c'.repeat(30), resourceClaimTemplateName: 'one-gpu' }] });
    world.run(1);
    expect(claimsOf(world)[0]!.metadata.generateName).toBe(`${'p'.repeat(37)}-${'c'.repeat(18)}`);
  });

  it('says what is missing, and goes on when it is there', () => {
    const world = noNodes();
    addPod(world);
    world.run(1);
    expect(world.said('a')).toContain(
      'FailedResourceClaimCreation: PodResourceClaim gpu: resource claim template "one-gpu": ' +
        'resourceclaimtemplate.resource.k8s.io "one-gpu" not found',
    );
    addTemplate(world);
    world.run(20);
    expect(claimsOf(world)).toHaveLength(1);
  });

  it('makes a claim again that was deleted too early', () => {
    const world = noNodes();
    addTemplate(world);
    addPod(world);
    world.run(1);
    const [first] = claimsOf(world);
    world.client.delete(resourceClaim, world.client.list(resourceClaim, 'default')[0]!);
    world.run(1);
    const [second, ...more] = claimsOf(world);
    expect(more).toEqual([]);
    expect(second!.metadata.uid).not.toBe(first!.metadata.uid);
    expect(podOf(world).status.resourceClaimStatuses).toEqual([
      { name: 'gpu', resourceClaimName: second!.metadata.name },
    ]);
  });

  it('takes back the devices when the last pod has ended, and deletes a claim that was made for it', () => {
    const world = noNodes();
    addTemplate(world);
    addPod(world);
    world.run(1);
    allocate(world, 'a');
    world.run(1);
    expect(claimsOf(world)[0]!.status.reservedFor).toHaveLength(1);
    world.client.patchStatus(pod, 'default/a', { status: { phase: 'Succeeded' } });
    world.run(5);
    expect(claimsOf(world)).toEqual([]);
    expect(world.errors).toEqual([]);
  });

  it.each<[string, readonly string[], Json]>([
    ['one of two consumers is gone', ['b'], { allocation: ALLOCATION, reservedFor: [{ name: 'a' }] }],
    ['all consumers are gone', ['a', 'b'], {}],
  ])('keeps a shared claim but not what nobody uses: %s', (_, gone, expected) => {
    const world = noNodes();
    world.client.create(resourceClaim, 'default', { metadata: { name: 'shared' }, spec: CLAIM_SPEC });
    const resourceClaims = [{ name: 'gpu', resourceClaimName: 'shared' }];
    for (const name of ['a', 'b']) addPod(world, name, { resourceClaims });
    allocate(world, 'a', 'b');
    world.run(1);
    expect(claimsOf(world)[0]!.status.reservedFor).toHaveLength(2);
    for (const name of gone) {
      world.client.delete(pod, world.client.get(pod, `default/${name}`)!, { gracePeriodSeconds: 0 });
    }
    world.run(2);
    const [claim] = claimsOf(world);
    expect(claim!.status).toMatchObject(expected);
    expect(claim!.status.allocation === undefined).toBe(gone.length === 2);
    expect(claim!.metadata.finalizers).toEqual(gone.length === 2 ? undefined : [FINALIZER]);
  });

  it('lets a deleted claim go when it is not used', () => {
    const world = noNodes();
    world.client.create(resourceClaim, 'default', { metadata: { name: 'shared' }, spec: CLAIM_SPEC });
    allocate(world);
    world.run(1);
    expect(claimsOf(world)[0]!.status.allocation).toBeDefined();
    world.client.delete(resourceClaim, world.client.list(resourceClaim, 'default')[0]!);
    world.run(1);
    expect(claimsOf(world)).toEqual([]);
  });

  it('reserves an allocated claim for a pod that somebody else has bound', () => {
    const world = new ControllerWorld();
    world.client.create(resourceClaim, 'default', { metadata: { name: 'shared' }, spec: CLAIM_SPEC });
    allocate(world);
    addPod(world, 'a', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'shared' }], nodeName: 'worker-1' });
    world.run(1);
    expect(claimsOf(world)[0]!.status.reservedFor).toEqual([
      { resource: 'pods', name: 'a', uid: podOf(world).metadata.uid },
    ]);
  });

  it('gives an ended pod nothing back while others use its claim', () => {
    const world = new ControllerWorld();
    world.client.create(resourceClaim, 'default', { metadata: { name: 'shared' }, spec: CLAIM_SPEC });
    const resourceClaims = [{ name: 'gpu', resourceClaimName: 'shared' }];
    for (const name of ['a', 'b']) addPod(world, name, { resourceClaims, nodeName: 'worker-1' });
    allocate(world, 'a', 'b');
    world.run(2);
    world.client.patchStatus(pod, 'default/a', { status: { phase: 'Failed' } });
    world.run(2);
    const version = claimsOf(world)[0]!.metadata.resourceVersion;
    expect(claimsOf(world)[0]!.status.reservedFor.map(({ name }: Json) => name)).toEqual(['b']);
    world.run(60);
    expect(claimsOf(world)[0]!.metadata.resourceVersion).toBe(version);
  });

  it('has nothing to do for pods without claims', () => {
    const world = new ControllerWorld();
    world.deploy('web', { replicas: 3 });
    world.run(5);
    const figures = world.manager.figures.find(({ name }) => name === 'resource_claim');
    expect(figures).toMatchObject({ reconciles: 0, failures: 0 });
  });
});
