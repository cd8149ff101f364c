import { after, hours, type Instant, minutes } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import type { LeaseId } from '../../etcd/key-value.js';
import type { ResourceStorage } from '../storage/resource-storage.js';

/** kube-apiserver's default `--event-ttl`. */
const EVENT_TTL = hours(1);
/** Events of this span share one lease, and so one timer; each lives for its time to live and at most this much longer. */
const REUSE_SPAN = minutes(3);

/** The lease that Events are bound to when they are written. */
export class EventLeases {
  readonly #storage: ResourceStorage;
  readonly #simulation: Simulation;
  #lease: { readonly id: LeaseId; readonly until: Instant } | undefined;

  constructor(storage: ResourceStorage, simulation: Simulation) {
    this.#storage = storage;
    this.#simulation = simulation;
  }

  current(): LeaseId {
    const { now } = this.#simulation;
    if (this.#lease === undefined || this.#lease.until <= now) {
      const id = this.#storage.grantLease((EVENT_TTL + REUSE_SPAN) as typeof EVENT_TTL);
      this.#lease = { id, until: after(now, REUSE_SPAN) };
    }
    return this.#lease.id;
  }
}
