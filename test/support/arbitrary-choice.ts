import { Random } from '../../src/engine/kernel/random.js';

/** Choices by lot, the same ones for the same seed. */
export class ArbitraryChoice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = Random.seeded(seed);
  }

  count(below: number): number {
    return this.#random.below(below);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!;
  }

  isLucky(percent: number): boolean {
    return this.#random.below(100) < percent;
  }
}
