import { Heap } from 'heap-js';
import { assert } from './assert.js';
import { after, type Duration, type Instant } from './clock.js';
import type { Random } from './random.js';
import type { Simulation, Timer } from './simulation.js';

/** Cancelled events stay in the heap until due; past this share of it they are swept out together. */
const CANCELLED_SHARE_MAX = 0.5;
const SWEEP_SIZE_MIN = 64;

class PlannedEvent implements Timer {
  readonly instant: Instant;
  readonly sequence: number;
  run: (() => void) | undefined;
  readonly #loop: { noteCancelled(): void };

  constructor(loop: { noteCancelled(): void }, instant: Instant, sequence: number, run: () => void) {
    this.#loop = loop;
    this.instant = instant;
    this.sequence = sequence;
    this.run = run;
  }

  cancel(): void {
    if (this.run === undefined) return;
    this.run = undefined;
    this.#loop.noteCancelled();
  }
}

const byInstantAndSequence = (a: PlannedEvent, b: PlannedEvent): number =>
  a.instant - b.instant || a.sequence - b.sequence;

/** Why `run` came back: nothing is due up to the limit, or the caller wished to stop before that. */
export type RunOutcome = 'done' | 'interrupted';

/**
 * The heart of one simulated cluster: events in `(instant, sequence)` order, and a clock that moves only as they fire.
 * Nothing here knows of wall time; hosting decides how far and how long to run.
 */
export class EventLoop implements Simulation {
  readonly random: Random;
  #now: Instant;
  #sequence = 0;
  #cancelled = 0;
  #events = new Heap<PlannedEvent>(byInstantAndSequence);

  constructor(start: Instant, random: Random) {
    this.#now = start;
    this.random = random;
  }

  get now(): Instant {
    return this.#now;
  }

  /** When the next event is due; `undefined` when none is planned. */
  get nextDue(): Instant | undefined {
    this.#dropCancelledHead();
    return this.#events.peek()?.instant;
  }

  after(delay: Duration, run: () => void): Timer {
    assert(delay >= 0 && Number.isFinite(delay), `a delay of ${delay} ms`);
    const event = new PlannedEvent(this, after(this.#now, delay), this.#sequence++, run);
    this.#events.push(event);
    return event;
  }

  soon(run: () => void): Timer {
    return this.after(0 as Duration, run);
  }

  /** Moves the clock to `instant` without running anything; nothing may be due before it. */
  skipTo(instant: Instant): void {
    const due = this.nextDue;
    assert(due === undefined || due >= instant, 'the clock cannot skip events that are due');
    if (instant > this.#now) this.#now = instant;
  }

  /**
   * Fires every event due up to and including `limit`, then sets the clock to `limit`.
   * `mayContinue` is asked between two events, and before the clock moves on from the last: when it says no, the clock
   * stays at the last event fired, which may have begun something that time is not to pass by.
   */
  run(limit: Instant, mayContinue: () => boolean): RunOutcome {
    for (let due = this.nextDue; due !== undefined && due <= limit; due = this.nextDue) {
      if (!mayContinue()) return 'interrupted';
      this.#fireNext();
    }
    if (limit > this.#now) {
      if (!mayContinue()) return 'interrupted';
      this.#now = limit;
    }
    return 'done';
  }

  noteCancelled(): void {
    this.#cancelled++;
    if (this.#events.size() < SWEEP_SIZE_MIN || this.#cancelled < this.#events.size() * CANCELLED_SHARE_MAX) return;
    const live = this.#events.toArray().filter((event) => event.run !== undefined);
    this.#events = new Heap<PlannedEvent>(byInstantAndSequence);
    this.#events.init(live);
    this.#cancelled = 0;
  }

  #fireNext(): void {
    const event = this.#events.pop();
    if (event?.run === undefined) return;
    const { run } = event;
    event.run = undefined;
    if (event.instant > this.#now) this.#now = event.instant;
    run();
  }

  #dropCancelledHead(): void {
    for (let head = this.#events.peek(); head !== undefined && head.run === undefined; head = this.#events.peek()) {
      this.#events.pop();
      this.#cancelled--;
    }
  }
}
