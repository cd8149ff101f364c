import type { Pod } from '../machinery/api/core-v1.js';
import { matches, type LabelRequirements } from '../machinery/label-selector.js';
import { NodeCounts } from './node-counts.js';
import type { NodeInfo } from './node-info.js';
import { SelectorIndex } from './selector-index.js';

/** Questions of the kind "how many such pods are where" that are kept answered; the longest unused is dropped first. */
const TALLIES_MAX = 512;

/** Which pods are counted. */
export interface PodRule {
  readonly id: string;
  /** `undefined` for all. */
  readonly namespaces: readonly string[] | undefined;
  readonly selector: LabelRequirements;
  readonly countsTerminating: boolean;
}

interface Tally {
  readonly rule: PodRule;
  readonly counts: NodeCounts;
}

const EVERYWHERE = '';

/**
 * Counts of pods by rule, each made by one look at all pods when it is first asked for, and from then on kept with every
 * pod that comes or goes. So the cost of a pod depends on the rules it falls under, not on how many pods there are.
 */
export class PodTallies {
  readonly #tallies = new Map<string, Tally>();
  readonly #byNamespace = new Map<string, SelectorIndex<Tally>>();

  counts(rule: PodRule, nodes: Iterable<NodeInfo>): NodeCounts {
    const known = this.#tallies.get(rule.id);
    if (known !== undefined) {
      this.#tallies.delete(rule.id);
      this.#tallies.set(rule.id, known);
      return known.counts;
    }
    const tally: Tally = { rule, counts: new NodeCounts() };
    for (const node of nodes) {
      let count = 0;
      for (const { pod } of node.pods) if (isCounted(rule, pod)) count++;
      if (count > 0) tally.counts.change(node, count);
    }
    this.#keep(tally);
    return tally.counts;
  }

  podAdded(node: NodeInfo, pod: Pod): void {
    if (this.#tallies.size > 0) this.#count(node, pod, 1);
  }

  podRemoved(node: NodeInfo, pod: Pod): void {
    if (this.#tallies.size > 0) this.#count(node, pod, -1);
  }

  nodeChanged(...change: Parameters<NodeCounts['nodeChanged']>): void {
    for (const { counts } of this.#tallies.values()) counts.nodeChanged(...change);
  }

  #keep(tally: Tally): void {
    const { rule } = tally;
    this.#tallies.set(rule.id, tally);
    for (const namespace of rule.namespaces ?? [EVERYWHERE]) {
      const index = this.#byNamespace.get(namespace) ?? new SelectorIndex<Tally>();
      index.add(rule.selector, tally);
      this.#byNamespace.set(namespace, index);
    }
    if (this.#tallies.size <= TALLIES_MAX) return;
    const [oldest] = this.#tallies.values();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(tally: Tally): void {
    this.#tallies.delete(tally.rule.id);
    for (const namespace of tally.rule.namespaces ?? [EVERYWHERE]) {
      this.#byNamespace.get(namespace)?.delete(tally.rule.selector, tally);
    }
  }

  #count(node: NodeInfo, pod: Pod, by: 1 | -1): void {
    const see = ({ rule, counts }: Tally): void => {
      if (isCounted(rule, pod)) counts.change(node, by);
    };
    const { labels, namespace = '' } = pod.metadata;
    this.#byNamespace.get(EVERYWHERE)?.visit(labels, see);
    this.#byNamespace.get(namespace)?.visit(labels, see);
  }
}

function isCounted({ namespaces, selector, countsTerminating }: PodRule, { metadata }: Pod): boolean {
  if (namespaces?.includes(metadata.namespace ?? '') === false) return false;
  if (!countsTerminating && metadata.deletionTimestamp !== undefined) return false;
  return matches(selector, metadata.labels);
}
