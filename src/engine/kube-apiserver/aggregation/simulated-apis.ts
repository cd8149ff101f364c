import type { Subscription } from '../../machinery/resource-api.port.js';
import type { SimulatedApi } from './simulated-api.port.js';

/** The parts of the simulation that serve API groups, by the Service (`namespace/name`) that they stand behind. */
export class SimulatedApis {
  readonly #apis = new Map<string, SimulatedApi>();
  readonly #listeners = new Set<(service: string) => void>();

  of(service: string): SimulatedApi | undefined {
    return this.#apis.get(service);
  }

  /** In place of any other behind that Service, until it is cancelled. */
  register(service: string, api: SimulatedApi): Subscription {
    this.#apis.set(service, api);
    this.#tell(service);
    return {
      cancel: () => {
        if (this.#apis.get(service) !== api) return;
        this.#apis.delete(service);
        this.#tell(service);
      },
    };
  }

  /** Hears of each Service that something else stands behind now. */
  subscribe(listener: (service: string) => void): void {
    this.#listeners.add(listener);
  }

  #tell(service: string): void {
    for (const listener of this.#listeners) listener(service);
  }
}
