import type { Node, Pod } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import type { DomainCounts, DomainRule } from './domain-counts.js';
import type { NodeCounts } from './node-counts.js';
import { NodeInfo } from './node-info.js';
import { podInfo, type PodInfo } from './pod-info.js';
import { PodTallies, type PodRule } from './pod-tallies.js';
import { TermBook } from './term-book.js';
import { zonesInTurn } from './zones-in-turn.js';

/**
 * The scheduler's picture of the cluster: nodes with the pods that are bound to them or assumed to be (an assumed pod
 * counts from the decision on), and what is summed over them. All of it is kept with every change: a cycle that sees no
 * change in between needs no snapshot, and what it tries out it takes back before it ends.
 */
export class SchedulerCache {
  readonly terms = new TermBook();
  readonly #tallies = new PodTallies();
  readonly #nodes = new Map<string, NodeInfo>();
  /** Where each pod is reckoned, by uid. */
  readonly #places = new Map<string, NodeInfo>();
  /** How many pods there are of each priority. */
  readonly #priorities = new Map<number, number>();
  /** Which placed pods use each claim, by uid. */
  readonly #claims = new Map<string, Set<string>>();
  /** On how many nodes each image is. */
  readonly #imageSpread = new Map<string, number>();
  #listed: readonly NodeInfo[] | undefined;

  /** The nodes that exist, zone by zone in turn, as upstream's node tree lists them. */
  get nodes(): readonly NodeInfo[] {
    this.#listed ??= zonesInTurn(Array.from(this.#nodes.values()).filter(({ node }) => node !== undefined));
    return this.#listed;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  setNode(node: Node): void {
    const info = this.#infoOf(node.metadata.name);
    const previous = info.node;
    if (previous?.metadata.labels !== node.metadata.labels) this.#listed = undefined;
    this.#changeNode(info, node);
    if (previous?.metadata.labels === node.metadata.labels && previous?.spec === node.spec) return;
    this.#tallies.nodeChanged(info, previous);
    this.terms.nodeChanged(info, previous);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    const previous = info?.node;
    if (info === undefined || previous === undefined) return;
    this.#changeNode(info, undefined);
    this.#listed = undefined;
    this.#tallies.nodeChanged(info, previous);
    this.terms.nodeChanged(info, previous);
    this.#dropIfEmpty(info);
  }

  /** Reckons with a pod on a node, decided or bound. Known already, it is replaced. */
  addPod(pod: Pod, nodeName: string): void {
    const uid = pod.metadata.uid ?? '';
    const place = this.#places.get(uid);
    const known = place?.pod(uid);
    if (place?.name === nodeName && known !== undefined && isReckonedAlike(known.pod, pod)) {
      known.pod = pod;
      return;
    }
    this.place(podInfo(pod), nodeName);
  }

  place(info: PodInfo, nodeName: string): void {
    this.removePod(info.uid);
    const node = this.#infoOf(nodeName);
    this.#places.set(info.uid, node);
    node.addPod(info);
    count(this.#priorities, info.priority, 1);
    for (const claim of info.claims) {
      const users = this.#claims.get(claim);
      if (users === undefined) this.#claims.set(claim, new Set([info.uid]));
      else users.add(info.uid);
    }
    this.#tallies.podAdded(node, info.pod);
    this.terms.podAdded(node, info);
  }

  /** The pod that had a place, if it had one. */
  removePod(uid: string): PodInfo | undefined {
    const node = this.#places.get(uid);
    const info = node?.removePod(uid);
    if (node === undefined || info === undefined) return undefined;
    this.#places.delete(uid);
    count(this.#priorities, info.priority, -1);
    for (const claim of info.claims) {
      const users = this.#claims.get(claim);
      users?.delete(uid);
      if (users?.size === 0) this.#claims.delete(claim);
    }
    this.#tallies.podRemoved(node, info.pod);
    this.terms.podRemoved(node, info);
    this.#dropIfEmpty(node);
    return info;
  }

  has(uid: string): boolean {
    return this.#places.has(uid);
  }

  /** Whether a placed pod is less important than that. */
  hasPodsBelow(priority: number): boolean {
    for (const each of this.#priorities.keys()) if (each < priority) return true;
    return false;
  }

  /** Whether a pod on a node that exists uses the claim of this key. */
  isClaimUsed(key: string): boolean {
    for (const uid of this.#claims.get(key) ?? NOBODY) if (this.#places.get(uid)?.node !== undefined) return true;
    return false;
  }

  nodesWithImage(name: string): number {
    return this.#imageSpread.get(name) ?? 0;
  }

  /** How many pods that fall under the rule are on each node. */
  podCounts(rule: PodRule): NodeCounts {
    return this.#tallies.counts(rule, this.#nodes.values());
  }

  byDomain(counts: NodeCounts, rule: DomainRule): DomainCounts {
    return counts.grouped(rule, this.#nodes.values());
  }

  #changeNode(info: NodeInfo, node: Node | undefined): void {
    const before = info.images;
    info.setNode(node);
    if (info.images === before) return;
    for (const name of before.keys()) count(this.#imageSpread, name, -1);
    for (const name of info.images.keys()) count(this.#imageSpread, name, 1);
  }

  #infoOf(name: string): NodeInfo {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const info = new NodeInfo(name);
    this.#nodes.set(name, info);
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (info.node === undefined && info.podCount === 0) this.#nodes.delete(info.name);
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function count<Key>(counts: Map<Key, number>, key: Key, by: 1 | -1): void {
  const changed = (counts.get(key) ?? 0) + by;
  if (changed > 0) counts.set(key, changed);
  else counts.delete(key);
}

/** A pod that was bound, or whose status changed, weighs what it weighed. */
const isReckonedAlike = (known: Pod, pod: Pod): boolean =>
  deepEqual(known.metadata.labels, pod.metadata.labels) &&
  known.metadata.deletionTimestamp === pod.metadata.deletionTimestamp &&
  known.spec.containers === pod.spec.containers &&
  known.spec.initContainers === pod.spec.initContainers &&
  known.spec.resources === pod.spec.resources &&
  known.spec.affinity === pod.spec.affinity;
