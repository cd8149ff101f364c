import type { PodInfo } from './pod-info.js';

const NOBODY: ReadonlyMap<string, PodInfo> = new Map();

/** Pods that wait for a node which was promised to them: others reckon with them there as if they were placed. */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  /** An empty node name takes the promise back. */
  set(info: PodInfo, nodeName: string): void {
    this.remove(info.uid);
    if (nodeName === '') return;
    this.#nodeOf.set(info.uid, nodeName);
    const there = this.#byNode.get(nodeName);
    if (there === undefined) this.#byNode.set(nodeName, new Map([[info.uid, info]]));
    else there.set(info.uid, info);
  }

  remove(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const there = this.#byNode.get(nodeName);
    if (there?.delete(uid) === true && there.size === 0) this.#byNode.delete(nodeName);
  }

  get isEmpty(): boolean {
    return this.#byNode.size === 0;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  on(nodeName: string): ReadonlyMap<string, PodInfo> {
    return this.#byNode.size === 0 ? NOBODY : (this.#byNode.get(nodeName) ?? NOBODY);
  }

  /** Whom a pod has to reckon with on a node: others, at least as important as itself. */
  ahead(nodeName: string, pod: Pick<PodInfo, 'uid' | 'priority'>): readonly PodInfo[] {
    const there = this.on(nodeName);
    if (there.size === 0) return [];
    return Array.from(there.values()).filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
  }
}
