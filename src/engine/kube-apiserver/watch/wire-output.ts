import type { Kind } from '../../machinery/kind.js';
import type { Status } from '../../machinery/status-error.js';
import { joined } from '../encoding/body.js';
import type { Item } from '../encoding/list-body.js';
import type { WireStream } from '../wire.js';
import type { EventCache } from './event-cache.js';
import { bookmarkOf, type WatchForm } from './watch-form.js';
import type { WatchChange, WatchOutput } from './watch-output.js';

/** Initial events are written together in chunks of about this size. */
const CHUNK_BYTES_MAX = 256 * 1_024;

/** A watch over HTTP: one event after the other. */
export class WireOutput implements WatchOutput {
  readonly #kind: Kind;
  readonly #form: WatchForm;
  readonly #stream: WireStream;
  readonly #cache: EventCache;
  #isFirst = true;

  constructor(kind: Kind, form: WatchForm, stream: WireStream, cache: EventCache) {
    this.#kind = kind;
    this.#form = form;
    this.#stream = stream;
    this.#cache = cache;
  }

  initial(items: Iterable<Item>, revision: number): void {
    let lines: Uint8Array[] = [];
    let size = 0;
    const flush = (): void => {
      if (lines.length > 0) this.#stream.write(joined(lines), revision);
      lines = [];
      size = 0;
    };
    for (const item of items) {
      const line = this.#form.framing.event('ADDED', this.#form.encode(item, this.#takeFirst()));
      lines.push(line);
      size += line.length;
      if (size >= CHUNK_BYTES_MAX) flush();
    }
    flush();
  }

  change(change: WatchChange): void {
    const isFirst = this.#takeFirst();
    const line =
      isFirst && this.#form.firstDiffers
        ? this.#form.framing.event(change.type, this.#form.encode(change.item(), true))
        : this.#cache.line(change, this.#form, () => change.item());
    this.#stream.write(line, change.revision);
  }

  bookmark(revision: number, isEndOfInitialEvents: boolean): void {
    const object = this.#form.bookmark(bookmarkOf(this.#kind, revision, isEndOfInitialEvents), this.#takeFirst());
    this.#stream.write(this.#form.framing.event('BOOKMARK', object), revision);
  }

  fail(status: Status, revision: number): void {
    const { framing } = this.#form;
    this.#stream.write(framing.event('ERROR', framing.made(status)), revision);
  }

  end(): void {
    this.#stream.end();
  }

  #takeFirst(): boolean {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return isFirst;
  }
}
