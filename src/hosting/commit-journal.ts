import type { ClusterImage, CommitRecord } from '../engine/cluster/cluster.js';
import { encodePayload, type CommitContext } from './commit-codec.js';
import type { CommitLog } from './commit-log.port.js';

/**
 * A checkpoint is due after so many steps or bytes, and once the log since the last one outweighs it: so its cost stays a share of
 * the log's, and what a restart has to read stays bounded.
 */
const CHECKPOINT_STEPS_MIN = 20_000;
const CHECKPOINT_BYTES_MIN = 64 * 1024 * 1024;
/** What one part of a checkpoint holds at most: it is encoded in about a millisecond, and others have their turn before the next. */
const CHECKPOINT_PART_RECORDS_MAX = 500;
const CHECKPOINT_PART_BYTES_MAX = 512 * 1024;
/** A cluster with more than this on its way to the disk is not run further until some has arrived. */
export const UNDURABLE_BYTES_MAX = 64 * 1024 * 1024;

/** What the journal asks of the cluster it writes for, always between two inputs. */
export interface JournalSource {
  /** The state that goes with all records so far. */
  context(): CommitContext;
  image(): ClusterImage;
  onDurable(revision: number): void;
  onFailure(error: unknown): void;
}

export interface JournalStart {
  /** How many steps the log holds already. */
  readonly steps: number;
  /** How many of them the newest checkpoint covers. */
  readonly checkpointSteps: number;
}

/**
 * One cluster's way to the disk: records gather while a batch is in flight, and leave together as the next one.
 * The log counts *steps*, not revisions: each record is one, and so is a change of time or clock that writes nothing.
 */
export class CommitJournal {
  readonly #clusterId: string;
  readonly #log: CommitLog;
  readonly #source: JournalSource;
  #pending: CommitRecord[] = [];
  #pendingBytes = 0;
  #inFlightBytes = 0;
  #touched = false;
  #steps: number;
  #durableSteps: number;
  #isInFlight = false;
  #isClosed = false;
  #waiters: { readonly steps: number; readonly settle: (error?: unknown) => void }[] = [];
  #checkpointSteps: number;
  #checkpointBytes = 0;
  #bytesSinceCheckpoint = 0;
  #checkpoint: Promise<void> | undefined;

  constructor(clusterId: string, log: CommitLog, source: JournalSource, start: JournalStart) {
    this.#clusterId = clusterId;
    this.#log = log;
    this.#source = source;
    this.#steps = start.steps;
    this.#durableSteps = start.steps;
    this.#checkpointSteps = start.checkpointSteps;
  }

  get isDirty(): boolean {
    return this.#touched || this.#pending.length > 0;
  }

  get isCongested(): boolean {
    return this.#pendingBytes + this.#inFlightBytes > UNDURABLE_BYTES_MAX;
  }

  add(record: CommitRecord): void {
    if (this.#isClosed) return;
    this.#pending.push(record);
    this.#pendingBytes += weightOf(record);
  }

  /** Something changed that no record tells of: the clock was advanced or set. */
  touch(): void {
    this.#touched = true;
  }

  /** Sends off what has gathered, unless a batch is in flight: then it goes when that one is durable. */
  flush(): void {
    if (this.#isInFlight || this.#isClosed || !this.isDirty) return;
    const records = this.#pending;
    const count = Math.max(records.length, 1);
    const context = this.#source.context();
    const payload = encodePayload(context, records);
    this.#inFlightBytes = this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#touched = false;
    this.#isInFlight = true;
    const revisionFrom = this.#steps + 1;
    this.#steps += count;
    const revisionTo = this.#steps;
    this.#bytesSinceCheckpoint += this.#inFlightBytes;
    this.#log
      .append({ clusterId: this.#clusterId, revisionFrom, revisionTo, instant: context.state.now, payload })
      .then(() => this.#arrived(revisionTo, context.revision))
      .catch((error: unknown) => this.#failed(error));
    if (this.#isCheckpointDue()) void this.checkpoint();
  }

  /** Resolves when everything up to now is durable; rejects when it never will be. */
  whenDurable(): Promise<void> {
    const steps = this.#steps + (this.isDirty ? Math.max(this.#pending.length, 1) : 0);
    if (this.#durableSteps >= steps) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new Error('the journal is closed'));
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(toError(error)));
      this.#waiters.push({ steps, settle });
    });
  }

  /**
   * Writes the whole cluster as it is after the last batch, part by part, while the cluster goes on: what it writes
   * meanwhile belongs to later batches. Nothing may be pending. A failure is reported to the source.
   */
  checkpoint(): Promise<void> {
    if (this.#checkpoint !== undefined || this.#isClosed || this.#steps === this.#checkpointSteps) {
      return this.#checkpoint ?? Promise.resolve();
    }
    const context = this.#source.context();
    const { records } = this.#source.image();
    this.#checkpointSteps = this.#steps;
    this.#bytesSinceCheckpoint = 0;
    this.#checkpoint = this.#writeCheckpoint(this.#steps, context, records)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => (this.#checkpoint = undefined));
    return this.#checkpoint;
  }

  /** Takes and reports nothing more; who waits is told so. */
  close(reason: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.settle(reason);
  }

  async #writeCheckpoint(revision: number, context: CommitContext, records: Iterable<CommitRecord>): Promise<void> {
    const clusterId = this.#clusterId;
    const rest = records[Symbol.iterator]();
    let next = rest.next();
    let bytes = 0;
    for (let part = 1; !this.#isClosed; part++) {
      const taken: CommitRecord[] = [];
      const end = bytes + CHECKPOINT_PART_BYTES_MAX;
      while (next.done !== true && taken.length < CHECKPOINT_PART_RECORDS_MAX && bytes < end) {
        taken.push(next.value);
        bytes += weightOf(next.value);
        next = rest.next();
      }
      const staged = this.#log.stageCheckpoint({ clusterId, revision, part, payload: encodePayload(context, taken) });
      if (next.done === true) {
        const checkpoint = { clusterId, revision, instant: context.state.now, parts: part };
        await Promise.all([staged, this.#log.saveCheckpoint(checkpoint)]);
        this.#checkpointBytes = bytes;
        return;
      }
      await staged;
    }
  }

  #arrived(steps: number, revision: number): void {
    this.#isInFlight = false;
    this.#inFlightBytes = 0;
    this.#durableSteps = steps;
    if (this.#isClosed) return;
    this.flush();
    while (this.#waiters[0] !== undefined && this.#waiters[0].steps <= steps) this.#waiters.shift()?.settle();
    this.#source.onDurable(revision);
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close(error);
    this.#source.onFailure(error);
  }

  #isCheckpointDue(): boolean {
    const steps = this.#steps - this.#checkpointSteps;
    const isLong = steps >= CHECKPOINT_STEPS_MIN || this.#bytesSinceCheckpoint >= CHECKPOINT_BYTES_MIN;
    return isLong && this.#bytesSinceCheckpoint >= this.#checkpointBytes;
  }
}

const weightOf = ({ key, value }: CommitRecord): number => key.length + (value?.byteLength ?? 0);

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
