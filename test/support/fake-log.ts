import type {
  Checkpoint,
  CheckpointPart,
  CommitBatch,
  CommitLog,
  RecoveredBatch,
  RecoveredCheckpoint,
  RecoveredLog,
} from '../../src/hosting/commit-log.port.js';
import { CommitLogFailedError } from '../../src/hosting/commit-log.port.js';
import type { ClusterRecord, ClusterRecords } from '../../src/hosting/cluster-records.port.js';
import { NameInUseError } from '../../src/hosting/cluster-records.port.js';

/** A commit log in memory whose disk the test holds: with `isHeld`, batches become durable only by `release`. */
export class FakeLog implements CommitLog {
  isHeld = false;
  hasFailed = false;
  readonly batches: CommitBatch[] = [];
  checkpoint: RecoveredCheckpoint | undefined;
  #staged: CheckpointPart[] = [];
  #waiting: (() => void)[] = [];

  async append(batch: CommitBatch): Promise<void> {
    if (this.isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.hasFailed) throw new CommitLogFailedError('planted');
    const last = this.batches.at(-1)?.revisionTo ?? this.checkpoint?.revision ?? 0;
    if (batch.revisionFrom !== last + 1) throw new CommitLogFailedError(`${batch.revisionFrom} after ${last}`);
    this.batches.push(batch);
  }

  release(): void {
    this.isHeld = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async stageCheckpoint(part: CheckpointPart): Promise<void> {
    if (this.hasFailed) throw new CommitLogFailedError('planted');
    this.#staged.push(part);
    await Promise.resolve();
  }

  async saveCheckpoint({ revision, instant, parts }: Checkpoint): Promise<void> {
    const staged = this.#staged.filter((each) => each.revision === revision);
    if (staged.length !== parts) throw new CommitLogFailedError(`${staged.length} parts where ${parts} are claimed`);
    this.checkpoint = { revision, instant, payloads: staged.map(({ payload }) => Buffer.concat(payload)) };
    this.#staged = [];
    const kept = this.batches.filter(({ revisionTo }) => revisionTo > revision);
    this.batches.splice(0, this.batches.length, ...kept);
    await Promise.resolve();
  }

  load(): Promise<RecoveredLog> {
    const batches = this.batches.map(({ payload, revisionFrom, revisionTo, instant }): RecoveredBatch => ({
      revisionFrom,
      revisionTo,
      instant,
      payload: Buffer.concat(payload),
    }));
    const { checkpoint } = this;
    return Promise.resolve(checkpoint === undefined ? { batches } : { checkpoint, batches });
  }

  forget(): Promise<void> {
    this.batches.length = 0;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FakeClusterRecords implements ClusterRecords {
  readonly records: ClusterRecord[] = [];

  insert(record: ClusterRecord): Promise<void> {
    if (this.records.some(({ name, tenantId }) => name === record.name && tenantId === record.tenantId)) {
      return Promise.reject(new NameInUseError(record.name));
    }
    this.records.push(record);
    return Promise.resolve();
  }

  list(): Promise<readonly ClusterRecord[]> {
    return Promise.resolve([...this.records]);
  }

  remove(id: string): Promise<boolean> {
    const at = this.records.findIndex((record) => record.id === id);
    if (at >= 0) this.records.splice(at, 1);
    return Promise.resolve(at >= 0);
  }
}
