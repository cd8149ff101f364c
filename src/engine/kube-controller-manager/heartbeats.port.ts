import type { Instant } from '../kernel/clock.js';

/** What the cluster knows of its kubelets, so that a healthy node needs neither writes nor timers. */
export interface NodeHeartbeats {
  /** The last sign of life of a running kubelet; `undefined` where none runs: then what is stored is all there is. */
  nodeHeartbeat(nodeName: string): Instant | undefined;
}
