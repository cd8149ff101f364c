/** What all expressions of one policy, one webhook or one object may cost together. */
export class Spending {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** Whether there was as much left. */
  take(cost: number): boolean {
    this.#left -= cost;
    return this.#left >= 0;
  }
}
