/** Something that may leave the process once its revision is durable. */
interface GatedOutput {
  readonly revision: number;
  /** Called once: with `true` when durable, with `false` when it never will be. */
  readonly settle: (isDurable: boolean) => void;
}

/** Settled outputs at the head are only cut off together, past this many, so that a release is O(1) an output. */
const SETTLED_HEAD_MAX = 1_024;

/**
 * Holds back what shows revisions that are not on disk yet, and lets it go in order. Its length is bounded by the
 * requests in flight and the byte limits of the streams that write through it.
 */
export class DurabilityGate {
  #durable: number;
  #outputs: GatedOutput[] = [];
  #head = 0;
  #isClosed = false;

  constructor(durableRevision: number) {
    this.#durable = durableRevision;
  }

  get durableRevision(): number {
    return this.#durable;
  }

  isOpenFor(revision: number): boolean {
    return revision <= this.#durable;
  }

  /** Settles at once when the revision is durable already. */
  pass(revision: number, settle: (isDurable: boolean) => void): void {
    if (revision <= this.#durable) return settle(true);
    if (this.#isClosed) return settle(false);
    const last = this.#outputs.at(-1);
    this.#outputs.push({ revision: Math.max(revision, last?.revision ?? 0), settle });
  }

  release(durableRevision: number): void {
    if (durableRevision > this.#durable) this.#durable = durableRevision;
    for (let next = this.#outputs[this.#head]; next !== undefined; next = this.#outputs[this.#head]) {
      if (next.revision > this.#durable) break;
      this.#head++;
      next.settle(true);
    }
    if (this.#head === this.#outputs.length) {
      this.#outputs = [];
      this.#head = 0;
    } else if (this.#head > SETTLED_HEAD_MAX) {
      this.#outputs = this.#outputs.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Nothing more becomes durable: what waits is settled with `false`. */
  close(): void {
    this.#isClosed = true;
    const abandoned = this.#outputs.slice(this.#head);
    this.#outputs = [];
    this.#head = 0;
    for (const output of abandoned) output.settle(false);
  }
}
