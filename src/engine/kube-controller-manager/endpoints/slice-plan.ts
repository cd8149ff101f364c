import type { Endpoint, EndpointPort, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import { deepEqual } from '../../machinery/equality.js';

/** Endpoints that one slice holds at most. */
const ENDPOINTS_MAX = 100;

/** The endpoints that serve one set of ports. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What a slice is to hold. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly (readonly [slice: EndpointSlice, content: SliceContent])[];
  readonly remove: readonly EndpointSlice[];
}

export interface SliceInputs {
  /** The slices of the Service and one address type. */
  readonly existing: readonly EndpointSlice[];
  readonly desired: readonly PortGroup[];
  /** Whether something besides the endpoints of a slice has to change. */
  readonly needsUpdate: (slice: EndpointSlice) => boolean;
  /** Whether an endpoint may stay as it is; equality unless given. */
  readonly isSame?: (wanted: Endpoint, former: Endpoint) => boolean;
}

export const portKey = (ports: readonly EndpointPort[]): string =>
  ports
    .map(({ name = '', protocol = 'TCP', port = 0, appProtocol = '' }) => `${name} ${protocol} ${port} ${appProtocol}`)
    .sort()
    .join();

/**
 * Which slices to write so that all endpoints are published with few writes, as upstream: changes stay within their slice; new
 * endpoints first fill slices that change anyway, then one that has just room enough, then new slices.
 */
export function planSlices(inputs: SliceInputs): SlicePlan {
  const { existing, desired, needsUpdate } = inputs;
  const byPorts = groupedByPorts(existing);
  const create: SliceContent[] = [];
  const update: (readonly [EndpointSlice, SliceContent])[] = [];
  const remove: EndpointSlice[] = [];
  for (const group of desired) {
    const key = portKey(group.ports);
    const plan = planGroup(byPorts.get(key) ?? [], group, inputs);
    byPorts.delete(key);
    create.push(...plan.create);
    update.push(...plan.update);
    remove.push(...plan.remove);
  }
  for (const slices of byPorts.values()) remove.push(...slices);
  if (existing.length === remove.length && create.length === 0)
    keepPlaceholder({ create, update, remove, needsUpdate });
  recycle(create, update, remove);
  return { create, update, remove };
}

function groupedByPorts(slices: readonly EndpointSlice[]): Map<string, EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = portKey(slice.ports ?? []);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

interface Slot {
  readonly slice: EndpointSlice | undefined;
  endpoints: Endpoint[];
  isChanged: boolean;
}

function planGroup(
  existing: readonly EndpointSlice[],
  { ports, endpoints }: PortGroup,
  { needsUpdate, isSame = deepEqual }: SliceInputs,
): SlicePlan {
  const left = new Map(endpoints.map((each) => [endpointKey(each), each]));
  const slots = existing.map((slice) => slotOf(slice, left, isSame, needsUpdate(slice)));
  const remove = slots.filter((slot) => slot.isChanged && slot.endpoints.length === 0);
  const kept = slots.filter((slot) => !remove.includes(slot));
  const waiting = [...left.values()];
  const changed = kept.filter(({ isChanged }) => isChanged).sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const slot of changed) fill(slot, waiting);
  while (waiting.length > 0) fill(roomFor(kept, waiting.length) ?? newSlot(kept), waiting);
  const written = kept.filter(({ isChanged }) => isChanged);
  return {
    create: written.filter(({ slice }) => slice === undefined).map((slot) => ({ ports, endpoints: slot.endpoints })),
    update: written.flatMap((slot): readonly (readonly [EndpointSlice, SliceContent])[] =>
      slot.slice === undefined ? [] : [[slot.slice, { ports, endpoints: slot.endpoints }]],
    ),
    remove: remove.flatMap(({ slice }) => slice ?? []),
  };
}

/** Keeps what is still wanted, in its place, and takes it out of `left`. */
function slotOf(
  slice: EndpointSlice,
  left: Map<string, Endpoint>,
  isSame: (wanted: Endpoint, former: Endpoint) => boolean,
  needsUpdate: boolean,
): Slot {
  const former = slice.endpoints ?? [];
  const endpoints: Endpoint[] = [];
  let isChanged = needsUpdate;
  for (const each of former) {
    const key = endpointKey(each);
    const wanted = left.get(key);
    if (wanted === undefined) continue;
    left.delete(key);
    endpoints.push(wanted);
    if (!isSame(wanted, each)) isChanged = true;
  }
  return { slice, endpoints, isChanged: isChanged || endpoints.length !== former.length };
}

/** The slice that the rest fills up best. */
function roomFor(slots: readonly Slot[], count: number): Slot | undefined {
  if (count >= ENDPOINTS_MAX) return undefined;
  let best: Slot | undefined;
  for (const slot of slots) {
    if (slot.isChanged || slot.endpoints.length + count > ENDPOINTS_MAX) continue;
    if (best === undefined || slot.endpoints.length > best.endpoints.length) best = slot;
  }
  return best;
}

function newSlot(slots: Slot[]): Slot {
  const slot: Slot = { slice: undefined, endpoints: [], isChanged: true };
  slots.push(slot);
  return slot;
}

function fill(slot: Slot, waiting: Endpoint[]): void {
  const taken = waiting.splice(0, Math.max(ENDPOINTS_MAX - slot.endpoints.length, 0));
  if (taken.length === 0) return;
  slot.endpoints.push(...taken);
  slot.isChanged = true;
}

const endpointKey = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  `${addresses.join()} ${hostname} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`;

interface MutablePlan {
  readonly create: SliceContent[];
  readonly update: (readonly [EndpointSlice, SliceContent])[];
  readonly remove: EndpointSlice[];
  readonly needsUpdate: (slice: EndpointSlice) => boolean;
}

/** A Service without endpoints keeps one empty slice. */
function keepPlaceholder({ create, update, remove, needsUpdate }: MutablePlan): void {
  const [only] = remove;
  const isPlaceholder = (only?.endpoints ?? []).length === 0 && (only?.ports ?? []).length === 0;
  if (only === undefined || remove.length > 1 || !isPlaceholder) {
    create.push({ ports: [], endpoints: [] });
    return;
  }
  remove.pop();
  if (needsUpdate(only)) update.push([only, { ports: [], endpoints: [] }]);
}

/** What would be deleted is rewritten instead of creating another. */
function recycle(
  create: SliceContent[],
  update: (readonly [EndpointSlice, SliceContent])[],
  remove: EndpointSlice[],
): void {
  while (remove.length > 0) {
    const content = create.pop();
    if (content === undefined) return;
    const slice = remove.shift();
    if (slice !== undefined) update.push([slice, content]);
  }
}
