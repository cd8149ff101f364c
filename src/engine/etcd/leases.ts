import type { Duration, Instant } from '../kernel/clock.js';
import { after, between } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import { assert } from '../kernel/assert.js';
import { LeaseNotFoundError } from './errors.js';
import type { LeaseId } from './key-value.js';

export interface Lease {
  readonly id: LeaseId;
  /** What a keep-alive extends it to, from then on. */
  readonly timeToLive: Duration;
  readonly expiresAt: Instant;
}

/** What the store needs of the world's clock. */
export type Scheduler = Pick<Simulation, 'now' | 'after'>;

interface Grant {
  lease: Lease;
  readonly keys: Set<string>;
  timer: Timer;
}

/** The leases of one store and the keys bound to them. Without leases nothing is scheduled; with them, one timer each. */
export class Leases {
  readonly #scheduler: Scheduler | undefined;
  readonly #onExpiry: (id: LeaseId) => void;
  readonly #grants = new Map<LeaseId, Grant>();
  #lastId = 0;

  constructor(scheduler: Scheduler | undefined, onExpiry: (id: LeaseId) => void) {
    this.#scheduler = scheduler;
    this.#onExpiry = onExpiry;
  }

  get isEmpty(): boolean {
    return this.#grants.size === 0;
  }

  /** The last id that was handed out. */
  get lastId(): LeaseId {
    return this.#lastId;
  }

  grant(timeToLive: Duration): Lease {
    const { now } = this.#clock();
    return this.add({ id: this.#lastId + 1, timeToLive, expiresAt: after(now, timeToLive) });
  }

  /** Takes over a lease as it is known from elsewhere: new, or renewed. */
  add(lease: Lease): Lease {
    const known = this.#grants.get(lease.id);
    known?.timer.cancel();
    this.reserve(lease.id);
    this.#grants.set(lease.id, { lease, keys: known?.keys ?? new Set(), timer: this.#arm(lease) });
    return lease;
  }

  /** Never hands out an id up to this one. */
  reserve(lastId: LeaseId): void {
    this.#lastId = Math.max(this.#lastId, lastId);
  }

  /** @throws LeaseNotFoundError */
  find(id: LeaseId): Lease {
    return this.#grant(id).lease;
  }

  /** The timer stays where it is and moves on when it fires: keeping alive is the common case. */
  keepAlive(id: LeaseId): Lease {
    const grant = this.#grant(id);
    grant.lease = { ...grant.lease, expiresAt: after(this.#clock().now, grant.lease.timeToLive) };
    return grant.lease;
  }

  /** Ends the lease and gives the keys that were bound to it. */
  remove(id: LeaseId): readonly string[] {
    const grant = this.#grant(id);
    grant.timer.cancel();
    this.#grants.delete(id);
    return [...grant.keys];
  }

  keysOf(id: LeaseId): readonly string[] {
    return [...this.#grant(id).keys];
  }

  attach(id: LeaseId, key: string): void {
    this.#grant(id).keys.add(key);
  }

  detach(id: LeaseId, key: string): void {
    this.#grants.get(id)?.keys.delete(key);
  }

  all(): readonly Lease[] {
    return Array.from(this.#grants.values(), ({ lease }) => lease);
  }

  /** Stops all timers; for a store that is no longer used. */
  stop(): void {
    for (const { timer } of this.#grants.values()) timer.cancel();
  }

  #arm({ id, expiresAt }: Lease): Timer {
    const clock = this.#clock();
    const wait = Math.max(between(clock.now, expiresAt), 0) as Duration;
    return clock.after(wait, () => this.#due(id));
  }

  #due(id: LeaseId): void {
    const grant = this.#grant(id);
    if (grant.lease.expiresAt > this.#clock().now) grant.timer = this.#arm(grant.lease);
    else this.#onExpiry(id);
  }

  #grant(id: LeaseId): Grant {
    const grant = this.#grants.get(id);
    if (grant === undefined) throw new LeaseNotFoundError();
    return grant;
  }

  #clock(): Scheduler {
    assert(this.#scheduler !== undefined, 'a store without a scheduler has no leases');
    return this.#scheduler;
  }
}
