import { once } from 'node:events';
import { chmod, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type {
  Checkpoint,
  CheckpointPart,
  CommitBatch,
  CommitLog,
  RecoveredLog,
} from '../../hosting/commit-log.port.js';
import { CommitLogFailedError } from '../../hosting/commit-log.port.js';
import type { WriterGroup, WriterOperation, WriterReply, WriterSettings } from './writer-protocol.js';

/** What one group may carry, unless a single operation is larger. */
const GROUP_BYTES_MAX = 16 * 1_024 * 1_024;
/** What may wait for the disk; each cluster stops far below, so more is a disk that no longer writes. */
const WAITING_BYTES_MAX = 1_024 * 1_024 * 1_024;
const LOG_FILE = 'log.db';

export interface SqliteCommitLogOptions {
  /** Made if missing, for its owner only. */
  readonly dataDir: string;
  /** The writer thread's script; the compiled `writer.js` beside this module unless given. */
  readonly writerUrl?: URL;
}

/** One operation on its way to the disk. */
interface Waiting {
  readonly operation: WriterOperation;
  readonly pieces: readonly Uint8Array[];
  readonly resolve: (loaded: RecoveredLog | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The commit log in `<dataDir>/log.db`. A thread of its own writes; while it commits one group, the next one gathers
 * here, so that one flush of the disk serves all who wrote meanwhile.
 */
export class SqliteCommitLog implements CommitLog {
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #inFlight: readonly Waiting[] = [];
  #isFlushPlanned = false;
  #failure: CommitLogFailedError | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', () => this.#fail('the log writer has ended'));
  }

  /** @throws Error when the data directory cannot be used: its schema is newer, or another process has it open. */
  static async open({ dataDir, writerUrl }: SqliteCommitLogOptions): Promise<SqliteCommitLog> {
    const path = join(dataDir, LOG_FILE);
    await makePrivate(dataDir, path);
    const workerData: WriterSettings = { path };
    const worker = new Worker(writerUrl ?? new URL('./writer.js', import.meta.url), { workerData });
    const [reply] = (await once(worker, 'message')) as [WriterReply];
    if (reply.kind === 'opened') return new SqliteCommitLog(worker);
    await worker.terminate();
    throw new Error(reply.kind === 'refused' ? reply.reason : `the log writer answered ${reply.kind}`);
  }

  async append({ clusterId, revisionFrom, revisionTo, instant, payload }: CommitBatch): Promise<void> {
    const bytes = lengthOf(payload);
    await this.#enqueue({ kind: 'append', clusterId, revisionFrom, revisionTo, instant, bytes }, payload);
  }

  async stageCheckpoint({ clusterId, revision, part, payload }: CheckpointPart): Promise<void> {
    await this.#enqueue({ kind: 'stage', clusterId, revision, part, bytes: lengthOf(payload) }, payload);
  }

  async saveCheckpoint({ clusterId, revision, instant, parts }: Checkpoint): Promise<void> {
    await this.#enqueue({ kind: 'checkpoint', clusterId, revision, instant, parts }, []);
  }

  async load(clusterId: string): Promise<RecoveredLog> {
    return (await this.#enqueue({ kind: 'load', clusterId }, [])) ?? { batches: [] };
  }

  async forget(clusterId: string): Promise<void> {
    await this.#enqueue({ kind: 'forget', clusterId }, []);
  }

  close(): Promise<void> {
    this.#closing ??= this.#drainAndClose();
    return this.#closing;
  }

  #enqueue(operation: WriterOperation, pieces: readonly Uint8Array[]): Promise<RecoveredLog | undefined> {
    if (this.#closing !== undefined) return Promise.reject(new CommitLogFailedError('the commit log is closed'));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const bytes = bytesOf(operation);
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#fail(`more than ${WAITING_BYTES_MAX} bytes wait for the disk`);
      return Promise.reject(new CommitLogFailedError('the commit log is full'));
    }
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, pieces, resolve, reject });
      this.#planFlush();
    });
  }

  /** What is written in the same turn of the event loop's microtasks goes together even when nothing is in flight. */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#inFlight.length > 0) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#inFlight.length > 0 || this.#failure !== undefined) return;
    if (this.#waiting.length === 0) return this.#drained?.();
    const { group, count, bytes } = nextGroup(this.#waiting);
    this.#inFlight = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingBytes -= bytes;
    this.#worker.postMessage(group, [group.payload]);
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'failed') return this.#fail(reply.reason);
    if (reply.kind !== 'durable') return this.#fail(`the log writer answered ${reply.kind}`);
    const done = this.#inFlight;
    this.#inFlight = [];
    // The disk first: the next group is written while this one's waiters run.
    this.#flush();
    let loads = 0;
    for (const { operation, resolve } of done) {
      resolve(operation.kind === 'load' ? reply.loaded[loads++] : undefined);
    }
  }

  /** Fail-stop: whether the group in flight is on disk is unknown, so nobody is told that anything is. */
  #fail(reason: string): void {
    if (this.#failure !== undefined) return;
    const failure = new CommitLogFailedError(`the commit log has failed: ${reason}`);
    this.#failure = failure;
    const lost = [...this.#inFlight, ...this.#waiting];
    this.#inFlight = [];
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { reject } of lost) reject(failure);
    this.#drained?.();
  }

  async #drainAndClose(): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    if (this.#failure === undefined && (this.#inFlight.length > 0 || this.#waiting.length > 0)) {
      await new Promise<void>((resolve) => (this.#drained = resolve));
    }
    if (this.#failure !== undefined) {
      await this.#worker.terminate();
      return;
    }
    this.#worker.postMessage('close');
    await exited;
  }
}

/** As many of the first operations as one group takes, their bytes copied into one piece that the thread takes over. */
function nextGroup(waiting: readonly Waiting[]): { group: WriterGroup; count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const { operation } of waiting) {
    const more = bytesOf(operation);
    if (count > 0 && bytes + more > GROUP_BYTES_MAX) break;
    count++;
    bytes += more;
  }
  const payload = new Uint8Array(bytes);
  const operations: WriterOperation[] = [];
  let offset = 0;
  for (const { operation, pieces } of waiting.slice(0, count)) {
    operations.push(operation);
    for (const piece of pieces) {
      payload.set(piece, offset);
      offset += piece.byteLength;
    }
  }
  return { group: { operations, payload: payload.buffer }, count, bytes };
}

const bytesOf = (operation: WriterOperation): number => ('bytes' in operation ? operation.bytes : 0);

const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => sum + piece.byteLength, 0);

/** SQLite gives the files beside a database the permissions of the database. */
async function makePrivate(directory: string, path: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  await file.close();
  await chmod(path, 0o600);
}
