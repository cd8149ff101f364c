import type { Duration } from '../kernel/clock.js';
import { minutes } from '../kernel/clock.js';
import type { Timer } from '../kernel/simulation.js';
import type { Scheduler } from './leases.js';

/** kube-apiserver's default `--etcd-compaction-interval`. */
export const COMPACTION_INTERVAL: Duration = minutes(5);

/** What the compactor needs of its store. */
export interface Compactable {
  readonly revision: number;
  readonly compactedRevision: number;
  compact(revision: number): void;
}

/**
 * Compacts as the API server does: every interval it compacts to the revision of the interval before, so that history
 * reaches back between one and two intervals. Once everything is compacted it waits for the next write without a timer.
 */
export class Compactor {
  readonly #store: Compactable;
  readonly #scheduler: Scheduler;
  readonly #interval: Duration;
  #revisionBefore: number;
  #timer: Timer | undefined;

  constructor(store: Compactable, scheduler: Scheduler, interval: Duration = COMPACTION_INTERVAL) {
    this.#store = store;
    this.#scheduler = scheduler;
    this.#interval = interval;
    this.#revisionBefore = store.revision;
  }

  /** To be called after every write; cheap. */
  noteWrite(): void {
    this.#timer ??= this.#scheduler.after(this.#interval, () => this.#run());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #run(): void {
    this.#timer = undefined;
    if (this.#revisionBefore > this.#store.compactedRevision) this.#store.compact(this.#revisionBefore);
    this.#revisionBefore = this.#store.revision;
    if (this.#store.compactedRevision < this.#store.revision) this.noteWrite();
  }
}
