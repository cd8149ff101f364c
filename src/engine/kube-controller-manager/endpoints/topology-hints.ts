import type { Service } from '../../machinery/api/core-v1.js';
import type { Endpoint, EndpointHints, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import type { SliceContent, SlicePlan } from './slice-plan.js';
import type { ZoneShares } from './zone-shares.js';

/** By how much an endpoint may get more than its part. */
const OVERLOAD_MAX = 0.2;
const ANNOTATIONS = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode'];
const NO_NODES = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
const NO_ZONE = 'One or more endpoints do not have a zone specified';
const TOO_FEW = 'Insufficient number of endpoints';
const NOT_DIVISIBLE = 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold';

/** Whether endpoints are dealt over the zones by what each zone has of the processors. */
export function isTopologyAware({ metadata }: Service): boolean {
  const annotation = ANNOTATIONS.map((name) => metadata.annotations?.[name]).find((value) => value !== undefined);
  return annotation === 'Auto' || annotation === 'auto';
}

/** What a ready endpoint is hinted to be for by the Service's `trafficDistribution`. */
export function closeHints(object: Service, { zone, nodeName }: Endpoint): EndpointHints | undefined {
  const { trafficDistribution = '' } = object.spec;
  if (!['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(trafficDistribution)) return undefined;
  if (isTopologyAware(object)) return undefined;
  const forNodes = trafficDistribution === 'PreferSameNode' && nodeName !== undefined ? [{ name: nodeName }] : [];
  const forZones = zone === undefined ? [] : [{ name: zone }];
  if (forNodes.length + forZones.length === 0) return undefined;
  return { ...(forZones.length === 0 ? {} : { forZones }), ...(forNodes.length === 0 ? {} : { forNodes }) };
}

/** How many endpoints each zone has. */
export type ZoneCounts = ReadonlyMap<string, number>;

export interface HintedPlan {
  readonly plan: SlicePlan;
  /** `undefined` where there are no hints. */
  readonly counts: ZoneCounts | undefined;
  /** Why there are none. */
  readonly refusal: string | undefined;
}

interface Allocation {
  readonly maximum: number;
  readonly desired: number;
}

/**
 * Deals the ready endpoints over the zones: first each to its own, then as many of them from zones that have too many to those
 * that have too few as it takes. Slices that need not change keep what they have.
 */
export function withHints(
  plan: SlicePlan,
  existing: readonly EndpointSlice[],
  shares: ZoneShares | undefined,
): HintedPlan {
  const written = new Set([...plan.update.map(([slice]) => slice), ...plan.remove]);
  const unchanged = existing.filter((slice) => !written.has(slice));
  const contents = [...plan.create, ...plan.update.map(([, content]) => content), ...unchanged.map(contentOf)];
  const ready = contents.flatMap(({ endpoints }) => endpoints.filter(isReady)).length;
  const allocations = allocate(shares, ready);
  if (typeof allocations === 'string') return withoutHints(plan, unchanged, allocations);
  const counts = new Map<string, number>();
  const stale = unchanged.filter((slice) => !keeps(slice, counts, allocations));
  const changed = { ...plan, update: [...plan.update, ...stale.map((slice) => [slice, contentOf(slice)] as const)] };
  const dealt = [...changed.create, ...changed.update.map(([, content]) => content)].flatMap(({ endpoints }) =>
    endpoints.filter(isReady),
  );
  if (dealt.some(({ zone = '' }) => zone === '')) return withoutHints(plan, unchanged, NO_ZONE);
  for (const { zone = '' } of dealt) add(counts, zone, 1);
  const zones = redistributed(dealt, counts, allocations);
  const hinted = rewritten(changed, (each) => {
    const zone = zones.get(each);
    return zone === undefined ? undefined : { forZones: [{ name: zone }] };
  });
  return { plan: hinted, counts, refusal: undefined };
}

/** Whether a zone has too few endpoints for what it has of the processors. */
export function isOverloaded(counts: ZoneCounts, shares: ZoneShares | undefined): boolean {
  if (counts.size === 0) return false;
  if (shares === undefined) return true;
  const total = Array.from(counts.values()).reduce((sum, each) => sum + each, 0);
  return Array.from(shares).some(([zone, share]) => {
    const count = counts.get(zone);
    return count === undefined || count < leastOf(total * share);
  });
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;

const contentOf = ({ ports, endpoints }: EndpointSlice): SliceContent => ({
  ports: ports ?? [],
  endpoints: endpoints ?? [],
});

const leastOf = (desired: number): number => Math.ceil(desired * (1 / (1 + OVERLOAD_MAX)));

const add = (counts: Map<string, number>, zone: string, count: number): void =>
  void counts.set(zone, (counts.get(zone) ?? 0) + count);

function withoutHints(plan: SlicePlan, unchanged: readonly EndpointSlice[], refusal: string): HintedPlan {
  const stale = unchanged.filter(({ endpoints }) => endpoints?.some(({ hints }) => hints !== undefined) ?? false);
  const update = [...plan.update, ...stale.map((slice) => [slice, contentOf(slice)] as const)];
  return { plan: rewritten({ ...plan, update }, () => undefined), counts: undefined, refusal };
}

function rewritten(plan: SlicePlan, hintsOf: (endpoint: Endpoint) => EndpointHints | undefined): SlicePlan {
  const hinted = ({ ports, endpoints }: SliceContent): SliceContent => ({
    ports,
    endpoints: endpoints.map((each) => {
      const { hints: _former, ...rest } = each;
      const hints = hintsOf(each);
      return hints === undefined ? rest : { ...rest, hints };
    }),
  });
  return {
    create: plan.create.map(hinted),
    update: plan.update.map(([slice, content]) => [slice, hinted(content)]),
    remove: plan.remove,
  };
}

function allocate(shares: ZoneShares | undefined, ready: number): ReadonlyMap<string, Allocation> | string {
  if (shares === undefined) return NO_NODES;
  const figures = `(${ready} endpoints, ${shares.size} zones)`;
  if (shares.size > ready) return `${TOO_FEW} ${figures}`;
  const least = Array.from(shares, ([zone, share]) => ({
    zone,
    desired: share * ready,
    minimum: leastOf(share * ready),
  }));
  const spare = ready - least.reduce((sum, { minimum }) => sum + minimum, 0);
  if (spare < 0) return `${NOT_DIVISIBLE} ${figures}`;
  return new Map(
    least.map(({ zone, desired, minimum }) => [
      zone,
      { maximum: minimum + spare, desired: Math.max(desired, minimum) },
    ]),
  );
}

/** Whether the hints of a slice can stay; they are counted then. */
function keeps(
  { endpoints }: EndpointSlice,
  counts: Map<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): boolean {
  const own = new Map<string, number>();
  for (const { hints } of (endpoints ?? []).filter(isReady)) {
    const zones = hints?.forZones ?? [];
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return false;
    for (const { name } of zones) add(own, name, 1);
  }
  for (const [zone, count] of own) {
    if (count + (counts.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0)) return false;
  }
  for (const [zone, count] of own) add(counts, zone, count);
  return true;
}

/** The zone that each of these endpoints is for; brings `counts` up to date. */
function redistributed(
  dealt: readonly Endpoint[],
  counts: Map<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): ReadonlyMap<Endpoint, string> {
  const { giving, receiving } = transfers(counts, allocations);
  const zones = new Map<Endpoint, string>();
  for (const each of dealt) {
    const { zone = '' } = each;
    const [receiver] = (giving.get(zone) ?? 0) > 0 ? (Array.from(receiving).find(([, left]) => left > 0) ?? []) : [];
    zones.set(each, receiver ?? zone);
    if (receiver === undefined) continue;
    add(giving, zone, -1);
    add(receiving, receiver, -1);
    add(counts, zone, -1);
    add(counts, receiver, 1);
  }
  return zones;
}

/** How many endpoints zones give and receive: always one from who has most too many to who has most too few. */
function transfers(counts: ZoneCounts, allocations: ReadonlyMap<string, Allocation>) {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - desired;
    if (difference > 0) surplus.set(zone, difference);
    else if (difference < 0) lack.set(zone, -difference);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, toGive] = most(surplus);
    const [receiver, toReceive] = most(lack);
    if ((toGive < 1 && toReceive < 1) || toGive < 0.5 || toReceive < 0.5) return { giving, receiving };
    add(giving, giver, 1);
    add(surplus, giver, -1);
    add(receiving, receiver, 1);
    add(lack, receiver, -1);
  }
}

const most = (zones: ReadonlyMap<string, number>): readonly [string, number] =>
  Array.from(zones).reduce((best, each) => (each[1] > best[1] ? each : best), ['', 0]);
