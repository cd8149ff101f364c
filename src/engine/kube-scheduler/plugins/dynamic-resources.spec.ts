import { nodeOf, podOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { ResourceClaim } from '../../machinery/api/resource-v1.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Change } from '../cluster-event.js';
import type { SchedulingWorld } from '../framework.js';
import { dynamicResources } from './dynamic-resources.js';

const DRIVER = 'gpu.example.com';

type Status = NonNullable<ResourceClaim['status']>;

const podUsing = (...names: readonly string[]): Pod =>
  podOf('p', {
    spec: { resourceClaims: names.map((name) => ({ name: `of-${name}`, resourceClaimName: name })) },
  });

const templated: Pod = podOf('p', {
  spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] },
});
const told = (resourceClaimName?: string): Pod => ({
  ...templated,
  status: {
    resourceClaimStatuses: [{ name: 'gpu', ...(resourceClaimName === undefined ? {} : { resourceClaimName }) }],
  },
});

const claimOf = (name: string, status: Status = {}, more: object = {}): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default', uid: name, ...more },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 1 } }] } },
  status,
});

const gpuClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };

const sliceOf = (nodeName: string, ...names: readonly string[]): KubeObject =>
  ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${nodeName}-slice` },
    spec: {
      driver: DRIVER,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: names.map((name) => ({ name })),
    },
  }) as KubeObject;

const allocatedOn = (nodeName: string, device = 'd0'): Status => ({
  allocation: {
    devices: { results: [{ request: 'r', driver: DRIVER, pool: nodeName, device }] },
    nodeSelector: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
    },
  },
});
const reservedFor = (...uids: readonly string[]): Status => ({
  reservedFor: uids.map((uid) => ({ resource: 'pods', name: uid, uid })),
});

function worldWith(...objects: readonly KubeObject[]): TestWorld {
  const world = new TestWorld([nodeOf('n1'), nodeOf('n2')]);
  world.objects.put(...objects);
  return world;
}

const NONE_LEFT = ['cannot allocate all claims'];

describe('DynamicResources', () => {
  it.each<[string, Pod, readonly KubeObject[], string | undefined]>([
    ['whose claim is not made yet', templated, [], 'pod "default/p": ResourceClaim not created yet'],
    ['that needs no claim after all', told(), [], undefined],
    ['whose claim is not there', podUsing('c'), [], 'could not find ResourceClaim "default/c"'],
    [
      'whose claim is going',
      podUsing('c'),
      [claimOf('c', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
      'resourceclaim "c" is being deleted',
    ],
    [
      'whose claim is another’s',
      told('c'),
      [claimOf('c')],
      'ResourceClaim default/c was not created for pod default/p (pod is not owner)',
    ],
    ['whose claim is there', podUsing('c'), [claimOf('c')], undefined],
    ['without claims', podOf('p'), [], undefined],
  ])('keeps a pod out of the queue %s', (_, pod, objects, reason) => {
    expect(dynamicResources.preEnqueue?.(pod, worldWith(...objects))?.reasons[0]).toBe(reason);
  });

  it.each<[string, readonly KubeObject[], readonly string[] | undefined]>([
    ['no class', [claimOf('c')], ['request r: device class gpu does not exist']],
    ['no device', [claimOf('c'), gpuClass], NONE_LEFT],
    ['a device', [claimOf('c'), gpuClass, sliceOf('n1', 'd0')], undefined],
    ['a device elsewhere', [claimOf('c'), gpuClass, sliceOf('n2', 'd0')], NONE_LEFT],
    [
      'a device that another claim has',
      [claimOf('c'), gpuClass, sliceOf('n1', 'd0'), claimOf('o', allocatedOn('n1'))],
      NONE_LEFT,
    ],
    ['its devices here', [claimOf('c', allocatedOn('n1'))], undefined],
    ['its devices there', [claimOf('c', allocatedOn('n2'))], ['resourceclaim not available on the node']],
  ])('says of a node, with %s', (_, objects, expected) => {
    expect(worldWith(...objects).verdict(dynamicResources, podUsing('c'), 'n1')).toEqual(expected);
  });

  it.each<[string, readonly string[] | undefined]>([
    ['10s', undefined],
    ['0s', undefined],
    ['1ms', ['timed out trying to allocate devices']],
  ])('searches as long as it may: %s', (filterTimeout, expected) => {
    const requests = [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 4 } }];
    const many = { ...claimOf('c'), spec: { devices: { requests } } } as KubeObject;
    const world = worldWith(many, gpuClass, sliceOf('n1', 'd0', 'd1', 'd2', 'd3', 'd4'));
    const told = dynamicResources.configure?.({ filterTimeout });
    expect(world.verdict(told!, podUsing('c'), 'n1')).toEqual(expected);
  });

  it('promises no device and no claim twice', () => {
    const world = worldWith(gpuClass, sliceOf('n1', 'd0'), claimOf('c'), claimOf('o'));
    const node = world.node('n1');
    const reservation = dynamicResources.reserve?.(world.cycle(podUsing('c')), node);
    expect(world.verdict(dynamicResources, podUsing('o'), 'n1')).toEqual(NONE_LEFT);
    expect(world.verdict(dynamicResources, podUsing('c'), 'n1')).toEqual([
      'resource claim default/c is in the process of being allocated',
    ]);
    reservation?.undo();
    expect(world.verdict(dynamicResources, podUsing('o'), 'n1')).toBeUndefined();
  });

  it('prefers nodes where the alternatives are that stand first', () => {
    const devices = {
      requests: [
        {
          name: 'r',
          firstAvailable: ['best', 'good'].map((name) => ({
            name,
            deviceClassName: 'gpu',
            selectors: [{ cel: { expression: `device.attributes["${DRIVER}"].kind == "${name}"` } }],
            count: 1,
          })),
        },
      ],
    };
    const kinds = (nodeName: string, kind: string): KubeObject => {
      const slice = sliceOf(nodeName) as unknown as { spec: object };
      const device = { name: 'd', attributes: { kind: { string: kind } } };
      return { ...slice, spec: { ...slice.spec, devices: [device] } } as unknown as KubeObject;
    };
    const alternatives: ResourceClaim = { ...claimOf('c'), spec: { devices } };
    const world = worldWith(gpuClass, kinds('n1', 'good'), kinds('n2', 'best'), alternatives);
    expect(world.scores(dynamicResources, podUsing('c'), 'raw')).toEqual({ n1: 7, n2: 8 });
    expect(world.scores(dynamicResources, podUsing('c'))).toEqual({ n1: 87, n2: 100 });
    expect(world.scores(dynamicResources, podOf('p'))).toBeUndefined();
  });

  it.each<[string, Pod, readonly KubeObject[], string]>([
    ['a pod without claims', podOf('p'), [], 'no new claims to deallocate'],
    ['a claim without a class', podUsing('c'), [claimOf('c')], 'no new claims to deallocate'],
    ['no device', podUsing('c'), [claimOf('c'), gpuClass], 'still not schedulable'],
    [
      'devices that nobody uses',
      podUsing('c'),
      [claimOf('c', allocatedOn('n3'))],
      'deallocation of ResourceClaim completed',
    ],
    [
      'devices that are the pod’s alone',
      podUsing('c'),
      [claimOf('c', { ...allocatedOn('n3'), ...reservedFor('default/p') })],
      'deallocation of ResourceClaim completed',
    ],
    [
      'devices that others use',
      podUsing('c'),
      [claimOf('c', { ...allocatedOn('n3'), ...reservedFor('default/p', 'q') })],
      'still not schedulable',
    ],
  ])('makes room, with %s', (_, pod, objects, words) => {
    const world = worldWith(...objects);
    const run = world.run(pod, [dynamicResources]);
    if (run.everywhere === undefined) for (const node of world.cache.nodes) run.test(node);
    expect(dynamicResources.makeRoom?.(run.cycle)).toBe(words);
  });

  const isWorth = (pod: Pod, change: Change, world: SchedulingWorld): boolean => {
    const hints = dynamicResources.retryOn?.filter(({ on }) => on.includes(change.event)) ?? [];
    return hints.some((hint) => hint.isWorth?.(pod, change, world) !== false);
  };
  const claim = claimOf('c');
  const other = { ...claimOf('o'), metadata: { ...claimOf('o').metadata, namespace: 'elsewhere' } };
  it.each<[string, Pod, Change, boolean]>([
    ['its claim is made', podUsing('c'), { event: 'ResourceClaim/Add', object: claim, previous: undefined }, true],
    ['another claim is made', podUsing('c'), { event: 'ResourceClaim/Add', object: other, previous: undefined }, false],
    [
      'another claim gives devices back',
      podUsing('c'),
      { event: 'ResourceClaim/Update', object: other, previous: { ...other, status: allocatedOn('n1') } as KubeObject },
      true,
    ],
    [
      'its claim is told apart',
      podUsing('c'),
      { event: 'ResourceClaim/Update', object: claim, previous: { ...claim, metadata: { name: 'c' } } },
      false,
    ],
    [
      'its claim gets devices',
      podUsing('c'),
      { event: 'ResourceClaim/Update', object: claimOf('c', allocatedOn('n1')), previous: claim },
      true,
    ],
    [
      'a claim changes, but its own is not there',
      podUsing('gone'),
      { event: 'ResourceClaim/Update', object: claim, previous: { ...claim, status: allocatedOn('n1') } as KubeObject },
      false,
    ],
    [
      'its claims are noted',
      templated,
      { event: 'Pod/UpdateGeneratedResourceClaim', object: told(), previous: templated },
      true,
    ],
    [
      'claims of another pod are noted',
      templated,
      { event: 'Pod/UpdateGeneratedResourceClaim', object: podOf('q'), previous: undefined },
      false,
    ],
    ['devices appear', podUsing('c'), { event: 'ResourceSlice/Add', object: sliceOf('n1'), previous: undefined }, true],
  ])('tries a pod again when %s', (_, pod, change, expected) => {
    expect(isWorth(pod, change, worldWith(claim))).toBe(expected);
  });
});
