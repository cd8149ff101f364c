import { instant, microTimestamp, type Instant } from '../kernel/clock.js';
import type { Lease } from '../machinery/api/coordination-v1.js';
import type { Kind } from '../machinery/kind.js';
import type { Client } from './client.js';

const LEASE_DURATION_SECONDS = 15;
const RENEW_INTERVAL_MS = 2_000;

/** Where and as whom a component leads. */
export interface LeaderLeaseOptions {
  readonly client: Client;
  readonly kind: Kind<Lease>;
  readonly namespace: string;
  readonly name: string;
  /** `<host>_<uuid>`, as upstream's components call themselves. */
  readonly holder: string;
}

/**
 * One component's hold on the Lease that lets it lead. It is taken once, by a write; while its holder is healthy the
 * renewals are derived from the moment of taking, by whoever reads the Lease, and nothing is written.
 */
export class LeaderLease {
  readonly #options: LeaderLeaseOptions;
  #acquiredAt: Instant | undefined;

  constructor(options: LeaderLeaseOptions) {
    this.#options = options;
  }

  get key(): string {
    const { namespace, name } = this.#options;
    return `${namespace}/${name}`;
  }

  /** When it was last renewed; `undefined` while it is not held. */
  get lastRenewal(): Instant | undefined {
    const acquiredAt = this.#acquiredAt;
    if (acquiredAt === undefined) return undefined;
    const elapsed = this.#options.client.simulation.now - acquiredAt;
    return instant(acquiredAt + Math.floor(elapsed / RENEW_INTERVAL_MS) * RENEW_INTERVAL_MS);
  }

  acquire(): void {
    const { client, kind, namespace, name, holder } = this.#options;
    const { now } = client.simulation;
    this.#acquiredAt = now;
    const known = client.get(kind, this.key);
    const transitions = known?.spec.leaseTransitions ?? 0;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: LEASE_DURATION_SECONDS,
      acquireTime: microTimestamp(now),
      renewTime: microTimestamp(now),
      leaseTransitions: known === undefined || known.spec.holderIdentity === holder ? transitions : transitions + 1,
    };
    if (known === undefined) client.create(kind, namespace, { metadata: { name }, spec });
    else client.update(kind, { ...known, spec });
  }

  /** Gives the lease up by no longer renewing it: the last renewal is written and stands. */
  release(): void {
    const renewed = this.lastRenewal;
    if (renewed === undefined) return;
    this.#acquiredAt = undefined;
    const { client, kind } = this.#options;
    const known = client.get(kind, this.key);
    if (known === undefined) return;
    client.update(kind, { ...known, spec: { ...known.spec, renewTime: microTimestamp(renewed) } });
  }
}
