/** All that one cluster committed since its last batch. */
export interface CommitBatch {
  readonly clusterId: string;
  /** The one after the last batch's `revisionTo`, 1 in a cluster's first batch; both ends belong to the batch. */
  readonly revisionFrom: number;
  readonly revisionTo: number;
  /** The cluster's virtual time, in milliseconds since the Unix epoch. */
  readonly instant: number;
  /** Opaque bytes in pieces; stored and given back as one. The log may take the pieces over: the caller must not change them. */
  readonly payload: readonly Uint8Array[];
}

/** A whole cluster as it was at one revision. Its content is staged in parts before. */
export interface Checkpoint {
  readonly clusterId: string;
  /** The last revision that it covers: the `revisionTo` of a batch, or whatever a cluster starts with. */
  readonly revision: number;
  readonly instant: number;
  /** How many parts were staged; at least one. */
  readonly parts: number;
}

/** A piece of a checkpoint's content, small enough that handing it over holds nobody up. */
export interface CheckpointPart {
  readonly clusterId: string;
  /** That of the checkpoint which it belongs to. */
  readonly revision: number;
  /** From 1 on. */
  readonly part: number;
  /** As a batch's. */
  readonly payload: readonly Uint8Array[];
}

/** A checkpoint read back: the payloads of its parts, in order. */
export interface RecoveredCheckpoint {
  readonly revision: number;
  readonly instant: number;
  readonly payloads: readonly Uint8Array[];
}

/** A batch read back, its payload in one piece. */
export interface RecoveredBatch {
  readonly revisionFrom: number;
  readonly revisionTo: number;
  readonly instant: number;
  readonly payload: Uint8Array;
}

/** Why a log was cut back. */
export interface RecoveryReport {
  /** `torn`: the last row was not written whole. `corrupt`: a row fails its checksum, or revisions are missing. */
  readonly kind: 'torn' | 'corrupt';
  /** The last revision that was kept; 0 when none was. */
  readonly atRevision: number;
  /** How many rows were deleted. */
  readonly dropped: number;
}

export interface RecoveredLog {
  readonly checkpoint?: RecoveredCheckpoint;
  /** What follows the checkpoint, oldest first, without gaps. */
  readonly batches: readonly RecoveredBatch[];
  readonly report?: RecoveryReport;
}

/** The log has failed and takes nothing more: what was not acknowledged may be lost, so the process must stop. */
export class CommitLogFailedError extends Error {
  override readonly name = 'CommitLogFailedError';
}

/** Where clusters' commits become durable. Shared by all clusters of a process. */
export interface CommitLog {
  /**
   * Resolves when the batch is durable. Batches of one cluster are written in the order of the calls.
   * @throws CommitLogFailedError when this or an earlier write failed: the log acknowledges nothing from then on.
   */
  append(batch: CommitBatch): Promise<void>;
  /** Keeps a part of a checkpoint, which means nothing until `saveCheckpoint`: batches may be appended meanwhile. */
  stageCheckpoint(part: CheckpointPart): Promise<void>;
  /**
   * Makes a checkpoint durable whose parts were staged, and in the same transaction deletes what it covers: batches,
   * older checkpoints, and parts that no checkpoint claims.
   */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /**
   * The newest valid checkpoint and what was appended after it. A damaged tail is cut back to the last whole batch, on
   * disk too, and reported.
   */
  load(clusterId: string): Promise<RecoveredLog>;
  /** Deletes all of a cluster. */
  forget(clusterId: string): Promise<void>;
  /** Writes what waits, then closes. Closing twice does nothing. */
  close(): Promise<void>;
}
