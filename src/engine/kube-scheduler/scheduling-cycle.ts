import { assert } from '../kernel/assert.js';
import type { Random } from '../kernel/random.js';
import { FilterRun, type RejectedEverywhere } from './filter-run.js';
import { unresolvable, type Cycle, type Plugin, type Rejection } from './framework.js';
import type { NodeInfo } from './node-info.js';
import type { Nominator } from './nominator.js';
import type { Profile } from './profile.js';

/** Up to this many nodes, all are looked at. */
const NODES_TO_FIND_MIN = 100;
const PERCENTAGE_BASE = 50;
const PERCENTAGE_MIN = 5;
const NODES_PER_PERCENT = 125;

/** The nodes that were looked at and do not take the pod, with the reason of each. */
export interface Rejections {
  readonly nodes: readonly NodeInfo[];
  readonly reasons: readonly Rejection[];
  readonly plugins: readonly Plugin[];
}

/** What one plugin made of the feasible nodes, in their order: 0 to 100, still to be weighted. */
export interface PluginScores {
  readonly plugin: Plugin;
  readonly weight: number;
  readonly scores: Uint8Array;
}

export interface Search {
  readonly run: FilterRun;
  readonly nodeCount: number;
  readonly everywhere: RejectedEverywhere | undefined;
  readonly rejections: Rejections;
  /** For nodes that a plugin excluded by name. */
  readonly elsewhere: Rejection | undefined;
  readonly feasible: readonly NodeInfo[];
  readonly scored: readonly PluginScores[];
  /** The best of the feasible; `undefined` where there is none. */
  readonly node: NodeInfo | undefined;
}

interface Found {
  readonly feasible: NodeInfo[];
  readonly nodes: NodeInfo[];
  readonly reasons: Rejection[];
  readonly plugins: Plugin[];
}

/** Finds the node for one pod: filters, scores, and picks one of the best by lot. It decides and changes nothing. */
export class SchedulingCycle {
  readonly #nominator: Nominator;
  readonly #random: Random;
  /** Where the search goes on, so that in a large cluster every node gets its turn. */
  #nextStart = 0;

  constructor(nominator: Nominator, random: Random) {
    this.#nominator = nominator;
    this.#random = random;
  }

  search(cycle: Cycle, profile: Profile): Search {
    const { nodes } = cycle.cache;
    const run = new FilterRun(cycle, this.#nominator, profile.filters);
    const found: Found = { feasible: [], nodes: [], reasons: [], plugins: [] };
    if (run.everywhere === undefined) this.#look(run, found, profile);
    const { feasible, ...rejections } = found;
    const scored: PluginScores[] = [];
    const node = feasible.length < 2 ? feasible[0] : this.#best({ cycle, profile, feasible }, scored);
    const { everywhere, only, onlyBy } = run;
    const names = onlyBy.map(({ name }) => name).sort();
    const elsewhere =
      only === undefined ? undefined : unresolvable(`node(s) didn't satisfy plugin(s) [${names.join(' ')}]`);
    return { run, nodeCount: nodes.length, everywhere, rejections, elsewhere, feasible, scored, node };
  }

  #look(run: FilterRun, found: Found, profile: Profile): void {
    const { cache, info } = run.cycle;
    const promised = cache.node(this.#nominator.nodeOf(info.uid) ?? run.cycle.pod.status?.nominatedNodeName ?? '');
    if (promised !== undefined) {
      if (run.test(promised) === undefined) {
        found.feasible.push(promised);
        return;
      }
    }
    const { only } = run;
    const all = cache.nodes;
    const nodes = only === undefined ? all : all.filter(({ name }) => only.has(name));
    const wanted = profile.scorers.length === 0 ? 1 : nodesToFind(nodes.length, profile.percentageOfNodesToScore);
    let looked = 0;
    for (; looked < nodes.length && found.feasible.length < wanted; looked++) {
      const node = nodes[(this.#nextStart + looked) % nodes.length];
      assert(node !== undefined, 'an index modulo the length is within');
      const rejection = run.test(node);
      if (rejection === undefined) found.feasible.push(node);
      else note(found, node, rejection, run.rejectedBy);
    }
    this.#nextStart = all.length === 0 ? 0 : (this.#nextStart + looked) % all.length;
  }

  #best({ cycle, profile, feasible }: Candidates, scored: PluginScores[]): NodeInfo {
    const totals = new Array<number>(feasible.length).fill(0);
    for (const { plugin, weight } of profile.scorers) {
      const scorer = plugin.score?.(cycle, feasible);
      if (scorer === undefined) continue;
      const scores = feasible.map((node) => scorer.score(node));
      scorer.normalize?.(scores, feasible);
      const kept = new Uint8Array(scores.length);
      for (let index = 0; index < scores.length; index++) {
        const score = scores[index] ?? 0;
        totals[index] = (totals[index] ?? 0) + score * weight;
        kept[index] = score;
      }
      scored.push({ plugin, weight, scores: kept });
    }
    const node = feasible[this.#pickHighest(totals)];
    assert(node !== undefined, 'somebody is best');
    return node;
  }

  /** Among equals each has the same chance. */
  #pickHighest(totals: readonly number[]): number {
    let best = 0;
    let highest = -1;
    let equals = 0;
    for (let index = 0; index < totals.length; index++) {
      const total = totals[index] ?? 0;
      if (total < highest) continue;
      equals = total > highest ? 1 : equals + 1;
      highest = total;
      if (equals === 1 || this.#random.below(equals) === 0) best = index;
    }
    return best;
  }
}

interface Candidates {
  readonly cycle: Cycle;
  readonly profile: Profile;
  readonly feasible: readonly NodeInfo[];
}

function note(found: Found, node: NodeInfo, rejection: Rejection, plugin: Plugin | undefined): void {
  assert(plugin !== undefined, 'a rejection is somebody’s');
  found.nodes.push(node);
  found.reasons.push(rejection);
  found.plugins.push(plugin);
}

/** Fewer in proportion, the larger the cluster, unless the profile says what share; at least `NODES_TO_FIND_MIN`. */
function nodesToFind(count: number, configured: number): number {
  if (count < NODES_TO_FIND_MIN) return count;
  const adaptive = Math.max(PERCENTAGE_BASE - Math.floor(count / NODES_PER_PERCENT), PERCENTAGE_MIN);
  const percentage = configured === 0 ? adaptive : configured;
  return Math.max(Math.floor((count * percentage) / 100), NODES_TO_FIND_MIN);
}
