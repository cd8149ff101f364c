import { Heap } from 'heap-js';
import { minutes, seconds, type Duration, type Instant } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';
import type { ClusterEvent } from './framework.js';

const BACKOFF_INITIAL_MS = seconds(1);
const BACKOFF_MAX_MS = seconds(10);
const BACKOFF_DOUBLINGS_MAX = 16;
/** A pod that nothing has brought back in this time is tried again anyway. */
const UNSCHEDULABLE_MAX = minutes(5);

export interface QueuedPod {
  readonly key: string;
  readonly uid: string;
  readonly priority: number;
  readonly since: Instant;
  readonly sequence: number;
  attempts: number;
  /** The events that may make it fit, by what rejected it. */
  retryOn: ReadonlySet<ClusterEvent>;
  place: 'active' | 'backoff' | 'unschedulable' | 'in-flight' | 'gone';
  timer: Timer | undefined;
}

/** Higher priority first, then the longer wait: upstream's PrioritySort. */
const byPriorityThenAge = (a: QueuedPod, b: QueuedPod): number =>
  b.priority - a.priority || a.since - b.since || a.sequence - b.sequence;

/** How many pods wait where. */
export interface QueueFigures {
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
}

/**
 * The pods that wait for a node: ready to be tried, waiting out a back-off, or unschedulable until something happens
 * that may help them.
 */
export class SchedulingQueue {
  readonly #simulation: Simulation;
  readonly #ready: () => void;
  readonly #active = new Heap<QueuedPod>(byPriorityThenAge);
  readonly #pods = new Map<string, QueuedPod>();
  readonly #unschedulable = new Set<QueuedPod>();
  #sequence = 0;
  #activeCount = 0;

  /** `ready` is called whenever there is a pod to be taken. */
  constructor(simulation: Simulation, ready: () => void) {
    this.#simulation = simulation;
    this.#ready = ready;
  }

  get figures(): QueueFigures {
    const waiting = Array.from(this.#pods.values());
    return {
      active: this.#activeCount,
      backoff: waiting.filter(({ place }) => place === 'backoff').length,
      unschedulable: this.#unschedulable.size,
    };
  }

  /** Whether a pod is ready to be tried. */
  get isReady(): boolean {
    return this.#activeCount > 0;
  }

  add(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.#pods.has(uid)) return;
    const queued: QueuedPod = {
      key: keyOf(pod),
      uid,
      priority: pod.spec.priority ?? 0,
      since: this.#simulation.now,
      sequence: this.#sequence++,
      attempts: 0,
      retryOn: new Set(),
      place: 'gone',
      timer: undefined,
    };
    this.#pods.set(uid, queued);
    this.#activate(queued);
  }

  remove(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined) return;
    this.#leave(queued);
    queued.place = 'gone';
    this.#pods.delete(uid);
  }

  /** The next pod to be tried; it stays known, in flight, until it is removed or given back. */
  take(): QueuedPod | undefined {
    for (let next = this.#active.pop(); next !== undefined; next = this.#active.pop()) {
      if (next.place !== 'active') continue;
      this.#activeCount--;
      next.place = 'in-flight';
      next.attempts++;
      return next;
    }
    return undefined;
  }

  /** Parks a pod that fits nowhere until one of the events comes, or five minutes have passed. */
  park(queued: QueuedPod, retryOn: ReadonlySet<ClusterEvent>): void {
    if (queued.place === 'gone') return;
    queued.retryOn = retryOn;
    queued.place = 'unschedulable';
    this.#unschedulable.add(queued);
    queued.timer = this.#simulation.after(UNSCHEDULABLE_MAX, () => this.#backOffOrActivate(queued));
  }

  /** Tries a pod again after its back-off: its binding failed. */
  retry(queued: QueuedPod): void {
    if (queued.place === 'gone') return;
    this.#backOffOrActivate(queued);
  }

  /** Something happened that may help: brings back whom it may concern. Nobody waits: nothing to do. */
  happened(event: ClusterEvent): void {
    for (const queued of Array.from(this.#unschedulable)) {
      if (queued.retryOn.has(event)) this.#backOffOrActivate(queued);
    }
  }

  /** The pod itself changed. */
  updated(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued?.place === 'unschedulable') this.#backOffOrActivate(queued);
  }

  stop(): void {
    for (const { timer } of this.#pods.values()) timer?.cancel();
    this.#pods.clear();
    this.#unschedulable.clear();
    this.#active.clear();
    this.#activeCount = 0;
  }

  #backOffOrActivate(queued: QueuedPod): void {
    const { place } = queued;
    this.#leave(queued);
    const doublings = Math.min(Math.max(queued.attempts - 1, 0), BACKOFF_DOUBLINGS_MAX);
    const wait = Math.min(BACKOFF_INITIAL_MS * 2 ** doublings, BACKOFF_MAX_MS);
    if (place === 'unschedulable' && queued.attempts === 0) return this.#activate(queued);
    queued.place = 'backoff';
    queued.timer = this.#simulation.after(wait as Duration, () => this.#activate(queued));
  }

  #activate(queued: QueuedPod): void {
    queued.timer = undefined;
    queued.place = 'active';
    this.#activeCount++;
    this.#active.push(queued);
    this.#ready();
  }

  #leave(queued: QueuedPod): void {
    queued.timer?.cancel();
    queued.timer = undefined;
    this.#unschedulable.delete(queued);
    if (queued.place === 'active') this.#activeCount--;
  }
}
