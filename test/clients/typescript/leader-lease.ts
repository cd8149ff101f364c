import { ApiException, CoordinationV1Api, V1MicroTime, type KubeConfig, type V1Lease } from '@kubernetes/client-node';

const DURATION_S = 2;
const PERIOD_MS = 200;

/** Who of several leads: whoever holds a Lease and renews it; another takes it over once it has run out. */
export class LeaderLease {
  readonly #leases: CoordinationV1Api;
  readonly #place: { readonly name: string; readonly namespace: string };
  readonly #holder: string;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** What was last seen, and when by the clock of this process: clocks of others are not trusted. */
  #seen: { readonly version: string; readonly at: number } | undefined;

  constructor(config: KubeConfig, place: { readonly name: string; readonly namespace: string }, holder: string) {
    this.#leases = config.makeApiClient(CoordinationV1Api);
    this.#place = place;
    this.#holder = holder;
  }

  /** Resolves once it leads, and goes on renewing until it is stopped. */
  async acquire(): Promise<void> {
    while (!(await this.#attempt())) {
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
      if (this.#isStopped) throw new Error('stopped before it led');
    }
    this.#timer = setInterval(() => void this.#attempt(), PERIOD_MS);
  }

  /** Stops renewing; the Lease is left to run out. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Whether the Lease is its own now. */
  async #attempt(): Promise<boolean> {
    try {
      const lease = await this.#leases.readNamespacedLease(this.#place);
      if (lease.spec?.holderIdentity !== this.#holder && !this.#hasRunOut(lease)) return false;
      await this.#leases.replaceNamespacedLease({ ...this.#place, body: this.#mine(lease) });
      return true;
    } catch (error) {
      if (!(error instanceof ApiException)) throw error;
      if (error.code === 404) return this.#create();
      // Somebody else was faster.
      if (error.code === 409) return false;
      throw error;
    }
  }

  async #create(): Promise<boolean> {
    try {
      await this.#leases.createNamespacedLease({ namespace: this.#place.namespace, body: this.#mine(undefined) });
      return true;
    } catch (error) {
      if (error instanceof ApiException && error.code === 409) return false;
      throw error;
    }
  }

  #hasRunOut({ metadata, spec }: V1Lease): boolean {
    const version = metadata?.resourceVersion ?? '';
    if (this.#seen?.version !== version) this.#seen = { version, at: Date.now() };
    return Date.now() - this.#seen.at > (spec?.leaseDurationSeconds ?? 0) * 1_000;
  }

  #mine(lease: V1Lease | undefined): V1Lease {
    const now = new V1MicroTime();
    const isNew = lease?.spec?.holderIdentity !== this.#holder;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: lease?.metadata ?? { name: this.#place.name },
      spec: {
        holderIdentity: this.#holder,
        leaseDurationSeconds: DURATION_S,
        renewTime: now,
        acquireTime: isNew ? now : (lease.spec?.acquireTime ?? now),
        leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (isNew && lease !== undefined ? 1 : 0),
      },
    };
  }
}
