import { Uint, type Value } from './value.js';

/** A map, or an object: what is read by keys. Values may be made when they are first looked at. */
export abstract class MapValue {
  abstract readonly size: number;
  /** `undefined` where the key is not there. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;

  /** What `in` says of the key. */
  has(key: Value): boolean {
    return this.get(key) !== undefined;
  }
}

/** The literal, and what functions make. Whole numbers of any type are one key. */
export class EntryMap extends MapValue {
  readonly #entries = new Map<Value, readonly [key: Value, value: Value]>();

  override get size(): number {
    return this.#entries.size;
  }

  /** Whether the key is new. */
  add(key: Value, value: Value): boolean {
    const plain = plainKey(key);
    if (this.#entries.has(plain)) return false;
    this.#entries.set(plain, [key, value]);
    return true;
  }

  override get(key: Value): Value | undefined {
    return this.#entries.get(plainKey(key))?.[1];
  }

  override *keys(): Iterable<Value> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

function plainKey(key: Value): Value {
  if (key instanceof Uint) return key.value;
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
}
