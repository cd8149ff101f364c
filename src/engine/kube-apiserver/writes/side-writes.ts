import { assert } from '../../kernel/assert.js';
import type { SideWrite } from '../../machinery/kind.js';
import type { Removal, Write } from '../storage/resource-storage.js';

/** Side writes of one transaction. */
const SIDE_WRITES_MAX = 32;

/** What a kind's strategy wants written together with its object. */
export class SideWrites {
  readonly #writes: Write[] = [];
  readonly #removals: Removal[] = [];

  get writes(): readonly Write[] {
    return this.#writes;
  }

  get removals(): readonly Removal[] {
    return this.#removals;
  }

  add(write: SideWrite): void {
    assert(this.#writes.length + this.#removals.length < SIDE_WRITES_MAX, 'a write has too many side writes');
    if (write.type === 'put') this.#writes.push(write);
    else this.#removals.push(write);
  }
}
