import type { Instant } from '../kernel/clock.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { Plugin } from './framework.js';

export type QueuePlace = 'active' | 'backoff' | 'unschedulable' | 'in-flight' | 'gone';

/** A pod that waits for a node. */
export interface QueuedPod {
  readonly key: string;
  readonly uid: string;
  readonly sequence: number;
  readonly priority: number;
  /** As it was last seen. */
  pod: Pod;
  /** When it came, or came back from its last attempt. */
  since: Instant;
  attempts: number;
  /** Attempts that ended with no node. */
  refusals: number;
  /** Attempts in a row that ended with an error. */
  errors: number;
  rejectedBy: readonly Plugin[];
  /** Why it may not be tried at all. */
  gatedBy: Plugin | undefined;
  place: QueuePlace;
  /** In `backoff`: when it may be tried although others wait. */
  notBefore: Instant;
  /** Where it stands in the heap that holds it: an older entry of the heap is void. */
  ticket: number;
}

/** Higher priority first, then the longer wait: upstream's PrioritySort. */
export const byPriorityThenAge = (a: QueuedPod, b: QueuedPod): number =>
  b.priority - a.priority || a.since - b.since || a.sequence - b.sequence;

/** By the second in which the back-off ends, then as if none of them had to wait. */
export const byBackoffThenPriority = (a: QueuedPod, b: QueuedPod): number =>
  a.notBefore - b.notBefore || byPriorityThenAge(a, b);
