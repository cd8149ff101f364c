import type { Node } from '../machinery/api/core-v1.js';
import { DomainCounts, type DomainRule } from './domain-counts.js';
import type { NodeInfo } from './node-info.js';

/** Ways of grouping nodes that are kept for one count; the longest unused is dropped first. */
const GROUPINGS_MAX = 32;

/** How many of something stand on each node, and in each domain of a topology that was asked for; kept with every change. */
export class NodeCounts {
  readonly #perNode = new Map<NodeInfo, number>();
  readonly #groupings = new Map<string, DomainCounts>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  on(node: NodeInfo): number {
    return this.#perNode.get(node) ?? 0;
  }

  change(node: NodeInfo, by: number): void {
    const count = this.on(node) + by;
    if (count === 0) this.#perNode.delete(node);
    else this.#perNode.set(node, count);
    this.#total += by;
    if (node.node === undefined) return;
    for (const grouping of this.#groupings.values()) grouping.change(node.node, by);
  }

  /** The counts by domain; `nodes` are all that there are, looked at only when this rule is new. */
  grouped(rule: DomainRule, nodes: Iterable<NodeInfo>): DomainCounts {
    const known = this.#groupings.get(rule.id);
    if (known !== undefined) {
      if (this.#groupings.size > 1) {
        this.#groupings.delete(rule.id);
        this.#groupings.set(rule.id, known);
      }
      return known;
    }
    const grouping = new DomainCounts(rule);
    for (const info of nodes) if (info.node !== undefined) grouping.nodeChanged(undefined, info.node, this.on(info));
    this.#groupings.set(rule.id, grouping);
    if (this.#groupings.size > GROUPINGS_MAX) {
      const oldest = this.#groupings.keys().next();
      if (oldest.done !== true) this.#groupings.delete(oldest.value);
    }
    return grouping;
  }

  nodeChanged(info: NodeInfo, previous: Node | undefined): void {
    if (this.#groupings.size === 0) return;
    const count = this.on(info);
    for (const grouping of this.#groupings.values()) grouping.nodeChanged(previous, info.node, count);
  }
}
