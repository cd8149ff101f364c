import type { Pod } from '../machinery/api/core-v1.js';
import { meansPod, type AffinityTerm } from './affinity-term.js';
import { NodeCounts } from './node-counts.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';
import { SelectorIndex } from './selector-index.js';

type Kind = 'required' | 'requiredAnti' | 'preferred';

/** One term that placed pods have, and where those pods are. */
export interface TermGroup {
  readonly term: AffinityTerm;
  /** Of a preferred term; 0 otherwise. */
  readonly weight: number;
  readonly counts: NodeCounts;
}

/** The affinity terms of all placed pods, equal ones as one: what they say of a newcomer is found by its labels. */
export class TermBook {
  readonly #groups = new Map<string, TermGroup>();
  readonly #index: Readonly<Record<Kind, SelectorIndex<TermGroup>>> = {
    required: new SelectorIndex(),
    requiredAnti: new SelectorIndex(),
    preferred: new SelectorIndex(),
  };
  #version = 0;

  /** Rises when a term appears that was not there before. */
  get version(): number {
    return this.#version;
  }

  podAdded(node: NodeInfo, info: PodInfo): void {
    this.#count(node, info, 1);
  }

  podRemoved(node: NodeInfo, info: PodInfo): void {
    this.#count(node, info, -1);
  }

  nodeChanged(...change: Parameters<NodeCounts['nodeChanged']>): void {
    for (const { counts } of this.#groups.values()) counts.nodeChanged(...change);
  }

  /** The terms of one kind that mean the pod. */
  about(kind: Kind, pod: Pod, namespaceLabels: Readonly<Record<string, string>>): readonly TermGroup[] {
    const found: TermGroup[] = [];
    if (this.#groups.size === 0) return found;
    this.#index[kind].visit(pod.metadata.labels, (group) => {
      if (meansPod(group.term, pod, namespaceLabels)) found.push(group);
    });
    return found;
  }

  #count(node: NodeInfo, { affinities }: PodInfo, by: 1 | -1): void {
    const { required, requiredAnti, preferred } = affinities;
    for (const term of required) this.#note('required', { term, weight: 0 }, node, by);
    for (const term of requiredAnti) this.#note('requiredAnti', { term, weight: 0 }, node, by);
    for (const weighted of preferred) this.#note('preferred', weighted, node, by);
  }

  #note(kind: Kind, { term, weight }: Pick<TermGroup, 'term' | 'weight'>, node: NodeInfo, by: 1 | -1): void {
    const id = `${kind} ${weight} ${term.id}`;
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { term, weight, counts: new NodeCounts() };
      this.#groups.set(id, group);
      this.#index[kind].add(term.selector, group);
      this.#version++;
    }
    group.counts.change(node, by);
    if (group.counts.total > 0) return;
    this.#groups.delete(id);
    this.#index[kind].delete(term.selector, group);
  }
}
