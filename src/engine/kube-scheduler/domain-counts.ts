import type { Node } from '../machinery/api/core-v1.js';

/** Which domain of a topology a node belongs to; `undefined` for a node that does not count. Pure in the node. */
export interface DomainRule {
  readonly id: string;
  domainOf(node: Node): string | undefined;
}

interface Domain {
  nodes: number;
  count: number;
}

/** Sums over the domains of one topology. A domain exists as long as it has a node that counts. */
export class DomainCounts {
  readonly #rule: DomainRule;
  readonly #domains = new Map<string, Domain>();
  /** How many domains have each count: the least is found without a look at all of them. */
  readonly #histogram = new Map<number, number>();
  #least = 0;
  #total = 0;

  constructor(rule: DomainRule) {
    this.#rule = rule;
  }

  get size(): number {
    return this.#domains.size;
  }

  get total(): number {
    return this.#total;
  }

  /** The smallest count of all domains; 0 where there is none. */
  get least(): number {
    if (this.#domains.size === 0) return 0;
    while (!this.#histogram.has(this.#least)) this.#least++;
    return this.#least;
  }

  in(domain: string): number {
    return this.#domains.get(domain)?.count ?? 0;
  }

  change(node: Node, by: number): void {
    const name = this.#rule.domainOf(node);
    const domain = name === undefined ? undefined : this.#domains.get(name);
    if (domain !== undefined) this.#recount(domain, domain.count + by);
  }

  /** A node came, changed, or went; `count` is what stands on it. */
  nodeChanged(previous: Node | undefined, node: Node | undefined, count: number): void {
    const before = previous === undefined ? undefined : this.#rule.domainOf(previous);
    const now = node === undefined ? undefined : this.#rule.domainOf(node);
    if (before === now) return;
    if (before !== undefined) this.#leave(before, count);
    if (now !== undefined) this.#join(now, count);
  }

  #join(name: string, count: number): void {
    const domain = this.#domains.get(name);
    if (domain !== undefined) {
      domain.nodes++;
      return this.#recount(domain, domain.count + count);
    }
    this.#domains.set(name, { nodes: 1, count });
    this.#total += count;
    this.#note(count);
  }

  #leave(name: string, count: number): void {
    const domain = this.#domains.get(name);
    if (domain === undefined) return;
    this.#recount(domain, domain.count - count);
    domain.nodes--;
    if (domain.nodes > 0) return;
    this.#domains.delete(name);
    this.#forget(domain.count);
  }

  #recount(domain: Domain, count: number): void {
    this.#total += count - domain.count;
    this.#forget(domain.count);
    domain.count = count;
    this.#note(count);
  }

  #note(count: number): void {
    this.#histogram.set(count, (this.#histogram.get(count) ?? 0) + 1);
    if (count < this.#least || this.#histogram.size === 1) this.#least = count;
  }

  #forget(count: number): void {
    const left = (this.#histogram.get(count) ?? 0) - 1;
    if (left > 0) this.#histogram.set(count, left);
    else this.#histogram.delete(count);
  }
}
