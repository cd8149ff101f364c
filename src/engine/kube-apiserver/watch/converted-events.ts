import type { Simulation } from '../../kernel/simulation.js';
import type { Kind } from '../../machinery/kind.js';
import type { Conversions } from '../custom-resources/conversions.js';
import type { ResourceStorage, StorageEvent, StoredEntry } from '../storage/resource-storage.js';

/** Commits that one watch may be behind while their objects are converted. */
const BACKLOG_MAX = 1_000;

interface ConvertedEventsParts {
  readonly kind: Kind;
  readonly storage: ResourceStorage;
  readonly simulation: Simulation;
  readonly conversions: Conversions;
}

interface Receiver {
  tell(events: readonly StorageEvent[]): void;
  /** The watch cannot go on: its client begins anew. */
  fail(): void;
}

/** Holds a watch's events back until a webhook has made their objects; their order is kept. */
export class ConvertedEvents {
  readonly #parts: ConvertedEventsParts;
  readonly #receiver: Receiver;
  readonly #backlog: (readonly StorageEvent[])[] = [];
  #isOver = false;

  constructor(parts: ConvertedEventsParts, receiver: Receiver) {
    this.#parts = parts;
    this.#receiver = receiver;
  }

  get isBehind(): boolean {
    return this.#backlog.length > 0;
  }

  take(events: readonly StorageEvent[]): void {
    if (this.#isOver) return;
    if (this.#backlog.length >= BACKLOG_MAX) return this.#fail();
    this.#backlog.push(events);
    if (this.#backlog.length === 1) this.#next();
  }

  #next(): void {
    const [events] = this.#backlog;
    if (events === undefined || this.#isOver) return;
    const { kind, conversions, simulation } = this.#parts;
    conversions.ready(
      kind,
      () => events.flatMap(({ entry, previous }) => [entry, previous].filter((each) => each !== undefined)),
      (error) => {
        if (error !== undefined) return this.#fail();
        this.#backlog.shift();
        this.#receiver.tell(events.map((event) => this.#reread(event)));
        if (this.#backlog.length > 0) simulation.soon(() => this.#next());
      },
    );
  }

  #reread(event: StorageEvent): StorageEvent {
    const { kind, storage } = this.#parts;
    const again = (entry: StoredEntry | undefined): StoredEntry | undefined => entry && storage.reread(kind, entry);
    return { ...event, entry: again(event.entry), previous: again(event.previous) };
  }

  #fail(): void {
    this.#isOver = true;
    this.#backlog.length = 0;
    this.#receiver.fail();
  }
}
