import type Database from 'better-sqlite3';
import type { RecoveredLog } from '../../hosting/commit-log.port.js';
import { LogReader } from './log-reader.js';
import { partChecksum, rowChecksum } from './row-checksum.js';
import type { WriterGroup, WriterOperation } from './writer-protocol.js';

/** The newest checkpoint, and the one before in case the newest is found damaged. */
const CHECKPOINTS_MAX = 2;

const NO_PAYLOAD = Buffer.alloc(0);

type Numbers = readonly [revisionFrom: number, revisionTo: number, instant: number, checksum: number];

/** Runs groups against the database: one transaction each. */
export class LogWriter {
  readonly #reader: LogReader;
  readonly #append: Database.Statement<[string, ...Numbers, Buffer]>;
  readonly #stage: Database.Statement<[string, number, number, number, Buffer]>;
  readonly #checkpoint: Database.Statement<[string, number, number, number, number, Buffer]>;
  readonly #coverBatches: Database.Statement<[string, number]>;
  readonly #coverCheckpoints: Database.Statement<[string, string]>;
  readonly #coverParts: Database.Statement<[string, string]>;
  readonly #forget: readonly Database.Statement<[string]>[];
  readonly #runGroup: Database.Transaction<(group: WriterGroup) => readonly RecoveredLog[]>;

  constructor(database: Database.Database) {
    this.#reader = new LogReader(database);
    this.#append = database.prepare(
      'INSERT INTO batch (cluster_id, rev_from, rev_to, instant, checksum, payload) VALUES (?, ?, ?, ?, ?, ?)',
    );
    // A part of an earlier attempt at the same revision may be there still.
    this.#stage = database.prepare(
      'INSERT OR REPLACE INTO checkpoint_part (cluster_id, revision, part, checksum, payload) VALUES (?, ?, ?, ?, ?)',
    );
    this.#checkpoint = database.prepare(
      'INSERT OR REPLACE INTO checkpoint (cluster_id, revision, instant, parts, checksum, payload) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#coverBatches = database.prepare('DELETE FROM batch WHERE cluster_id = ? AND rev_to <= ?');
    this.#coverCheckpoints = database.prepare(
      `DELETE FROM checkpoint WHERE cluster_id = ? AND revision NOT IN
        (SELECT revision FROM checkpoint WHERE cluster_id = ? ORDER BY revision DESC LIMIT ${CHECKPOINTS_MAX})`,
    );
    this.#coverParts = database.prepare(
      'DELETE FROM checkpoint_part WHERE cluster_id = ? AND revision NOT IN (SELECT revision FROM checkpoint WHERE cluster_id = ?)',
    );
    this.#forget = ['batch', 'checkpoint', 'checkpoint_part'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE cluster_id = ?`),
    );
    this.#runGroup = database.transaction((group: WriterGroup) => this.#runAll(group));
  }

  /** When this returns, all of the group is on disk; when it throws, none of it is. */
  run(group: WriterGroup): readonly RecoveredLog[] {
    return this.#runGroup.immediate(group);
  }

  #runAll({ operations, payload }: WriterGroup): readonly RecoveredLog[] {
    const loaded: RecoveredLog[] = [];
    let offset = 0;
    for (const operation of operations) {
      if (operation.kind === 'load') {
        loaded.push(this.#reader.load(operation.clusterId));
        continue;
      }
      const bytes = 'bytes' in operation ? operation.bytes : 0;
      this.#write(operation, Buffer.from(payload, offset, bytes));
      offset += bytes;
    }
    return loaded;
  }

  #write(operation: Exclude<WriterOperation, { kind: 'load' }>, payload: Buffer): void {
    const { clusterId } = operation;
    switch (operation.kind) {
      case 'append': {
        const { revisionFrom, revisionTo, instant } = operation;
        this.#append.run(clusterId, revisionFrom, revisionTo, instant, rowChecksum(operation, payload), payload);
        return;
      }
      case 'stage': {
        const { revision, part } = operation;
        this.#stage.run(clusterId, revision, part, partChecksum(operation, payload), payload);
        return;
      }
      case 'checkpoint': {
        const { revision, instant, parts } = operation;
        const head = { clusterId, revisionFrom: parts, revisionTo: revision, instant };
        this.#checkpoint.run(clusterId, revision, instant, parts, rowChecksum(head, NO_PAYLOAD), NO_PAYLOAD);
        this.#coverBatches.run(clusterId, revision);
        this.#coverCheckpoints.run(clusterId, clusterId);
        this.#coverParts.run(clusterId, clusterId);
        return;
      }
      case 'forget':
        for (const statement of this.#forget) statement.run(clusterId);
    }
  }
}
