// Mirrors client-go as controllers use it: listers, informers, typed writes, an event recorder. It leaves out transport,
// retries of single calls and rate limits: writes are fire-and-observe, and a component sees their effect on its next pass.
import type { Duration } from '../kernel/clock.js';
import type { Simulation } from '../kernel/simulation.js';
import type { Kind } from '../machinery/kind.js';
import { keyOf, type KubeObject } from '../machinery/object.js';
import type {
  DeleteCallOptions,
  KindListener,
  NewObject,
  Outcome,
  ResourceApi,
  Subscription,
} from '../machinery/resource-api.port.js';
import type { Index } from '../machinery/resource-reader.port.js';
import type { StatusError } from '../machinery/status-error.js';
import type { UserInfo } from '../machinery/user.js';
import { Informer, type InformerHandler } from './informer.js';

export type Done<T extends KubeObject = KubeObject> = (outcome: Outcome<T>) => void;

/** A path below an object; `key` is `namespace/name`, or the bare name. */
export interface SubresourceRef {
  readonly key: string;
  readonly subresource: string;
}

export interface ClientIdentity {
  readonly user: UserInfo;
  /** The manager's name in `managedFields`, and the `source.component` of events. */
  readonly fieldManager: string;
}

export interface ClientOptions extends ClientIdentity {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  /** How long a change takes from the store to a watching component. */
  readonly propagation: Duration;
  /** Receives the failure of every write that was sent without a `done` of its own. */
  onError(error: StatusError): void;
}

/** A component's only door to the API server. Reads see the newest state; nothing read may be mutated. */
export class Client {
  readonly simulation: Simulation;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.simulation = options.simulation;
    this.#options = options;
  }

  get identity(): ClientIdentity {
    return this.#options;
  }

  /** The same client with another receiver of failures: a reconcile hears of its own writes only. */
  reportingTo(onError: (error: StatusError) => void): Client {
    return new Client({ ...this.#options, onError });
  }

  /** The same door for another identity, such as one controller's service account. */
  as(identity: ClientIdentity): Client {
    return new Client({ ...this.#options, ...identity });
  }

  /** `key` is `namespace/name`, or the bare name of a cluster-scoped object. */
  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    return this.#options.api.get(kind, key);
  }

  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[] {
    return this.#options.api.list(kind, namespace);
  }

  indexed<T extends KubeObject>(kind: Kind<T>, index: Index<T>, key: string): readonly T[] {
    return this.#options.api.indexed(kind, index, key);
  }

  create<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string | undefined,
    object: NewObject<T>,
    done?: Done<T>,
  ): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'create', user, fieldManager, kind, namespace, object }, this.#settle(done));
  }

  /** Replaces all but the status; the object's `resourceVersion`, where it has one, must be the stored one. */
  update<T extends KubeObject>(kind: Kind<T>, object: T, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'update', user, fieldManager, kind, object }, this.#settle(done));
  }

  updateStatus<T extends KubeObject>(kind: Kind<T>, object: T, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'update', user, fieldManager, kind, object, subresource: 'status' }, this.#settle(done));
  }

  /** A JSON merge patch. */
  patch<T extends KubeObject>(kind: Kind<T>, key: string, patch: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'patch', user, fieldManager, kind, key, patchType: 'merge', patch }, this.#settle(done));
  }

  /** A JSON merge patch of the status subresource. */
  patchStatus<T extends KubeObject>(kind: Kind<T>, key: string, patch: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>(
      { verb: 'patch', user, fieldManager, kind, key, patchType: 'merge', patch, subresource: 'status' },
      this.#settle(done),
    );
  }

  /** Server-side apply, by force; `config` names the object, and all that the manager wants of it. */
  apply<T extends KubeObject>(kind: Kind<T>, key: string, config: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>(
      { verb: 'patch', user, fieldManager, kind, key, patchType: 'apply', patch: config },
      this.#settle(done),
    );
  }

  /** Server-side apply of the status subresource, by force; `config` names the object, and all that the manager wants of it. */
  applyStatus<T extends KubeObject>(kind: Kind<T>, key: string, config: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>(
      { verb: 'patch', user, fieldManager, kind, key, patchType: 'apply', patch: config, subresource: 'status' },
      this.#settle(done),
    );
  }

  /** A JSON merge patch of another subresource that shows the object, such as a namespace's `finalize`. */
  patchSubresource<T extends KubeObject>(kind: Kind<T>, target: SubresourceRef, patch: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'patch', user, fieldManager, kind, ...target, patchType: 'merge', patch }, this.#settle(done));
  }

  /** Deletes exactly this object: one of the same name that came after it is left alone. */
  delete<T extends KubeObject>(kind: Kind<T>, object: T, options: DeleteCallOptions = {}, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    const { uid } = object.metadata;
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...options.preconditions };
    api.call<T>(
      { verb: 'delete', user, fieldManager, kind, key: keyOf(object), options: { ...options, preconditions } },
      this.#settle(done),
    );
  }

  /** POST to a subresource, such as a pod's `binding` or `eviction`; of a service account's `token` the outcome is the answer. */
  post<T extends KubeObject>(kind: Kind<T>, { key, subresource }: SubresourceRef, body: unknown, done?: Done<T>): void {
    const { api, user, fieldManager } = this.#options;
    api.call<T>({ verb: 'create-subresource', user, fieldManager, kind, key, subresource, body }, this.#settle(done));
  }

  /** The kinds that the cluster has defined itself, as they are now; of each, the preferred version comes first. */
  customKinds(): readonly Kind[] {
    return this.#options.api.customKinds();
  }

  /** Hears of every later change of them, at once: only note it, act later. */
  watchKinds(listener: KindListener): Subscription {
    return this.#options.api.subscribeToKinds(listener);
  }

  /** Calls the handler for every object there is, then for every change, each a moment after it happened and in one order. */
  watch<T extends KubeObject>(kind: Kind<T>, handler: InformerHandler<T>): Informer<T> {
    return new Informer(this.#options, kind, handler);
  }

  #settle<T extends KubeObject>(done: Done<T> | undefined): Done<T> {
    if (done !== undefined) return done;
    return (outcome) => {
      if (outcome.error !== undefined) this.#options.onError(outcome.error);
    };
  }
}
