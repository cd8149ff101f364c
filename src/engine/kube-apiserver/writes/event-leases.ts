import { after, hours, type Instant, minutes } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import type { LeaseId } from '../../etcd/key-value.js';
import type { ResourceStorage } from '../storage/resource-storage.js';

/** kube-apiserver's default `--event-ttl`. */
const EVENT_TTL = hours(1);
/** Events of this span share one lease, and so one timer; each lives for its time to live and at most this much longer. */
const REUSE_SPAN = minutes(1);
/** kube-apiserver's default `--lease-max-object-count`. */
const LEASE_EVENTS_MAX = 1_000;

/** The lease that Events are bound to when they are written. */
export class EventLeases {
  readonly #storage: ResourceStorage;
  readonly #simulation: Simulation;
  #lease: { readonly id: LeaseId; readonly until: Instant } | undefined;
  /** How often it was given out. */
  #uses = 0;

  constructor(storage: ResourceStorage, simulation: Simulation) {
    this.#storage = storage;
    this.#simulation = simulation;
  }

  current(): LeaseId {
    const { now } = this.#simulation;
    this.#uses++;
    if (this.#lease === undefined || this.#lease.until <= now || this.#uses > LEASE_EVENTS_MAX) {
      const id = this.#storage.grantLease((EVENT_TTL + REUSE_SPAN) as typeof EVENT_TTL);
      this.#lease = { id, until: after(now, REUSE_SPAN) };
      this.#uses = 1;
    }
    return this.#lease.id;
  }
}
