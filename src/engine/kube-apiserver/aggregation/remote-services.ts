import { apiService } from '../../kinds/api-service.js';
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { JsonObject } from '../../machinery/structure.js';
import type { ResourceStorage } from '../storage/resource-storage.js';

/** An `APIResourceList` as the server itself gives it. */
interface RemoteResources {
  readonly list: JsonObject;
  readonly isStale: boolean;
}

/** The groups and versions that others serve. Mirrors the aggregator's registration of APIServices. */
export class RemoteServices {
  /** By `group/version`. */
  readonly #services = new Map<string, APIService>();
  /** By the uid of the APIService. */
  readonly #resources = new Map<string, RemoteResources>();
  #version = 0;
  readonly #listeners = new Set<(name: string) => void>();

  constructor(storage: ResourceStorage) {
    storage.forEach(apiService, undefined, ({ object }) => this.#changed(object));
    storage.watch(apiService, {}, (events) => {
      for (const { entry, previous } of events) {
        if (entry !== undefined) this.#changed(entry.object);
        else if (previous !== undefined) this.#gone(previous.object);
      }
    });
  }

  /** Who serves a path; `undefined` for the cluster itself. */
  serviceOf(path: string): APIService | undefined {
    if (this.#services.size === 0) return undefined;
    const [, root, group, version = ''] = path.split('/', 4);
    return root === 'apis' ? this.#services.get(`${group}/${version}`) : undefined;
  }

  /** Raised by whatever discovery may say differently for. */
  get version(): number {
    return this.#version;
  }

  /** What a server says that it serves, by the APIService's name; `undefined` while it has not said. */
  resourcesOf({ metadata: { uid = '' } }: APIService): RemoteResources | undefined {
    return this.#resources.get(uid);
  }

  /** `undefined`: it does not answer now, and what it said last is stale. */
  noteResources({ metadata: { uid = '' } }: APIService, list: JsonObject | undefined): void {
    // It may have gone while it was asked.
    if (!this.all().some(({ metadata }) => metadata.uid === uid)) return;
    const former = this.#resources.get(uid);
    const next: RemoteResources = { list: list ?? former?.list ?? {}, isStale: list === undefined };
    if (deepEqual(former, next)) return;
    this.#version++;
    this.#resources.set(uid, next);
  }

  hasGroup(group: string): boolean {
    return this.all().some(({ spec }) => spec?.group === group);
  }

  all(): readonly APIService[] {
    return [...this.#services.values()];
  }

  /** Hears of each one that is there or changes, by its name. */
  subscribe(listener: (name: string) => void): void {
    this.#listeners.add(listener);
  }

  #changed(service: APIService): void {
    const { group = '', version = '', service: reference } = service.spec ?? {};
    const key = `${group}/${version}`;
    if (reference === undefined) return this.#remove(key);
    this.#version++;
    this.#services.set(key, service);
    for (const listener of this.#listeners) listener(service.metadata.name);
  }

  #gone({ spec }: APIService): void {
    this.#remove(`${spec?.group ?? ''}/${spec?.version ?? ''}`);
  }

  #remove(key: string): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    this.#version++;
    this.#services.delete(key);
    this.#resources.delete(service.metadata.uid ?? '');
  }
}
