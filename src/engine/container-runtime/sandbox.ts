import type { Instant } from '../kernel/clock.js';

/** What the containers of a pod have in common: their network. */
export interface Sandbox {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** The key of the pod that it belongs to. */
  readonly podKey: string;
  readonly ip: string;
  readonly createdAt: Instant;
  /** Its address is given back. */
  readonly isStopped?: true;
}
