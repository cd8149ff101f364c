import type { Item } from '../encoding/list-body.js';
import type { EventType } from './event-framing.js';
import type { WatchForm } from './watch-form.js';

/** Lines of one revision that are kept for the next watch that wants them. */
const LINES_MAX = 4_096;

/**
 * The encoded events of the newest delivered revision. Watches are told of one revision after the other, all of them of
 * one before any of the next: so that what was encoded for the first serves all, and nothing older need be kept.
 */
export class EventCache {
  #revision = 0;
  readonly #lines = new Map<string, Uint8Array>();

  line(
    event: { readonly type: EventType; readonly key: string; readonly revision: number },
    form: WatchForm,
    item: () => Item,
  ): Uint8Array {
    if (event.revision !== this.#revision) {
      this.#lines.clear();
      this.#revision = event.revision;
    }
    const id = `${event.type} ${event.key} ${form.id}`;
    const known = this.#lines.get(id);
    if (known !== undefined) return known;
    const line = form.framing.event(event.type, form.encode(item(), false));
    if (this.#lines.size < LINES_MAX) this.#lines.set(id, line);
    return line;
  }
}
