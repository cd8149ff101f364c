import type { Kind } from '../../machinery/kind.js';

/** Values of sets that no cluster serves any more are forgotten each time that so many have been added. */
const ADDED_MAX = 256;

/** What is made once for all clusters that serve the same custom kinds, and lives as long as one of them holds on to it. */
export class KindSets<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();
  /** By the first of the kinds, the newest value: while a cluster serves the kind, what was made of its set stays. */
  readonly #kept = new WeakMap<Kind, Map<string, T>>();
  #added = 0;

  /** `kinds` are in the registry's order, one at least. */
  of(kinds: readonly Kind[], make: () => T): T {
    const id = kinds.map(({ custom }) => custom?.id ?? '').join();
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(id, new WeakRef(made));
    this.#keep(kinds, id, made);
    if (++this.#added >= ADDED_MAX) this.#sweep();
    return made;
  }

  #keep(kinds: readonly Kind[], id: string, made: T): void {
    const [first] = kinds;
    if (first === undefined) return;
    const kept = this.#kept.get(first) ?? new Map<string, T>();
    kept.set(id, made);
    if (kept.size > SETS_MAX) {
      const [oldest = ''] = kept.keys();
      kept.delete(oldest);
    }
    this.#kept.set(first, kept);
  }

  #sweep(): void {
    this.#added = 0;
    for (const [id, value] of this.#known) if (value.deref() === undefined) this.#known.delete(id);
  }
}

/** Sets that one kind keeps: while definitions are applied one by one, each makes another set. */
const SETS_MAX = 2;
