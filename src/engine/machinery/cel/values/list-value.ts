import type { Value } from './value.js';

/** A list, whose items may be made when they are first looked at. */
export abstract class ListValue {
  abstract readonly length: number;
  /** The position must be within the list. */
  abstract at(position: number): Value;

  *[Symbol.iterator](): Iterator<Value> {
    for (let position = 0; position < this.length; position++) yield this.at(position);
  }
}

export class ArrayList extends ListValue {
  readonly #items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }

  override get length(): number {
    return this.#items.length;
  }

  override at(position: number): Value {
    return this.#items[position]!;
  }
}
