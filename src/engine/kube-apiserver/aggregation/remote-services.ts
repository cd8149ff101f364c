import { apiService } from '../../kinds/api-service.js';
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import type { RemoteVersion } from './remote-versions.js';

interface KnownVersion {
  readonly version: RemoteVersion | undefined;
  /** It did not say so again when it was asked last. */
  readonly isStale: boolean;
}

const UNKNOWN: KnownVersion = Object.freeze({ version: undefined, isStale: true });

/** The groups and versions that others serve. Mirrors the aggregator's registration of APIServices. */
export class RemoteServices {
  readonly #storage: ResourceStorage;
  /** By `group/version`. */
  readonly #services = new Map<string, APIService>();
  /** By the APIService's uid. */
  readonly #known = new Map<string, KnownVersion>();
  #version = 0;
  readonly #listeners = new Set<(name: string) => void>();

  constructor(storage: ResourceStorage) {
    this.#storage = storage;
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

  /** What a server says that it serves; nothing while it has not said. */
  versionOf({ metadata: { uid = '' } }: APIService): KnownVersion {
    return this.#known.get(uid) ?? UNKNOWN;
  }

  /** `undefined`: it does not answer now, and what it said last is stale. */
  noteVersion(service: APIService, version: RemoteVersion | undefined): void {
    const { uid = '' } = service.metadata;
    // It may have gone while it was asked.
    if (!this.isThere(service)) return;
    const former = this.#known.get(uid);
    const next: KnownVersion = { version: version ?? former?.version, isStale: version === undefined };
    if (deepEqual(former, next)) return;
    this.#version++;
    this.#known.set(uid, next);
  }

  isThere({ metadata: { uid } }: APIService): boolean {
    return this.all().some(({ metadata }) => metadata.uid === uid);
  }

  hasGroup(group: string): boolean {
    return this.all().some(({ spec }) => spec?.group === group);
  }

  all(): readonly APIService[] {
    return [...this.#services.values()];
  }

  /** All that are registered, those of the cluster itself among them. */
  registered(): readonly APIService[] {
    const found: APIService[] = [];
    this.#storage.forEach(apiService, undefined, ({ object }) => void found.push(object));
    return found;
  }

  /** Hears of each one that is there or changes, by its name. */
  subscribe(listener: (name: string) => void): void {
    this.#listeners.add(listener);
  }

  #changed(service: APIService): void {
    const { group = '', version = '', service: reference } = service.spec ?? {};
    const key = `${group}/${version}`;
    this.#version++;
    if (reference === undefined) return this.#remove(key);
    this.#services.set(key, service);
    for (const listener of this.#listeners) listener(service.metadata.name);
  }

  #gone({ spec }: APIService): void {
    this.#version++;
    this.#remove(`${spec?.group ?? ''}/${spec?.version ?? ''}`);
  }

  #remove(key: string): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    this.#services.delete(key);
    this.#known.delete(service.metadata.uid ?? '');
  }
}
