import { FairQueue } from '../../hosting/fair-queue.js';
import type { ClusterIdentity } from '../../hosting/cluster-settings.js';

/** Handled in one go: more would keep the disk waiting for the first ones, fewer would lose what going by turns costs. */
const TURN_MAX = 16;
/** Tenants whose queue is kept though nothing waits in it. */
const IDLE_TENANTS_MAX = 64;

type Handle = () => void;

/**
 * Requests that came in with one look at the sockets are handled one after another, once all sockets have been read: reading
 * and handling by turns, each drives the other's code and data out of the processor's caches. Tenants take turns, and so do
 * the clusters of each: whoever floods waits for himself. Whoever reads the sockets bounds what waits here; what was handled is
 * let go at once.
 */
export class Arrivals {
  /** A tenant stands here as often as it has requests; which of them is next is its clusters' turn. */
  readonly #tenants = new FairQueue<FairQueue<Handle>>();
  readonly #clusters = new Map<string, FairQueue<Handle>>();

  add({ tenant, id }: Pick<ClusterIdentity, 'tenant' | 'id'>, handle: Handle): void {
    if (this.#tenants.size === 0) this.#plan();
    let clusters = this.#clusters.get(tenant);
    if (clusters === undefined) {
      clusters = new FairQueue();
      this.#clusters.set(tenant, clusters);
    }
    clusters.add(id, handle);
    this.#tenants.add(tenant, clusters);
  }

  #plan(): void {
    setImmediate(() => this.#handleSome());
  }

  #handleSome(): void {
    const turn: Handle[] = [];
    while (turn.length < TURN_MAX) {
      const handle = this.#tenants.next()?.next();
      if (handle === undefined) break;
      turn.push(handle);
    }
    // Before they are handled: what one of them throws stops none of the others.
    if (this.#tenants.size > 0) this.#plan();
    else if (this.#clusters.size > IDLE_TENANTS_MAX) this.#clusters.clear();
    for (const handle of turn) handle();
  }
}
