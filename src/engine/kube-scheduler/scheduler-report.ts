import { timestamp } from '../kernel/clock.js';
import type { SchedulerCache } from './scheduler-cache.js';
import type { Profile } from './profile.js';
import type { QueuedPod, QueuePlace } from './queued-pod.js';
import type { QueueFigures } from './scheduling-queue.js';

/** Waiting pods that are told one by one. */
const PODS_TOLD_MAX = 1_000;

export interface WaitingPodReport {
  /** `namespace/name`. */
  readonly key: string;
  readonly place: Exclude<QueuePlace, 'gone'> | 'gated';
  readonly priority: number;
  readonly attempts: number;
  /** When it came, or came back from its last attempt. */
  readonly since: string;
  /** The plugins that rejected it last. */
  readonly rejectedBy: readonly string[];
}

export interface CachedNodeReport {
  readonly name: string;
  readonly pods: number;
  /** CPU in thousandths of a core, everything else in its own unit. */
  readonly requested: Readonly<Record<string, number>>;
  readonly allocatable: Readonly<Record<string, number>>;
}

/** What a scheduler is doing. */
export interface SchedulerReport {
  readonly queue: QueueFigures;
  readonly waiting: readonly WaitingPodReport[];
  readonly profiles: readonly string[];
  readonly nodes: readonly CachedNodeReport[];
}

export interface SchedulerParts {
  readonly queueFigures: QueueFigures;
  readonly queuedPods: Iterable<QueuedPod>;
  readonly profiles: Iterable<Profile>;
  readonly cache: SchedulerCache;
}

export function schedulerReport({ queueFigures, queuedPods, profiles, cache }: SchedulerParts): SchedulerReport {
  const waiting: WaitingPodReport[] = [];
  for (const queued of queuedPods) {
    if (waiting.length === PODS_TOLD_MAX) break;
    const { key, place, priority, attempts, since, rejectedBy, gatedBy } = queued;
    if (place === 'gone') continue;
    waiting.push({
      key,
      place: gatedBy === undefined ? place : 'gated',
      priority,
      attempts,
      since: timestamp(since),
      rejectedBy: rejectedBy.map(({ name }) => name),
    });
  }
  return {
    queue: queueFigures,
    waiting,
    profiles: Array.from(profiles, ({ schedulerName }) => schedulerName),
    nodes: cache.nodes.map(({ name, podCount, requested, allocatable }) => ({
      name,
      pods: podCount,
      requested: { ...requested },
      allocatable,
    })),
  };
}
