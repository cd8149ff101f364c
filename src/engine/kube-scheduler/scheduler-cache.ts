import type { Node, Pod } from '../machinery/api/core-v1.js';
import { NodeInfo, podInfo, type PodInfo } from './node-info.js';

/**
 * The scheduler's picture of the cluster: nodes in the order of their appearance, with the pods that are bound to them
 * or assumed to be: an assumed pod counts from the decision on, before its binding has come back.
 */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Where each pod is reckoned, by uid. */
  readonly #places = new Map<string, string>();
  #listed: readonly NodeInfo[] | undefined;

  /** The nodes that exist. */
  get nodes(): readonly NodeInfo[] {
    this.#listed ??= Array.from(this.#nodes.values()).filter(({ node }) => node !== undefined);
    return this.#listed;
  }

  setNode(node: Node): void {
    const info = this.#infoOf(node.metadata.name);
    if (info.node === undefined) this.#listed = undefined;
    info.setNode(node);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (info === undefined) return;
    info.setNode(undefined);
    this.#listed = undefined;
    this.#dropIfEmpty(info);
  }

  /** Reckons with a pod on a node, decided or bound. Known already, it is replaced. */
  addPod(pod: Pod, nodeName: string, info: PodInfo = podInfo(pod)): void {
    const uid = pod.metadata.uid ?? '';
    const place = this.#places.get(uid);
    if (place !== undefined && place !== nodeName) this.removePod(uid);
    this.#places.set(uid, nodeName);
    this.#infoOf(nodeName).addPod(info);
  }

  /** Whether the pod had a place. */
  removePod(uid: string): boolean {
    const place = this.#places.get(uid);
    if (place === undefined) return false;
    this.#places.delete(uid);
    const info = this.#nodes.get(place);
    if (info === undefined) return false;
    info.removePod(uid);
    this.#dropIfEmpty(info);
    return true;
  }

  has(uid: string): boolean {
    return this.#places.has(uid);
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
