import type { Instant } from '../kernel/clock.js';

/** When the healthy last gave a sign of life. `undefined`: not healthy, or unknown; then what is stored is true. */
export interface HeartbeatSource {
  leaseRenewTime(namespace: string, leaseName: string): Instant | undefined;
  nodeHeartbeat(nodeName: string): Instant | undefined;
}
