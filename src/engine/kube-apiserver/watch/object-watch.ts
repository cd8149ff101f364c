import type { Kind } from '../../machinery/kind.js';
import type { Status } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Item } from '../encoding/list-body.js';
import { bookmarkOf } from './watch-form.js';
import type { ChangeType, WatchChange, WatchOutput } from './watch-output.js';

/** A watch below HTTP: what a stream of another protocol shows of a kind's objects. */
export interface ObjectWatchRequest {
  readonly kind: Kind;
  /** All namespaces unless given. */
  readonly namespace?: string;
  /** In the syntax of queries. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Events after this revision; without it, the present state comes first, then a bookmark that ends it. */
  readonly resourceVersion?: string;
}

export interface ObjectEvent {
  readonly type: ChangeType | 'BOOKMARK';
  /** JSON; of a bookmark, an object with nothing but a `resourceVersion`. Shared: never written to. */
  readonly object: Uint8Array;
  /** May be shown once this revision is durable. */
  readonly revision: number;
}

export interface ObjectWatchSink {
  event(event: ObjectEvent): void;
  /** The watch was refused or cannot go on (410: start again without a revision). Nothing follows. */
  error(status: Status): void;
}

export class ObjectOutput implements WatchOutput {
  readonly #kind: Kind;
  readonly #sink: ObjectWatchSink;
  readonly #text: TextCodec;

  constructor(kind: Kind, sink: ObjectWatchSink, text: TextCodec) {
    this.#kind = kind;
    this.#sink = sink;
    this.#text = text;
  }

  initial(items: Iterable<Item>, revision: number): void {
    for (const { bytes } of items) this.#sink.event({ type: 'ADDED', object: bytes, revision });
  }

  change(change: WatchChange): void {
    this.#sink.event({ type: change.type, object: change.item().bytes, revision: change.revision });
  }

  bookmark(revision: number, isEndOfInitialEvents: boolean): void {
    const object = this.#text.encode(JSON.stringify(bookmarkOf(this.#kind, revision, isEndOfInitialEvents)));
    this.#sink.event({ type: 'BOOKMARK', object, revision });
  }

  fail(status: Status): void {
    this.#sink.error(status);
  }

  /** Only `fail` and the watcher itself end a watch without a timeout. */
  end(): void {}
}
