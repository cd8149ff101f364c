import { amountsOf, type ResourceAmounts } from '../kinds/pod-requests.js';
import type { Node } from '../machinery/api/core-v1.js';
import { portsConflict, type HostPort, type PodInfo } from './pod-info.js';

const NO_IMAGES: ReadonlyMap<string, number> = new Map();

/** One node, the pods on it, and the sums over them, kept with every change. */
export class NodeInfo {
  readonly name: string;
  readonly #pods = new Map<string, PodInfo>();
  readonly #withPorts = new Set<PodInfo>();
  readonly #requested: Record<string, number> = { cpu: 0, memory: 0 };
  readonly #comparable: Record<string, number> = { cpu: 0, memory: 0 };
  #node: Node | undefined;
  #allocatable: ResourceAmounts = {};
  #images = NO_IMAGES;
  #isCordoned = false;
  #hasTaints = false;
  #version = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Rises with every change of the node and its pods. */
  get version(): number {
    return this.#version;
  }

  /** `undefined` where only pods of the node are known, not the node itself. */
  get node(): Node | undefined {
    return this.#node;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? {};
  }

  /** Asked of every node for every pod: kept here, as a look into the object is a look into memory far away. */
  get isCordoned(): boolean {
    return this.#isCordoned;
  }

  /** The same of taints, which most nodes have none of. */
  get hasTaints(): boolean {
    return this.#hasTaints;
  }

  get allocatable(): ResourceAmounts {
    return this.#allocatable;
  }

  get requested(): ResourceAmounts {
    return this.#requested;
  }

  get comparable(): ResourceAmounts {
    return this.#comparable;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  get pods(): Iterable<PodInfo> {
    return this.#pods.values();
  }

  /** Sizes in bytes of the images that the node has, by each of their names. */
  get images(): ReadonlyMap<string, number> {
    return this.#images;
  }

  setNode(node: Node | undefined): void {
    if (node?.status?.allocatable !== this.#node?.status?.allocatable) {
      this.#allocatable = amountsOf(node?.status?.allocatable ?? {});
    }
    if (node?.status?.images !== this.#node?.status?.images) this.#images = imagesOf(node);
    this.#isCordoned = node?.spec.unschedulable === true;
    this.#hasTaints = (node?.spec.taints ?? []).length > 0;
    this.#node = node;
    this.#version++;
  }

  addPod(info: PodInfo): void {
    this.removePod(info.uid);
    this.#pods.set(info.uid, info);
    this.#version++;
    if (info.hostPorts.length > 0) this.#withPorts.add(info);
    add(this.#requested, info.requests, 1);
    add(this.#comparable, info.comparable, 1);
  }

  removePod(uid: string): PodInfo | undefined {
    const info = this.#pods.get(uid);
    if (info === undefined) return undefined;
    this.#pods.delete(uid);
    this.#version++;
    this.#withPorts.delete(info);
    add(this.#requested, info.requests, -1);
    add(this.#comparable, info.comparable, -1);
    return info;
  }

  pod(uid: string): PodInfo | undefined {
    return this.#pods.get(uid);
  }

  /** Whether one of the ports is taken by a pod on this node. */
  hasPortConflict(wanted: readonly HostPort[]): boolean {
    for (const { hostPorts } of this.#withPorts) {
      if (hostPorts.some((taken) => wanted.some((each) => portsConflict(taken, each)))) return true;
    }
    return false;
  }
}

function imagesOf(node: Node | undefined): ReadonlyMap<string, number> {
  const images = node?.status?.images ?? [];
  if (images.length === 0) return NO_IMAGES;
  return new Map(images.flatMap(({ names, sizeBytes = 0 }) => (names ?? []).map((name) => [name, sizeBytes])));
}

function add(total: Record<string, number>, amounts: ResourceAmounts, sign: 1 | -1): void {
  for (const name in amounts) total[name] = (total[name] ?? 0) + sign * (amounts[name] ?? 0);
}
