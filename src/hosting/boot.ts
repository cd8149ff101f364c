import type { Cluster } from '../engine/cluster/cluster.js';
import type { ClockAnchor } from './cluster-clock.js';

/** An engine cluster as it stands when it is handed over, and how many steps of it are in the log. */
export interface Boot {
  readonly cluster: Cluster;
  readonly anchor: ClockAnchor;
  readonly steps: number;
  /** How many of them its newest checkpoint covers. */
  readonly checkpointSteps: number;
}
