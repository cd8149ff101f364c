import type { Cycle, NodeFilter, Plugin, Rejection, WhatIf } from './framework.js';
import type { NodeInfo } from './node-info.js';
import type { Nominator } from './nominator.js';

interface Check {
  readonly plugin: Plugin;
  readonly filter: NodeFilter;
  check(node: NodeInfo): Rejection | undefined;
}

/** A rejection for the whole cluster, and whose it is. */
export interface RejectedEverywhere {
  readonly plugin: Plugin;
  readonly rejection: Rejection;
}

/** The filters of one profile, asked about one pod. */
export class FilterRun {
  readonly cycle: Cycle;
  readonly #nominator: Nominator;
  readonly #checks: Check[] = [];
  #everywhere: RejectedEverywhere | undefined;
  #only: ReadonlySet<string> | undefined;
  readonly #onlyBy: Plugin[] = [];
  #rejectedBy: Plugin | undefined;

  constructor(cycle: Cycle, nominator: Nominator, plugins: readonly Plugin[]) {
    this.cycle = cycle;
    this.#nominator = nominator;
    for (const plugin of plugins) {
      const filter = plugin.filter?.(cycle);
      if (filter === undefined) continue;
      if (filter.rejects !== undefined) {
        this.#everywhere = { plugin, rejection: filter.rejects };
        return;
      }
      if (filter.only !== undefined) this.#restrict(plugin, filter.only);
      if (filter.check !== undefined) this.#checks.push({ plugin, filter, check: filter.check.bind(filter) });
    }
  }

  get everywhere(): RejectedEverywhere | undefined {
    return this.#everywhere;
  }

  /** The names of the only nodes that come into question; `undefined` for all. */
  get only(): ReadonlySet<string> | undefined {
    return this.#only;
  }

  get onlyBy(): readonly Plugin[] {
    return this.#onlyBy;
  }

  /** Whose the last rejection was. */
  get rejectedBy(): Plugin | undefined {
    return this.#rejectedBy;
  }

  /** All filters of the node with the pods that it has now, and with those that are promised a place there. */
  test(node: NodeInfo): Rejection | undefined {
    const { info, cache } = this.cycle;
    if (this.#nominator.isEmpty) return this.#testAsIs(node);
    const promised = this.#nominator.ahead(node.name, info);
    if (promised.length === 0) return this.#testAsIs(node);
    const added = promised.filter(({ uid }) => !cache.has(uid));
    for (const each of added) cache.place(each, node.name);
    const rejection = this.#testAsIs(node);
    for (const { uid } of added) cache.removePod(uid);
    return rejection ?? (added.length === 0 ? undefined : this.#testAsIs(node));
  }

  /** Whether a change of pods on the node can be tried in thought, with nobody else to reckon with. */
  canImagine(node: NodeInfo): boolean {
    const isClear = this.#nominator.isEmpty || this.#nominator.ahead(node.name, this.cycle.info).length === 0;
    return isClear && this.#checks.every(({ filter }) => filter.ignoresPods === true || filter.whatIf !== undefined);
  }

  /** All filters of the node with its pods changed in thought; `undefined` where one of them cannot be asked so. */
  whatIf(node: NodeInfo): WhatIf | undefined {
    const parts: WhatIf[] = [];
    let alone: Rejection | undefined;
    for (const { filter, check } of this.#checks) {
      if (filter.ignoresPods === true) {
        // Nobody is asked after a filter that refuses the node in any case.
        alone ??= check(node);
      } else if (filter.whatIf === undefined) return undefined;
      else if (alone === undefined) parts.push(filter.whatIf(node));
    }
    for (const part of parts) for (const each of this.#nominator.ahead(node.name, this.cycle.info)) part.add(each);
    return {
      add: (pod) => parts.forEach((part) => part.add(pod)),
      remove: (pod) => parts.forEach((part) => part.remove(pod)),
      check: () => firstOf(parts) ?? alone,
    };
  }

  /** The filters that no change of pods changes. */
  testNodeAlone(node: NodeInfo): Rejection | undefined {
    for (const { filter, check } of this.#checks) {
      const rejection = filter.ignoresPods === true ? check(node) : undefined;
      if (rejection !== undefined) return rejection;
    }
    return undefined;
  }

  #testAsIs(node: NodeInfo): Rejection | undefined {
    const checks = this.#checks;
    for (let index = 0; index < checks.length; index++) {
      const each = checks[index];
      const rejection = each?.check(node);
      if (rejection === undefined) continue;
      this.#rejectedBy = each?.plugin;
      return rejection;
    }
    return undefined;
  }

  #restrict(plugin: Plugin, only: ReadonlySet<string>): void {
    const before = this.#only;
    this.#only = before === undefined ? only : new Set(Array.from(before).filter((name) => only.has(name)));
    this.#onlyBy.push(plugin);
  }
}

function firstOf(parts: readonly WhatIf[]): Rejection | undefined {
  for (const part of parts) {
    const rejection = part.check();
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}
