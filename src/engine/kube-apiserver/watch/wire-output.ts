import type { Kind } from '../../machinery/kind.js';
import type { Status } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joined } from '../encoding/body.js';
import type { Item } from '../encoding/list-body.js';
import type { WireStream } from '../wire.js';
import type { EventCache } from './event-cache.js';
import { bookmarkOf, errorLine, eventLine, type WatchForm } from './watch-form.js';
import type { WatchChange, WatchOutput } from './watch-output.js';

/** Initial events are written together in chunks of about this size. */
const CHUNK_BYTES_MAX = 256 * 1_024;

/** A watch over HTTP: one JSON line an event. */
export class WireOutput implements WatchOutput {
  readonly #kind: Kind;
  readonly #form: WatchForm;
  readonly #stream: WireStream;
  readonly #shared: { readonly text: TextCodec; readonly cache: EventCache };
  #isFirst = true;

  constructor(
    kind: Kind,
    form: WatchForm,
    stream: WireStream,
    shared: { readonly text: TextCodec; readonly cache: EventCache },
  ) {
    this.#kind = kind;
    this.#form = form;
    this.#stream = stream;
    this.#shared = shared;
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
      const line = eventLine('ADDED', this.#form.encode(item, this.#takeFirst()), this.#shared.text);
      lines.push(line);
      size += line.length;
      if (size >= CHUNK_BYTES_MAX) flush();
    }
    flush();
  }

  change(change: WatchChange): void {
    const { cache, text } = this.#shared;
    const isFirst = this.#takeFirst();
    const line =
      isFirst && this.#form.firstDiffers
        ? eventLine(change.type, this.#form.encode(change.item(), true), text)
        : cache.line(change, this.#form, () => change.item());
    this.#stream.write(line, change.revision);
  }

  bookmark(revision: number, isEndOfInitialEvents: boolean): void {
    const object = this.#form.bookmark(bookmarkOf(this.#kind, revision, isEndOfInitialEvents), this.#takeFirst());
    this.#stream.write(eventLine('BOOKMARK', object, this.#shared.text), revision);
  }

  fail(status: Status, revision: number): void {
    this.#stream.write(errorLine(status, this.#shared.text), revision);
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
