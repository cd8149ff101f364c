import { resourceSlice } from '../../kinds/resource-slice.js';
import type { Node } from '../../machinery/api/core-v1.js';
import type { Device, ResourceSlice } from '../../machinery/api/resource-v1.js';
import { matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { defineIndex, type ResourceReader } from '../../machinery/resource-reader.port.js';

/** No node has such a name: slices that are not of one node alone. */
const OF_MANY_NODES = '*';

/** A device that a node can reach. */
export interface Candidate {
  /** `driver/pool/device` */
  readonly id: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
}

export interface DevicePool {
  /** `driver/pool` */
  readonly id: string;
  /** `incomplete`: its driver is still publishing it; `invalid`: two of its devices have one name. */
  readonly state: 'whole' | 'incomplete' | 'invalid';
  readonly candidates: readonly Candidate[];
}

const slicesByNode = defineIndex<ResourceSlice>({
  name: 'slicesByNode',
  keysOf: ({ spec }) => [(spec.nodeName ?? '') === '' ? OF_MANY_NODES : (spec.nodeName ?? '')],
});

const poolIdOf = ({ spec }: ResourceSlice): string => `${spec.driver}/${spec.pool.name}`;

const slicesByPool = defineIndex<ResourceSlice>({ name: 'slicesByPool', keysOf: (slice) => [poolIdOf(slice)] });

/** Mirrors `GatherPools`: what the newest generation of each pool offers to a node. */
export class DevicePools {
  readonly #objects: ResourceReader;
  /** By the first slice, what was made of the slices last: a change of a slice is another object. */
  readonly #known = new WeakMap<ResourceSlice, Assembled>();

  constructor(objects: ResourceReader) {
    this.#objects = objects;
  }

  /** By the pools' names. */
  of(node: Node): readonly DevicePool[] {
    const local = this.#objects.indexed(resourceSlice, slicesByNode, node.metadata.name);
    const others = this.#objects.indexed(resourceSlice, slicesByNode, OF_MANY_NODES);
    const [only] = local;
    if (only !== undefined && local.length === 1 && others.length === 0) {
      const pool = this.#poolOf(poolIdOf(only), local);
      return pool === undefined ? [] : [pool];
    }
    const pools = new Map<string, ResourceSlice[]>();
    for (const slice of local) addTo(pools, slice);
    for (const slice of others) if (reaches(slice, node)) addTo(pools, slice);
    const found: DevicePool[] = [];
    for (const [id, slices] of pools) {
      const pool = this.#poolOf(id, slices);
      if (pool !== undefined) found.push(pool);
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** `undefined` where the pool is being replaced by a generation that has nothing for this node. */
  #poolOf(id: string, slices: readonly ResourceSlice[]): DevicePool | undefined {
    const [first] = slices;
    if (first === undefined) return undefined;
    const { generation, resourceSliceCount } = first.spec.pool;
    if (slices.length !== resourceSliceCount) {
      const all = this.#objects.indexed(resourceSlice, slicesByPool, id);
      if (all.some(({ spec }) => spec.pool.generation > generation)) return undefined;
      const count = all.filter(({ spec }) => spec.pool.generation === generation).length;
      if (count !== resourceSliceCount) return { id, state: 'incomplete', candidates: [] };
    }
    const known = this.#known.get(first);
    if (known !== undefined && areSame(known.slices, slices)) return known.pool;
    const pool = assembled(id, slices);
    this.#known.set(first, { slices, pool });
    return pool;
  }
}

interface Assembled {
  readonly slices: readonly ResourceSlice[];
  readonly pool: DevicePool;
}

const areSame = (left: readonly ResourceSlice[], right: readonly ResourceSlice[]): boolean =>
  left.length === right.length && left.every((each, index) => each === right[index]);

function assembled(id: string, slices: readonly ResourceSlice[]): DevicePool {
  const inOrder = slices.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const candidates = inOrder.flatMap((slice) =>
    (slice.spec.devices ?? []).map((device): Candidate => ({ id: `${id}/${device.name}`, device, slice })),
  );
  const isValid = new Set(candidates.map((each) => each.id)).size === candidates.length;
  return isValid ? { id, state: 'whole', candidates } : { id, state: 'invalid', candidates: [] };
}

function reaches({ spec }: ResourceSlice, node: Node): boolean {
  // Devices that choose their nodes one by one are a feature that is off by default.
  if (spec.perDeviceNodeSelection !== undefined) return false;
  if (spec.allNodes === true) return true;
  return spec.nodeSelector !== undefined && matchesNodeSelectorTerms(spec.nodeSelector.nodeSelectorTerms ?? [], node);
}

/** A newer generation takes the place of all older ones. */
function addTo(pools: Map<string, ResourceSlice[]>, slice: ResourceSlice): void {
  const id = poolIdOf(slice);
  const known = pools.get(id);
  const newest = known?.[0]?.spec.pool.generation ?? -1;
  const { generation } = slice.spec.pool;
  if (known === undefined || generation > newest) pools.set(id, [slice]);
  else if (generation === newest) known.push(slice);
}
