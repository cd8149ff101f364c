import { assert } from './assert.js';

/** What can be in a bag, one at a time. */
export interface Bagged {
  /** Kept by the bag: where in it this stands; `OUTSIDE` for what is in none. */
  slot: number;
}

export const OUTSIDE = -1;

/**
 * Things in no order, each put in and taken out in constant time. For what comes and goes by the thousand where a `Set`
 * would do: the tables that a Set outgrows point to those that follow them, so one of them that has grown old holds all later
 * ones with all that was in them, until the whole heap is collected.
 */
export class Bag<T extends Bagged> implements Iterable<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    assert(item.slot === OUTSIDE, 'what is put into a bag is in none');
    item.slot = this.#items.length;
    this.#items.push(item);
  }

  /** Takes out what is in this bag; does nothing for what is in none. */
  delete(item: T): void {
    const { slot } = item;
    if (slot === OUTSIDE) return;
    const last = this.#items.pop();
    assert(last !== undefined, 'a bag holds what says that it is in it');
    if (last !== item) {
      this.#items[slot] = last;
      last.slot = slot;
    }
    item.slot = OUTSIDE;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
