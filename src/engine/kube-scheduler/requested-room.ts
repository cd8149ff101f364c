import type { ResourceAmounts } from '../kinds/pod-requests.js';
import type { Rejection, WhatIf } from './framework.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';

/** The order in which reasons are given: what every node has first. */
const NATIVE = ['cpu', 'memory', 'ephemeral-storage'] as const;

/**
 * What a pod requests, held against many nodes. An answer is a set of what is short, as bits of a number: equal answers
 * are one object, made once.
 */
export class RequestedRoom {
  readonly #names: readonly string[];
  readonly #amounts: readonly number[];
  readonly #answers = new Map<number, Rejection>();

  constructor(requests: ResourceAmounts, isIgnored: (name: string) => boolean) {
    const asked = Object.keys(requests).filter((name) => (requests[name] ?? 0) > 0 && !isIgnored(name));
    this.#names = asked.sort((a, b) => rankOf(a) - rankOf(b));
    this.#amounts = this.#names.map((name) => requests[name] ?? 0);
  }

  check(node: NodeInfo): Rejection | undefined {
    const { allocatable, requested } = node;
    const names = this.#names;
    let short = node.podCount < (allocatable['pods'] ?? 0) ? 0 : 1;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] ?? '';
      const capacity = allocatable[name] ?? 0;
      const amount = this.#amounts[index] ?? 0;
      if (amount > capacity - (requested[name] ?? 0)) short += bitsOf(index, amount > capacity);
    }
    return short === 0 ? undefined : this.#answer(short);
  }

  /** The node's room, reckoned on with pods that come and go in thought. */
  whatIf(node: NodeInfo): WhatIf {
    const { allocatable, requested } = node;
    const names = this.#names;
    const free = names.map((name) => (allocatable[name] ?? 0) - (requested[name] ?? 0));
    let slots = (allocatable['pods'] ?? 0) - node.podCount;
    const change = ({ requests }: PodInfo, sign: 1 | -1): void => {
      slots += sign;
      for (let index = 0; index < names.length; index++) {
        free[index] = (free[index] ?? 0) + sign * (requests[names[index] ?? ''] ?? 0);
      }
    };
    return {
      add: (info) => change(info, -1),
      remove: (info) => change(info, 1),
      check: () => {
        let short = slots >= 1 ? 0 : 1;
        for (let index = 0; index < names.length; index++) {
          const amount = this.#amounts[index] ?? 0;
          if (amount <= (free[index] ?? 0)) continue;
          short += bitsOf(index, amount > (allocatable[names[index] ?? ''] ?? 0));
        }
        return short === 0 ? undefined : this.#answer(short);
      },
    };
  }

  #answer(short: number): Rejection {
    const known = this.#answers.get(short);
    if (known !== undefined) return known;
    const reasons: string[] = short % 2 === 1 ? ['Too many pods'] : [];
    let unresolvable = false;
    for (const [index, name] of this.#names.entries()) {
      const bits = Math.floor(short / bitsOf(index, false)) % 4;
      if (bits > 0) reasons.push(`Insufficient ${name}`);
      if (bits === 3) unresolvable = true;
    }
    const answer = { reasons, unresolvable };
    this.#answers.set(short, answer);
    return answer;
  }
}

/** Two bits for each resource: that it is short, and that the node never has so much. */
const bitsOf = (index: number, isNeverEnough: boolean): number => (isNeverEnough ? 3 : 1) * 2 ** (1 + 2 * index);

function rankOf(name: string): number {
  const rank = NATIVE.findIndex((each) => each === name);
  return rank < 0 ? NATIVE.length : rank;
}
