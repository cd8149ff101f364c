import type { Value } from './value.js';

/** A list, whose items may be made when they are first looked at. */
export abstract class ListValue {
  abstract readonly length: number;
  /** The position must be within the list. */
  abstract at(position: number): Value;

  /** What tells an item from others, where their order means nothing. */
  identityOf?(item: Value): string;

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

/** Items that are told apart by what they are: a set, or a list with keys. */
class IdentifiedList extends ArrayList {
  override readonly identityOf: (item: Value) => string;

  constructor(items: readonly Value[], identityOf: (item: Value) => string) {
    super(items);
    this.identityOf = identityOf;
  }
}

/** One list behind the other. Where items have an identity, those of the second take the place of those that they are. */
export function joinedLists(left: ListValue, right: ListValue): ListValue {
  if (left.identityOf === undefined) return new ArrayList([...left, ...right]);
  const identityOf = (item: Value): string => left.identityOf?.(item) ?? '';
  const items = [...left];
  const places = new Map(items.map((item, place) => [identityOf(item), place] as const));
  for (const item of right) {
    const identity = identityOf(item);
    const place = places.get(identity);
    if (place === undefined) places.set(identity, items.push(item) - 1);
    else items[place] = item;
  }
  return new IdentifiedList(items, identityOf);
}
