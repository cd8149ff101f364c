import type { Json } from '../../../../test/support/engine-harness.js';
import type { Service } from '../../machinery/api/core-v1.js';
import type { Endpoint, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import { closeHints, isOverloaded, isTopologyAware, withHints } from './topology-hints.js';
import { zoneShares } from './zone-shares.js';

const ports = [{ name: 'http', port: 80 }];

/** Endpoints of zones in order, such as `aab`; a capital is not ready. */
const endpointsOf = (zones: string): Endpoint[] =>
  Array.from(zones, (letter, index) => ({
    addresses: [`10.0.0.${index + 1}`],
    conditions: { ready: letter === letter.toLowerCase() },
    zone: letter.toLowerCase(),
  }));

/** The zones that endpoints are hinted to, in order; `-` for none. */
const hintsOf = (endpoints: readonly Endpoint[]): string =>
  endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join('') ?? '-').join('');

const evenly = new Map([
  ['a', 1 / 3],
  ['b', 1 / 3],
  ['c', 1 / 3],
]);

const sliceOf = (zones: string, hints: string): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `slice-${zones}` },
  addressType: 'IPv4',
  ports,
  endpoints: endpointsOf(zones).map((each, index) =>
    hints[index] === '-' ? each : { ...each, hints: { forZones: [{ name: hints[index] ?? '' }] } },
  ),
});

const serviceOf = (spec: Json, annotations: Record<string, string> = {}): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations }, spec }) as Service;

describe('endpoints that are dealt over zones', () => {
  it.each([
    ['stay in their zones where these have as many as they should', 'abc', 'abc'],
    ['go from a zone that has too many to those that have too few', 'aaaabc', 'bcaabc'],
    ['are dealt whole: half of one is not given away', 'aaabbcc', 'aaabbcc'],
    ['all come from one zone, where all are there', 'aaaaaa', 'bbccaa'],
    ['are not hinted while they are not ready', 'aAbBcC', 'a-b-c-'],
  ])('%s', (_name, zones, hints) => {
    const plan = { create: [{ ports, endpoints: endpointsOf(zones) }], update: [], remove: [] };
    const { plan: hinted, refusal } = withHints(plan, [], evenly);
    expect(refusal).toBeUndefined();
    expect(hintsOf(hinted.create[0]!.endpoints)).toBe(hints);
  });

  it('follow what the zones have of the processors', () => {
    const shares = new Map([
      ['a', 0.75],
      ['b', 0.25],
    ]);
    const plan = { create: [{ ports, endpoints: endpointsOf('aabbbbbb') }], update: [], remove: [] };
    const { plan: hinted, counts } = withHints(plan, [], shares);
    expect(hintsOf(hinted.create[0]!.endpoints)).toBe('aaaaaabb');
    expect(Object.fromEntries(counts ?? [])).toEqual({ a: 6, b: 2 });
  });

  it.each([
    ['there are not enough for the zones', 'ab', evenly, 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
    [
      'the nodes say too little',
      'abc',
      undefined,
      'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    ],
    [
      'some zone would get too few',
      'abcc',
      evenly,
      'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)',
    ],
  ])('are hinted to nowhere where %s', (_name, zones, shares, reason) => {
    const existing = sliceOf(zones, 'a'.repeat(zones.length));
    const { plan, refusal } = withHints({ create: [], update: [], remove: [] }, [existing], shares);
    expect(refusal).toBe(reason);
    expect(plan.update.map(([slice, { endpoints }]) => [slice.metadata.name, hintsOf(endpoints)])).toEqual([
      [existing.metadata.name, '-'.repeat(zones.length)],
    ]);
  });

  it('are hinted to nowhere where one says no zone', () => {
    const [first, ...rest] = endpointsOf('abc');
    const { zone: _zone, ...homeless } = first!;
    const plan = { create: [{ ports, endpoints: [homeless, ...rest] }], update: [], remove: [] };
    expect(withHints(plan, [], evenly).refusal).toBe('One or more endpoints do not have a zone specified');
  });

  it('leave slices alone that can stay, and count what these have', () => {
    const kept = sliceOf('aab', 'aab');
    const plan = { create: [{ ports, endpoints: endpointsOf('ccc') }], update: [], remove: [] };
    const { plan: hinted } = withHints(plan, [kept], evenly);
    expect(hinted.update).toEqual([]);
    expect(hintsOf(hinted.create[0]!.endpoints)).toBe('bcc');
  });

  it('write slices anew that hint to a zone that is no more', () => {
    const shares = new Map([
      ['a', 0.5],
      ['b', 0.5],
    ]);
    const { plan } = withHints({ create: [], update: [], remove: [] }, [sliceOf('abab', 'acac')], shares);
    expect(plan.update.map(([, { endpoints }]) => hintsOf(endpoints))).toEqual(['abab']);
  });
});

describe('a Service', () => {
  it.each([
    [{}, false],
    [{ 'service.kubernetes.io/topology-mode': 'Auto' }, true],
    [{ 'service.kubernetes.io/topology-aware-hints': 'auto' }, true],
    [{ 'service.kubernetes.io/topology-mode': 'Disabled' }, false],
    [
      { 'service.kubernetes.io/topology-mode': 'Auto', 'service.kubernetes.io/topology-aware-hints': 'disabled' },
      false,
    ],
  ])('with the annotations %j is dealt over the zones: %s', (annotations, isAware) => {
    expect(isTopologyAware(serviceOf({}, annotations))).toBe(isAware);
  });

  const place: Endpoint = { addresses: ['10.0.0.1'], zone: 'a', nodeName: 'worker-1' };
  it.each([
    [undefined, place, undefined],
    ['PreferClose', place, { forZones: [{ name: 'a' }] }],
    ['PreferSameZone', place, { forZones: [{ name: 'a' }] }],
    ['PreferSameNode', place, { forZones: [{ name: 'a' }], forNodes: [{ name: 'worker-1' }] }],
    ['PreferSameZone', { addresses: [], nodeName: 'worker-1' }, undefined],
    ['PreferSameNode', { addresses: [], nodeName: 'worker-1' }, { forNodes: [{ name: 'worker-1' }] }],
  ])('that distributes its traffic %s hints %j to %j', (trafficDistribution, endpoint, hints) => {
    expect(closeHints(serviceOf({ trafficDistribution }), endpoint)).toEqual(hints);
  });

  it.each([
    [{ a: 2, b: 2, c: 2 }, false],
    [{ a: 4, b: 2 }, true],
    [{ a: 5, b: 4, c: 1 }, true],
    [{}, false],
  ])('with %j in its zones is overloaded: %s', (counts, isTooMuch) => {
    expect(isOverloaded(new Map(Object.entries(counts) as [string, number][]), evenly)).toBe(isTooMuch);
  });
});

describe('what zones have of the processors', () => {
  const nodeOf = (zone: string, cpu: string, more: Json = {}): Json => ({
    metadata: { name: zone, labels: { 'topology.kubernetes.io/zone': zone, ...more.labels } },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
  });
  const controlPlane = { labels: { 'node-role.kubernetes.io/control-plane': '' } };

  it.each([
    ['is their part of the whole', [nodeOf('a', '3'), nodeOf('b', '500m'), nodeOf('b', '500m')], { a: 0.75, b: 0.25 }],
    [
      'leaves control planes out',
      [nodeOf('a', '1'), nodeOf('b', '1'), nodeOf('c', '9', controlPlane)],
      { a: 0.5, b: 0.5 },
    ],
    [
      'leaves nodes out that are not Ready',
      [nodeOf('a', '1'), nodeOf('b', '1'), nodeOf('b', '1', { ready: 'Unknown' })],
      { a: 0.5, b: 0.5 },
    ],
    ['says nothing where there is one zone', [nodeOf('a', '1'), nodeOf('a', '1')], undefined],
    ['says nothing where a node says no zone', [nodeOf('a', '1'), nodeOf('b', '1'), nodeOf('', '1')], undefined],
    ['says nothing where a node has no processors', [nodeOf('a', '1'), nodeOf('b', '0')], undefined],
  ])('%s', (_name, nodes, shares) => {
    const found = zoneShares(nodes);
    expect(found === undefined ? undefined : Object.fromEntries(found)).toEqual(shares);
  });
});
