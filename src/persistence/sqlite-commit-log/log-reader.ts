import type Database from 'better-sqlite3';
import type {
  RecoveredBatch,
  RecoveredCheckpoint,
  RecoveredLog,
  RecoveryReport,
} from '../../hosting/commit-log.port.js';
import { partChecksum, rowChecksum } from './row-checksum.js';

interface BatchRow {
  readonly rev_from: number;
  readonly rev_to: number;
  readonly instant: number;
  readonly checksum: number;
  readonly payload: Buffer;
}

type CheckpointRow = Omit<BatchRow, 'rev_from' | 'rev_to'> & { readonly revision: number; readonly parts: number };

interface PartRow {
  readonly part: number;
  readonly checksum: number;
  readonly payload: Buffer;
}

/** Reads what one cluster's rows tell, and deletes those that cannot be believed. To be run inside a transaction. */
export class LogReader {
  readonly #checkpoints: Database.Statement<[string], CheckpointRow>;
  readonly #parts: Database.Statement<[string, number, number], PartRow>;
  readonly #batches: Database.Statement<[string, number], BatchRow>;
  readonly #cutCheckpoint: Database.Statement<[string, number]>;
  readonly #cutParts: Database.Statement<[string, string]>;
  readonly #cutBatches: Database.Statement<[string, number]>;

  constructor(database: Database.Database) {
    this.#checkpoints = database.prepare(
      'SELECT revision, instant, parts, checksum, payload FROM checkpoint WHERE cluster_id = ? ORDER BY revision DESC',
    );
    this.#parts = database.prepare(
      'SELECT part, checksum, payload FROM checkpoint_part WHERE cluster_id = ? AND revision = ? AND part <= ? ORDER BY part',
    );
    this.#batches = database.prepare(
      'SELECT rev_from, rev_to, instant, checksum, payload FROM batch WHERE cluster_id = ? AND rev_to > ? ORDER BY rev_from',
    );
    this.#cutCheckpoint = database.prepare('DELETE FROM checkpoint WHERE cluster_id = ? AND revision = ?');
    // Of checkpoints that were dropped, or cut off before they were whole.
    this.#cutParts = database.prepare(
      'DELETE FROM checkpoint_part WHERE cluster_id = ? AND revision NOT IN (SELECT revision FROM checkpoint WHERE cluster_id = ?)',
    );
    this.#cutBatches = database.prepare('DELETE FROM batch WHERE cluster_id = ? AND rev_from >= ?');
  }

  load(clusterId: string): RecoveredLog {
    const { checkpoint, dropped } = this.#newestCheckpoint(clusterId);
    this.#cutParts.run(clusterId, clusterId);
    const { batches, cut } = this.#tail(clusterId, checkpoint?.revision ?? 0);
    const atRevision = batches.at(-1)?.revisionTo ?? checkpoint?.revision ?? 0;
    const found = { ...(checkpoint === undefined ? {} : { checkpoint }), batches };
    if (dropped === 0 && cut === undefined) return found;
    const kind = dropped > 0 ? 'corrupt' : (cut?.kind ?? 'corrupt');
    return { ...found, report: { kind, atRevision, dropped: dropped + (cut?.dropped ?? 0) } };
  }

  #newestCheckpoint(clusterId: string): { readonly checkpoint?: RecoveredCheckpoint; readonly dropped: number } {
    let dropped = 0;
    for (const row of this.#checkpoints.all(clusterId)) {
      const { revision, instant } = row;
      const payloads = this.#payloadsOf(clusterId, row);
      if (payloads !== undefined) return { checkpoint: { revision, instant, payloads }, dropped };
      this.#cutCheckpoint.run(clusterId, revision);
      dropped++;
    }
    return { dropped };
  }

  /** `undefined` when the row or a part of it is damaged or missing. */
  #payloadsOf(clusterId: string, row: CheckpointRow): readonly Uint8Array[] | undefined {
    const { revision, instant, parts, checksum, payload } = row;
    if (rowChecksum({ clusterId, revisionFrom: parts, revisionTo: revision, instant }, payload) !== checksum) return;
    if (parts === 0) return [payload];
    const found = this.#parts.all(clusterId, revision, parts);
    const isWhole = found.every(
      (each) => partChecksum({ clusterId, revision, part: each.part }, each.payload) === each.checksum,
    );
    return isWhole && found.length === parts ? found.map((each) => each.payload) : undefined;
  }

  #tail(
    clusterId: string,
    base: number,
  ): { readonly batches: readonly RecoveredBatch[]; readonly cut?: Omit<RecoveryReport, 'atRevision'> } {
    const rows = this.#batches.all(clusterId, base);
    const batches: RecoveredBatch[] = [];
    let next = base + 1;
    for (const [
      position,
      { rev_from: revisionFrom, rev_to: revisionTo, instant, checksum, payload },
    ] of rows.entries()) {
      const isWhole = rowChecksum({ clusterId, revisionFrom, revisionTo, instant }, payload) === checksum;
      if (isWhole && revisionFrom === next && revisionTo >= revisionFrom) {
        batches.push({ revisionFrom, revisionTo, instant, payload });
        next = revisionTo + 1;
        continue;
      }
      this.#cutBatches.run(clusterId, revisionFrom);
      const dropped = rows.length - position;
      return { batches, cut: { kind: !isWhole && dropped === 1 ? 'torn' : 'corrupt', dropped } };
    }
    return { batches };
  }
}
