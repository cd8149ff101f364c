import type { Kind } from './kind.js';
import type { KubeObject } from './object.js';
import type { ResourceReader } from './resource-reader.port.js';
import type { StatusError } from './status-error.js';
import type { UserInfo } from './user.js';

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface DeleteCallOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: Preconditions;
}

/** One write of a component. It passes the same admission, strategy and validation as a request from the wire. */
export type ApiCall<T extends KubeObject = KubeObject> = {
  readonly user: UserInfo;
  /** The manager's name in `managedFields`. */
  readonly fieldManager: string;
  readonly kind: Kind<T>;
} & (
  | { readonly verb: 'create'; readonly namespace: string | undefined; readonly object: NewObject<T> }
  | { readonly verb: 'update'; readonly object: T; readonly subresource?: 'status' }
  | {
      readonly verb: 'patch';
      readonly key: string;
      /** `apply` takes a whole configuration, by force, of an object that is there. */
      readonly patchType: 'merge' | 'strategic' | 'json' | 'apply';
      readonly patch: unknown;
      readonly subresource?: string;
    }
  | { readonly verb: 'delete'; readonly key: string; readonly options?: DeleteCallOptions }
  /** POST to a subresource: `binding`, `eviction`, `token`. */
  | { readonly verb: 'create-subresource'; readonly key: string; readonly subresource: string; readonly body: unknown }
);

/** An object on its way to be created: the server fills `apiVersion`, `kind` and the rest of the metadata. */
export type NewObject<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind' | 'metadata' | 'status'> & {
  readonly metadata: Partial<T['metadata']>;
  readonly status?: T extends { readonly status?: infer Status } ? Status : never;
};

export type Outcome<T extends KubeObject = KubeObject> =
  { readonly object: T; readonly error?: never } | { readonly error: StatusError; readonly object?: never };

export interface ResourceEvent<T extends KubeObject = KubeObject> {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly kind: Kind<T>;
  /** As it is now; for `deleted`, as it last was, with the deletion's resourceVersion. */
  readonly object: T;
  readonly previous?: T;
  readonly revision: number;
}

export interface Subscription {
  cancel(): void;
}

/** Kinds that are served no more, and kinds that are now: a changed definition takes away some and adds others at once. */
export interface KindChange {
  readonly removed: readonly Kind[];
  readonly added: readonly Kind[];
}

export type KindListener = (change: KindChange) => void;

/** What the API server is to components inside the same cluster. `done` is called once, now or, after an outside effect, later. */
export interface ResourceApi extends ResourceReader {
  call<T extends KubeObject>(call: ApiCall<T>, done: (outcome: Outcome<T>) => void): void;
  /** Every change of a kind from now on, in revision order, called synchronously as it is committed: only note it, act later. */
  subscribe<T extends KubeObject>(kind: Kind<T>, listener: (event: ResourceEvent<T>) => void): Subscription;
  /** The kinds that the cluster has defined itself, as they are now. */
  customKinds(): readonly Kind[];
  /** Every later change of them, called synchronously: only note it, act later. */
  subscribeToKinds(listener: KindListener): Subscription;
}
