/** The parts of a lane that were taken are cut off together, past this many. */
const TAKEN_MAX = 256;
/** Names that are kept though nothing of theirs waits: most that come, come again, and a Map that is emptied over and over leaves
 * a trail of tables that hold one another until the whole heap is collected. */
const IDLE_LANES_MAX = 64;

interface Lane<T> {
  readonly name: string;
  items: T[];
  taken: number;
}

/**
 * A queue in which names take turns: each name's own items come in their order, and between two items of one name comes one
 * of every other that has any. So whoever brings much waits for himself. The names without items that are
 * kept are few.
 */
export class FairQueue<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  /** Those with items, whose turn it is next first; those before `#turn` had theirs. */
  #order: Lane<T>[] = [];
  #turn = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(name: string, item: T): void {
    this.#size++;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { name, items: [], taken: 0 };
      this.#lanes.set(name, lane);
    }
    if (lane.items.push(item) === 1) this.#order.push(lane);
  }

  next(): T | undefined {
    const lane = this.#order[this.#turn];
    if (lane === undefined) return undefined;
    this.#turn++;
    this.#size--;
    const item = lane.items[lane.taken++];
    if (lane.taken === lane.items.length) {
      lane.items = [];
      lane.taken = 0;
      if (this.#lanes.size > IDLE_LANES_MAX) this.#lanes.delete(lane.name);
    } else {
      if (lane.taken >= TAKEN_MAX) {
        lane.items.splice(0, lane.taken);
        lane.taken = 0;
      }
      this.#order.push(lane);
    }
    if (this.#turn === this.#order.length || this.#turn >= TAKEN_MAX) {
      this.#order.splice(0, this.#turn);
      this.#turn = 0;
    }
    return item;
  }

  clear(): void {
    this.#lanes.clear();
    this.#order = [];
    this.#turn = 0;
    this.#size = 0;
  }
}
