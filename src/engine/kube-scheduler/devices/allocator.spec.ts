import fc from 'fast-check';
import { modelSolution, type DeviceModel } from '../../../../test/support/device-model.js';
import { nodeOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import type {
  AllocationResult,
  Device,
  DeviceClaim,
  DeviceClass,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../machinery/api/resource-v1.js';
import { PluginFailure } from '../plugin-failure.js';
import { allocationResult } from './allocation-result.js';
import { Allocator } from './allocator.js';
import { DevicePools } from './device-pools.js';
import { newSearchBudget } from './device-search.js';
import { DeviceSelectors } from './device-selectors.js';

const DRIVERS = ['a.example.com', 'b.example.com'] as const;
const NODE = nodeOf('n1', { labels: { zone: 'x' } });
const RUNS = 1_000;

const classOf = (name: string, expression: string, config: readonly object[] = []): DeviceClass =>
  ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name },
    spec: { selectors: [{ cel: { expression } }], config },
  }) as DeviceClass;

const CLASSES = [
  classOf('any', 'true'),
  classOf('a', `device.driver == "${DRIVERS[0]}"`),
  classOf('fast', '"kind" in device.attributes[device.driver] && device.attributes[device.driver].kind == "fast"'),
];

const claimOf = (name: string, devices: DeviceClaim): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default', uid: name },
  spec: { devices },
});

const sliceOf = (name: string, spec: Partial<ResourceSliceSpec> = {}): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name },
  spec: {
    driver: DRIVERS[0],
    pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    ...(spec.nodeSelector === undefined && spec.allNodes === undefined ? { nodeName: 'n1' } : {}),
    ...spec,
  },
});

const exactly = (name: string, more: object = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'any', allocationMode: 'ExactCount', count: 1, ...more },
});

interface Situation {
  readonly slices: readonly ResourceSlice[];
  readonly claims: readonly ResourceClaim[];
  readonly inUse?: readonly string[];
  readonly classes?: readonly DeviceClass[];
}

interface Answer {
  readonly results?: readonly AllocationResult[];
  readonly reason?: string;
}

function allocated({ slices, claims, inUse = [], classes = CLASSES }: Situation): Answer {
  const { objects } = new TestWorld([NODE]);
  objects.put(...classes, ...slices);
  const isInUse = (id: string): boolean => inUse.includes(id);
  const budget = newSearchBudget();
  const input = { objects, pools: new DevicePools(objects), selectors: new DeviceSelectors(), budget, isInUse };
  const { solutions, reason } = new Allocator(input, claims).on(NODE);
  if (solutions === undefined) return { reason };
  return { results: claims.map((claim, index) => allocationResult(claim, solutions[index]!)) };
}

/** `request=driver/pool/device` of every device, by claim. */
const told = ({ results }: Answer): readonly (readonly string[])[] | undefined =>
  results?.map(({ devices }) =>
    (devices?.results ?? []).map(({ request, driver, pool, device }) => `${request}=${driver}/${pool}/${device}`),
  );

function failureOf(situation: Situation): string {
  try {
    return JSON.stringify(allocated(situation));
  } catch (error) {
    if (error instanceof PluginFailure) return error.message;
    throw error;
  }
}

const selecting = (name: string) => ({
  cel: { expression: `device.attributes[device.driver].name == "${name}"` },
});
const devicesNamed = (...names: readonly string[]): readonly Device[] => names.map((name) => ({ name }));

describe('the allocator', () => {
  it('carries the configurations of classes and of the claim, and says where the devices are', () => {
    const opaque = (mode: string) => ({ opaque: { driver: DRIVERS[0], parameters: { mode } } });
    const zoned = [{ key: 'zone', operator: 'In', values: ['x'] }];
    const { results } = allocated({
      classes: [classOf('any', 'true', [opaque('class')])],
      slices: [
        sliceOf('s', {
          nodeSelector: { nodeSelectorTerms: [{ matchExpressions: zoned }] },
          devices: devicesNamed('d0', 'd1', 'd2'),
        }),
      ],
      claims: [
        claimOf('c', {
          requests: [
            exactly('r'),
            exactly('s'),
            { name: 'l', firstAvailable: [{ name: 'w', deviceClassName: 'any', count: 1 }] },
          ],
          config: [
            opaque('all'),
            { requests: ['s', 'l/w'], ...opaque('some') },
            { requests: ['l/other'], ...opaque('no') },
          ],
        }),
      ],
    });
    const requests = ['s', 'l/w'];
    expect(results).toEqual([
      {
        devices: {
          results: ['r', 's', 'l/w'].map((request, index) => ({
            request,
            driver: DRIVERS[0],
            pool: 'p',
            device: `d${index}`,
          })),
          config: [
            { source: 'FromClass', requests: ['r', 's', 'l/w'], ...opaque('class') },
            { source: 'FromClaim', ...opaque('all') },
            { source: 'FromClaim', requests, ...opaque('some') },
            { source: 'FromClaim', requests, ...opaque('some') },
          ],
        },
        nodeSelector: { nodeSelectorTerms: [{ matchExpressions: zoned }] },
      },
    ]);
  });

  it.each<[string, Partial<ResourceSliceSpec>, object | undefined]>([
    [
      'one node',
      { nodeName: 'n1' },
      { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] },
    ],
    ['all nodes', { allNodes: true }, undefined],
  ])('says of devices of %s where they are', (_, where, expected) => {
    const { results } = allocated({
      slices: [sliceOf('s', { ...where, devices: devicesNamed('d') })],
      claims: [claimOf('c', { requests: [exactly('r')] })],
    });
    expect(results?.[0]?.nodeSelector).toEqual(expected);
  });

  it('lets administrators have what is in use, and takes nothing away by it', () => {
    const admin = claimOf('c', { requests: [exactly('r', { adminAccess: true, allocationMode: 'All' })] });
    const slices = [sliceOf('s', { devices: devicesNamed('d0', 'd1') })];
    const { results } = allocated({ slices, claims: [admin], inUse: [`${DRIVERS[0]}/p/d0`] });
    expect(results?.[0]?.devices?.results).toEqual(
      ['d0', 'd1'].map((device) => ({ request: 'r', driver: DRIVERS[0], pool: 'p', device, adminAccess: true })),
    );
  });

  it.each<[string, readonly ResourceSlice[], string]>([
    [
      'has a pool of which a slice is missing',
      [sliceOf('s', { pool: { name: 'p', generation: 1, resourceSliceCount: 2 }, devices: devicesNamed('d') })],
      'cannot allocate all claims',
    ],
    [
      'has a pool that is being replaced elsewhere',
      [
        sliceOf('s', { pool: { name: 'p', generation: 1, resourceSliceCount: 2 }, devices: devicesNamed('d') }),
        sliceOf('t', { pool: { name: 'p', generation: 2, resourceSliceCount: 1 }, nodeName: 'n2' }),
      ],
      'cannot allocate all claims',
    ],
    [
      'has a pool with two devices of one name',
      [sliceOf('s', { devices: devicesNamed('d', 'd') })],
      'invalid resource pools were encountered',
    ],
    ['has no slices', [], 'cannot allocate all claims'],
  ])('refuses a node that %s', (_, slices, reason) => {
    expect(allocated({ slices, claims: [claimOf('c', { requests: [exactly('r')] })] })).toEqual({ reason });
  });

  const many = Array.from({ length: 40 }, (_, index) => `d${index}`);
  it.each<[string, DeviceClaim, string]>([
    [
      'asks for an attribute that a device lacks',
      { requests: [exactly('r', { selectors: [{ cel: { expression: 'device.attributes["x"].y' } }] })] },
      'claim default/c: selector #0: CEL runtime error: no such key: y',
    ],
    [
      'has an expression that does not compile',
      { requests: [exactly('r', { selectors: [{ cel: { expression: 'true' } }, { cel: { expression: '1' } }] })] },
      'claim default/c: selector #1: CEL compile error: must evaluate to bool or the unknown type, not int',
    ],
    [
      'asks for more than it can be given',
      { requests: [exactly('r', { count: 20 }), exactly('s', { count: 13 })] },
      'claim default/c: number of requested devices 33 exceeds the claim limit of 32',
    ],
    [
      'names a class that is gone',
      { requests: [exactly('r', { deviceClassName: 'gone' })] },
      'claim default/c, request r: could not retrieve device class gone: deviceclass.resource.k8s.io "gone" not found',
    ],
    [
      'wants all devices alike that are not alike',
      {
        requests: [exactly('r', { allocationMode: 'All', selectors: [selecting('d0')] })],
        constraints: [{ matchAttribute: `${DRIVERS[0]}/rack` }],
      },
      `claim default/c, request r: cannot add device ${DRIVERS[0]}/p/d0 because a claim constraint would not be satisfied`,
    ],
  ])('tells of a claim that %s', (_, devices, message) => {
    const named = many.map((name) => ({ name, attributes: { name: { string: name } } }));
    expect(failureOf({ slices: [sliceOf('s', { devices: named })], claims: [claimOf('c', devices)] })).toBe(message);
  });

  it('tells which pool keeps it from knowing what all devices are', () => {
    const slices = [sliceOf('s', { pool: { name: 'p', generation: 1, resourceSliceCount: 2 } })];
    const claims = [claimOf('c', { requests: [exactly('r', { allocationMode: 'All' })] })];
    expect(failureOf({ slices, claims })).toBe(
      `claim default/c, request r: asks for all devices, but resource pool ${DRIVERS[0]}/p is currently being updated`,
    );
  });

  it('takes the alternative that leaves room where the first would be too many', () => {
    const way = (name: string, count: number) => ({ name, deviceClassName: 'any', count });
    const requests = [exactly('r', { count: 20 }), { name: 'l', firstAvailable: [way('much', 13), way('less', 12)] }];
    const answer = allocated({
      slices: [sliceOf('s', { devices: devicesNamed(...many) })],
      claims: [claimOf('c', { requests })],
    });
    expect(told(answer)?.[0]?.filter((each) => each.startsWith('l/less='))).toHaveLength(12);
  });

  it('gives up a search that leads nowhere', () => {
    const devices = many.map((name, index) => ({ name, attributes: { rack: { int: index % 2 } } }));
    const claims = [
      claimOf('c', {
        requests: [exactly('r', { count: 21 })],
        constraints: [{ matchAttribute: `${DRIVERS[0]}/rack` }],
      }),
    ];
    expect(allocated({ slices: [sliceOf('s', { devices })], claims })).toEqual({
      reason: 'timed out trying to allocate devices',
    });
  });
});

describe('the allocator beside a model that tries everything', () => {
  const kinds = fc.constantFrom(undefined, 'fast', 'slow');
  const device = fc.record({ kind: kinds, rack: fc.constantFrom(undefined, 1, 2) }).map(({ kind, rack }) => ({
    attributes: {
      ...(kind === undefined ? {} : { kind: { string: kind } }),
      ...(rack === undefined ? {} : { rack: { int: rack } }),
    },
  }));
  const place: fc.Arbitrary<Partial<ResourceSliceSpec>> = fc.constantFrom<Partial<ResourceSliceSpec>[]>(
    { nodeName: 'n1' },
    { nodeName: 'n1' },
    { nodeName: 'n2' },
    { allNodes: true },
    ...['x', 'y'].map((zone) => ({
      nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
    })),
  );
  const slice = fc.record({
    driver: fc.constantFrom(...DRIVERS),
    pool: fc.constantFrom('p', 'p', 'q'),
    generation: fc.constantFrom(1, 1, 1, 2),
    isMissing: fc.integer({ min: 0, max: 9 }).map((lot) => lot === 0),
    place,
    devices: fc.array(device, { maxLength: 3 }),
    isOdd: fc.integer({ min: 0, max: 9 }),
  });
  interface PoolPart {
    readonly driver: string;
    readonly pool: string;
    readonly generation: number;
  }
  /** As many as there are, and one more where one of them was lost. */
  const countIn = (list: readonly (PoolPart & { readonly isMissing: boolean })[], wanted: PoolPart): number => {
    const parts = list.filter(
      ({ driver, pool, generation }) =>
        driver === wanted.driver && pool === wanted.pool && generation === wanted.generation,
    );
    return parts.length + (parts.some(({ isMissing }) => isMissing) ? 1 : 0);
  };
  const slices = fc.array(slice, { maxLength: 4 }).map((list) =>
    list.map(({ driver, pool: name, generation, place: at, devices, isOdd }, index) =>
      sliceOf(`s${index}`, {
        driver,
        pool: { name, generation, resourceSliceCount: countIn(list, { driver, pool: name, generation }) },
        ...at,
        devices: devices.map((each, at2) => ({ name: isOdd === 0 ? 'same' : `d${index}-${at2}`, ...each })),
      }),
    ),
  );
  const wanted = fc.record({
    deviceClassName: fc.constantFrom('any', 'any', 'a', 'fast'),
    allocationMode: fc.constantFrom('ExactCount', 'ExactCount', 'ExactCount', 'All'),
    count: fc.constantFrom(1, 1, 2),
    isAdmin: fc.boolean(),
  });
  const request = fc.tuple(fc.array(wanted, { minLength: 1, maxLength: 2 }), fc.boolean());
  const claim = fc.record({
    requests: fc.array(request, { minLength: 1, maxLength: 2 }),
    constraint: fc.constantFrom(undefined, 'rack', 'kind'),
    isOfFirst: fc.boolean(),
  });
  const claims = fc.array(claim, { minLength: 1, maxLength: 2 }).map((list) =>
    list.map(({ requests, constraint, isOfFirst }, index) =>
      claimOf(`c${index}`, {
        requests: requests.map(([ways, isList], at): DeviceRequest => {
          // A constraint that keeps "all" devices from being had is an error, not a search.
          const modes = ways.map(({ allocationMode, count, ...each }) =>
            allocationMode === 'All' && constraint === undefined ? { ...each, allocationMode } : { ...each, count },
          );
          const plain = modes.map(({ isAdmin: _, ...each }) => each);
          const [first] = modes;
          if (!isList && first !== undefined && plain[0] !== undefined) {
            return { name: `r${at}`, exactly: { ...plain[0], ...(first.isAdmin ? { adminAccess: true } : {}) } };
          }
          return { name: `r${at}`, firstAvailable: plain.map((each, way) => ({ name: `w${way}`, ...each })) };
        }),
        ...(constraint === undefined
          ? {}
          : {
              constraints: [
                { matchAttribute: `${DRIVERS[0]}/${constraint}`, ...(isOfFirst ? { requests: ['r0'] } : {}) },
              ],
            }),
      }),
    ),
  );

  it('finds the first solution that trying everything finds, and none where there is none', () => {
    const outcomes = { found: 0, none: 0, refused: 0 };
    fc.assert(
      fc.property(slices, claims, fc.infiniteStream(fc.boolean()), (someSlices, someClaims, coin) => {
        const all = someSlices.flatMap(({ spec }) =>
          (spec.devices ?? []).map(({ name }) => `${spec.driver}/${spec.pool.name}/${name}`),
        );
        const inUse = all.filter(() => coin.next().value === true && coin.next().value === true);
        const model: DeviceModel = { node: NODE, slices: someSlices, classes: CLASSES, inUse: new Set(inUse) };
        const situation = { slices: someSlices, claims: someClaims, inUse };
        let actual: Answer;
        try {
          actual = allocated(situation);
        } catch (error) {
          if (!(error instanceof PluginFailure)) throw error;
          expect(error.message).toMatch(/asks for all devices, but resource pool .* is currently/);
          outcomes.refused++;
          return;
        }
        outcomes[actual.results === undefined ? 'none' : 'found']++;
        expect(told(actual)).toEqual(modelSolution(model, someClaims));
      }),
      { numRuns: RUNS, seed: 1 },
    );
    expect(Math.min(outcomes.found, outcomes.none)).toBeGreaterThan(RUNS / 12);
  });
});
