import { assert } from '../kernel/assert.js';
import type { Random } from '../kernel/random.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { Diagnosis } from './diagnosis.js';
import type { CycleState, Plugin, Rejection } from './framework.js';
import type { NodeInfo } from './node-info.js';

/** Up to this many nodes, all are looked at. */
const NODES_TO_FIND_MIN = 100;
const PERCENTAGE_BASE = 50;
const PERCENTAGE_MIN = 5;
const NODES_PER_PERCENT = 125;

export type CycleOutcome =
  | { readonly node: NodeInfo; readonly evaluated: number; readonly feasible: number }
  | { readonly node?: never; readonly diagnosis: Diagnosis; readonly rejectedBy: ReadonlySet<Plugin> };

/** Finds the node for one pod: filters, scores, and picks one of the best by lot. It decides and changes nothing. */
export class SchedulingCycle {
  readonly #plugins: readonly Plugin[];
  readonly #random: Random;
  /** Where the search goes on, so that in a large cluster every node gets its turn. */
  #nextStart = 0;

  constructor(plugins: readonly Plugin[], random: Random) {
    this.#plugins = plugins;
    this.#random = random;
  }

  run(pod: Pod, nodes: readonly NodeInfo[]): CycleOutcome {
    const state: CycleState = new Map();
    const rejectedBy = new Set<Plugin>();
    const filters: Plugin[] = [];
    for (const plugin of this.#plugins) {
      const verdict = plugin.preFilter?.(pod, state);
      if (verdict !== undefined && verdict !== 'skip') {
        rejectedBy.add(plugin);
        return { diagnosis: { nodeCount: nodes.length, everywhere: verdict }, rejectedBy };
      }
      if (verdict !== 'skip' && plugin.filter !== undefined) filters.push(plugin);
    }
    const byNode = new Map<string, Rejection>();
    const feasible = this.#feasible(nodes, (node) => {
      for (const plugin of filters) {
        const rejected = plugin.filter?.(pod, node, state);
        if (rejected === undefined) continue;
        rejectedBy.add(plugin);
        byNode.set(node.name, rejected);
        return false;
      }
      return true;
    });
    if (feasible.length === 0) return { diagnosis: { nodeCount: nodes.length, byNode }, rejectedBy };
    const node = this.#best(pod, feasible, state);
    return { node, evaluated: feasible.length + byNode.size, feasible: feasible.length };
  }

  #feasible(nodes: readonly NodeInfo[], fits: (node: NodeInfo) => boolean): readonly NodeInfo[] {
    const wanted = nodesToFind(nodes.length);
    const found: NodeInfo[] = [];
    let looked = 0;
    for (; looked < nodes.length && found.length < wanted; looked++) {
      const node = nodes[(this.#nextStart + looked) % nodes.length];
      assert(node !== undefined, 'an index modulo the length is within');
      if (fits(node)) found.push(node);
    }
    this.#nextStart = nodes.length === 0 ? 0 : (this.#nextStart + looked) % nodes.length;
    return found;
  }

  #best(pod: Pod, feasible: readonly NodeInfo[], state: CycleState): NodeInfo {
    const [only] = feasible;
    assert(only !== undefined, 'somebody is feasible');
    if (feasible.length === 1) return only;
    const totals = new Map<NodeInfo, number>(feasible.map((node) => [node, 0]));
    for (const plugin of this.#plugins) {
      if (plugin.score === undefined || plugin.preScore?.(pod, feasible, state) === 'skip') continue;
      const raw = feasible.map((node) => ({ node, score: plugin.score?.(pod, node, state) ?? 0 }));
      for (const { node, score } of plugin.normalize?.(raw) ?? raw) {
        totals.set(node, (totals.get(node) ?? 0) + score * (plugin.weight ?? 1));
      }
    }
    return this.#pickHighest(totals);
  }

  /** Among equals each has the same chance. */
  #pickHighest(totals: ReadonlyMap<NodeInfo, number>): NodeInfo {
    let best: NodeInfo | undefined;
    let highest = -1;
    let equals = 0;
    for (const [node, total] of totals) {
      if (total < highest) continue;
      equals = total > highest ? 1 : equals + 1;
      highest = total;
      if (equals === 1 || this.#random.below(equals) === 0) best = node;
    }
    assert(best !== undefined, 'somebody is best');
    return best;
  }
}

/** Upstream's `percentageOfNodesToScore` at its default: fewer in proportion, the larger the cluster. */
function nodesToFind(count: number): number {
  if (count < NODES_TO_FIND_MIN) return count;
  const percentage = Math.max(PERCENTAGE_BASE - Math.floor(count / NODES_PER_PERCENT), PERCENTAGE_MIN);
  return Math.max(Math.floor((count * percentage) / 100), NODES_TO_FIND_MIN);
}
