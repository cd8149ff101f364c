import type { Duration } from './clock.js';
import type { Simulation, Timer } from './simulation.js';

/** As client-go's default controller rate limiter: 5 ms doubled with each failure, at most 1,000 s. */
const BACKOFF_BASE_MS = 5;
const BACKOFF_MAX_MS = 1_000_000;
const BACKOFF_DOUBLINGS_MAX = 40;

/** What a queue has done and holds: `depth` waits to be worked on, `delayed` waits for its time to come. */
export interface WorkQueueFigures {
  readonly depth: number;
  readonly delayed: number;
  readonly adds: number;
  readonly retries: number;
}

/**
 * A queue of keys, each in it once, worked on one at a time in the order of their arrival; a key that comes again while
 * it is being worked on is worked on once more afterwards. Mirrors client-go's rate-limiting work queue.
 */
export class WorkQueue {
  readonly #simulation: Simulation;
  readonly #work: (key: string) => void;
  readonly #waiting = new Set<string>();
  readonly #delayed = new Map<string, { readonly due: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  #turn: Timer | undefined;
  #stopped = false;
  #adds = 0;
  #retries = 0;

  constructor(simulation: Simulation, work: (key: string) => void) {
    this.#simulation = simulation;
    this.#work = work;
  }

  get figures(): WorkQueueFigures {
    return { depth: this.#waiting.size, delayed: this.#delayed.size, adds: this.#adds, retries: this.#retries };
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#adds++;
    this.#waiting.add(key);
    this.#turn ??= this.#simulation.soon(() => this.#takeTurn());
  }

  /** Adds `key` when `delay` has passed; of several pending delays of one key the earliest holds. */
  addAfter(key: string, delay: Duration): void {
    if (this.#stopped) return;
    if (delay <= 0) return this.add(key);
    const due = this.#simulation.now + delay;
    const pending = this.#delayed.get(key);
    if (pending !== undefined) {
      if (pending.due <= due) return;
      pending.timer.cancel();
    }
    const timer = this.#simulation.after(delay, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, timer });
  }

  /** Adds `key` after a wait that doubles with each call since the last `forget`. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retries++;
    const wait = BACKOFF_BASE_MS * 2 ** Math.min(failures, BACKOFF_DOUBLINGS_MAX);
    this.addAfter(key, Math.min(wait, BACKOFF_MAX_MS) as Duration);
  }

  /** How often `key` has failed since it was last forgotten. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Drops all keys and timers; nothing is worked on any more. */
  stop(): void {
    this.#stopped = true;
    this.#turn?.cancel();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#waiting.clear();
    this.#delayed.clear();
    this.#failures.clear();
  }

  /** One key a turn, so that a long queue of one component never delays another by more than one reconcile. */
  #takeTurn(): void {
    this.#turn = undefined;
    const next = this.#waiting.values().next();
    if (next.done === true) return;
    this.#waiting.delete(next.value);
    if (this.#waiting.size > 0) this.#turn = this.#simulation.soon(() => this.#takeTurn());
    this.#work(next.value);
  }
}
