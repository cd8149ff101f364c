import { after, minutes, seconds, type Duration, type Instant } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';
import { podEvents, type Change, type ClusterEvent } from './cluster-event.js';
import type { Plugin, SchedulingWorld } from './framework.js';
import { PodHeap } from './pod-heap.js';
import { byBackoffThenPriority, byPriorityThenAge, type QueuedPod } from './queued-pod.js';

/** Pods whose back-off ends in the same window are tried by priority. */
const BACKOFF_WINDOW_MS = 1_000;
const BACKOFF_DOUBLINGS_MAX = 16;
/** A pod that nothing has brought back in this time is tried again anyway. */
const UNSCHEDULABLE_MAX = minutes(5);

export interface BackoffBounds {
  readonly initial: Duration;
  readonly max: Duration;
}

export const BACKOFF_DEFAULTS: BackoffBounds = Object.freeze({ initial: seconds(1), max: seconds(10) });

export interface SchedulingQueueOptions {
  readonly simulation: Simulation;
  readonly world: SchedulingWorld;
  readonly backoff: BackoffBounds;
  /** The plugin that keeps the pod from being tried at all, if one does. */
  gateOf(pod: Pod): Plugin | undefined;
  /** Called whenever there is a pod to be taken. */
  ready(): void;
}

/** How many pods wait where. */
export interface QueueFigures {
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
  readonly gated: number;
}

/**
 * The pods that wait for a node: ready to be tried, waiting out a back-off, or unschedulable until something happens
 * that may help them. An idle scheduler does not wait for a back-off to end.
 */
export class SchedulingQueue {
  readonly #options: SchedulingQueueOptions;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #active = new PodHeap(byPriorityThenAge);
  readonly #backoff = new PodHeap(byBackoffThenPriority);
  /** After an error: these wait in any case. */
  readonly #errorBackoff = new PodHeap(byBackoffThenPriority);
  readonly #unschedulable = new Set<QueuedPod>();
  /** The unschedulable pods by what a plugin that rejected them waits for. */
  readonly #waitingFor = new Map<ClusterEvent, Set<QueuedPod>>();
  #sequence = 0;
  #flush: Timer | undefined;
  #leftover: Timer | undefined;

  constructor(options: SchedulingQueueOptions) {
    this.#options = options;
  }

  get figures(): QueueFigures {
    let gated = 0;
    for (const { gatedBy } of this.#unschedulable) if (gatedBy !== undefined) gated++;
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#errorBackoff.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    };
  }

  get pods(): Iterable<QueuedPod> {
    return this.#pods.values();
  }

  /** Whether a pod is ready to be tried. */
  get isReady(): boolean {
    return this.#active.size > 0 || this.#backoff.size > 0;
  }

  add(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (this.#pods.has(uid)) return;
    const queued: QueuedPod = {
      key: keyOf(pod),
      uid,
      sequence: this.#sequence++,
      priority: pod.spec.priority ?? 0,
      pod,
      since: this.#options.simulation.now,
      attempts: 0,
      refusals: 0,
      errors: 0,
      rejectedBy: [],
      gatedBy: undefined,
      place: 'gone',
      notBefore: 0 as Instant,
      ticket: 0,
    };
    this.#pods.set(uid, queued);
    this.#enqueue(queued);
  }

  /** The pod itself changed. */
  update(pod: Pod, previous: Pod): void {
    const queued = this.#pods.get(pod.metadata.uid ?? '');
    if (queued === undefined) return this.add(pod);
    queued.pod = pod;
    if (queued.place !== 'unschedulable') return;
    for (const event of podEvents(pod, previous)) {
      if (this.#isWorthRetrying(queued, { event, object: pod, previous })) return this.#enqueue(queued);
    }
  }

  remove(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined) return;
    this.#leave(queued);
    this.#pods.delete(uid);
  }

  get(uid: string): QueuedPod | undefined {
    return this.#pods.get(uid);
  }

  /** The next pod to be tried; it stays known, in flight, until it is removed or given back. */
  take(): QueuedPod | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop();
    if (queued === undefined) return undefined;
    this.#dropIdleTimers();
    queued.place = 'in-flight';
    queued.attempts++;
    queued.rejectedBy = [];
    return queued;
  }

  /** Parks a pod that fits nowhere until something happens that may help, or five minutes have passed. */
  park(queued: QueuedPod, rejectedBy: Iterable<Plugin>): void {
    if (queued.place !== 'in-flight') return;
    queued.rejectedBy = Array.from(rejectedBy);
    queued.refusals++;
    queued.errors = 0;
    queued.since = this.#options.simulation.now;
    this.#park(queued);
  }

  /** Tries a pod again after its back-off: something went wrong. */
  retry(queued: QueuedPod): void {
    if (queued.place !== 'in-flight') return;
    queued.errors++;
    queued.since = this.#options.simulation.now;
    this.#enqueue(queued);
  }

  /** Something happened that may help: brings back whom it may concern. */
  happened(change: Change, concerns: (queued: QueuedPod) => boolean = () => true): void {
    const waiting = this.#waitingFor.get(change.event);
    if (waiting === undefined || waiting.size === 0) return;
    for (const queued of Array.from(waiting)) {
      if (concerns(queued) && this.#isWorthRetrying(queued, change)) this.#enqueue(queued);
    }
  }

  /** Tries a parked pod at once. */
  activate(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined || queued.place === 'in-flight' || queued.place === 'active') return;
    this.#leave(queued);
    this.#activate(queued);
  }

  stop(): void {
    this.#flush?.cancel();
    this.#leftover?.cancel();
    this.#pods.clear();
    this.#unschedulable.clear();
    this.#waitingFor.clear();
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) heap.clear();
  }

  #isWorthRetrying({ rejectedBy, pod }: QueuedPod, change: Change): boolean {
    // Nobody rejected it: there was no node at all.
    if (rejectedBy.length === 0) return change.event === 'Node/Add';
    const { world } = this.#options;
    return rejectedBy.some(({ retryOn = [] }) =>
      retryOn.some(({ on, isWorth }) => on.includes(change.event) && isWorth?.(pod, change, world) !== false),
    );
  }

  /** To where it belongs now: kept back by a gate, waiting out its back-off, or ready. */
  #enqueue(queued: QueuedPod): void {
    const gate = this.#options.gateOf(queued.pod);
    if (gate !== undefined) {
      const isSame = queued.place === 'unschedulable' && queued.gatedBy === gate;
      if (isSame) return;
      this.#leave(queued);
      queued.gatedBy = gate;
      if (!queued.rejectedBy.includes(gate)) queued.rejectedBy = [...queued.rejectedBy, gate];
      return this.#park(queued);
    }
    this.#leave(queued);
    queued.gatedBy = undefined;
    queued.notBefore = this.#backoffEnd(queued);
    if (queued.notBefore < windowOf(this.#options.simulation.now)) return this.#activate(queued);
    queued.place = 'backoff';
    if (queued.errors > 0) this.#errorBackoff.push(queued);
    else this.#backoff.push(queued);
    this.#planFlush();
    if (queued.errors === 0) this.#options.ready();
  }

  #backoffEnd({ refusals, errors, since }: QueuedPod): Instant {
    const count = errors > 0 ? errors : refusals;
    if (count === 0) return -1 as Instant;
    const { initial, max } = this.#options.backoff;
    const wait = Math.min(initial * 2 ** Math.min(count - 1, BACKOFF_DOUBLINGS_MAX), max);
    return windowOf(after(since, wait as Duration));
  }

  #activate(queued: QueuedPod): void {
    queued.place = 'active';
    this.#active.push(queued);
    this.#options.ready();
  }

  #park(queued: QueuedPod): void {
    queued.place = 'unschedulable';
    this.#unschedulable.add(queued);
    for (const event of eventsAwaited(queued)) {
      const waiting = this.#waitingFor.get(event);
      if (waiting === undefined) this.#waitingFor.set(event, new Set([queued]));
      else waiting.add(queued);
    }
    if (queued.gatedBy === undefined) this.#leftover ??= this.#planLeftover(queued.since);
  }

  #leave(queued: QueuedPod): void {
    if (queued.place === 'active') this.#active.remove(queued);
    else if (queued.place === 'backoff') (queued.errors > 0 ? this.#errorBackoff : this.#backoff).remove(queued);
    else if (queued.place === 'unschedulable') {
      this.#unschedulable.delete(queued);
      for (const event of eventsAwaited(queued)) this.#waitingFor.get(event)?.delete(queued);
    }
    queued.place = 'gone';
    this.#dropIdleTimers();
  }

  /** A queue without pods plans nothing. */
  #dropIdleTimers(): void {
    if (this.#unschedulable.size === 0) {
      this.#leftover?.cancel();
      this.#leftover = undefined;
    }
    if (this.#backoff.size + this.#errorBackoff.size > 0) return;
    this.#flush?.cancel();
    this.#flush = undefined;
  }

  #planFlush(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    const { simulation } = this.#options;
    const ends = [this.#backoff.peek()?.notBefore, this.#errorBackoff.peek()?.notBefore].filter(
      (end) => end !== undefined,
    );
    if (ends.length === 0) return;
    const due = Math.min(...ends) + BACKOFF_WINDOW_MS;
    this.#flush = simulation.after(Math.max(due - simulation.now, 0) as Duration, () => this.#flushCompleted());
  }

  #flushCompleted(): void {
    const window = windowOf(this.#options.simulation.now);
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let next = heap.peek(); next !== undefined && next.notBefore < window; next = heap.peek()) {
        heap.remove(next);
        this.#activate(next);
      }
    }
    this.#planFlush();
  }

  #planLeftover(since: Instant): Timer {
    const { simulation } = this.#options;
    const wait = Math.max(since + UNSCHEDULABLE_MAX - simulation.now, 0) as Duration;
    return simulation.after(wait, () => {
      this.#leftover = undefined;
      const { now } = simulation;
      for (const queued of Array.from(this.#unschedulable)) {
        if (queued.gatedBy === undefined && queued.since + UNSCHEDULABLE_MAX <= now) this.#enqueue(queued);
      }
      for (const queued of this.#unschedulable) {
        if (queued.gatedBy !== undefined) continue;
        this.#leftover = this.#planLeftover(queued.since);
        return;
      }
    });
  }
}

const windowOf = (at: Instant): Instant => (at - (at % BACKOFF_WINDOW_MS)) as Instant;

function eventsAwaited({ rejectedBy }: QueuedPod): ReadonlySet<ClusterEvent> {
  const events = new Set<ClusterEvent>();
  if (rejectedBy.length === 0) events.add('Node/Add');
  for (const { retryOn = [] } of rejectedBy) for (const { on } of retryOn) for (const event of on) events.add(event);
  return events;
}
