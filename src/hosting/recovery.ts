import type { ClusterImage, CommitRecord } from '../engine/cluster/cluster.js';
import type { ClockAnchor } from './cluster-clock.js';
import { decodePayload, type CommitPayload } from './commit-codec.js';
import type { RecoveredLog } from './commit-log.port.js';

/** A cluster as its log tells of it. */
export interface RecoveredCluster {
  readonly image: ClusterImage;
  readonly clock: ClockAnchor;
  /** The last step in the log. */
  readonly steps: number;
  /** The step of the newest checkpoint; 0 without one. */
  readonly checkpointSteps: number;
}

/**
 * Folds checkpoint and tail into the live keys, oldest write first. `undefined` for an empty log.
 * @throws PayloadFormatError
 */
export function recover({ checkpoint, batches }: RecoveredLog): RecoveredCluster | undefined {
  const live = new Map<string, CommitRecord>();
  let last: CommitPayload | undefined;
  for (const payload of [...(checkpoint?.payloads ?? []), ...batches.map((batch) => batch.payload)]) {
    last = decodePayload(payload);
    for (const record of last.records) {
      live.delete(record.key);
      if (record.value !== undefined) live.set(record.key, record);
    }
  }
  if (last === undefined) return undefined;
  const checkpointSteps = checkpoint?.revision ?? 0;
  return {
    image: { state: last.state, revision: last.revision, records: live.values() },
    clock: last.clock,
    steps: batches.at(-1)?.revisionTo ?? checkpointSteps,
    checkpointSteps,
  };
}
