import { assert } from '../../kernel/assert.js';
import type { Duration } from '../../kernel/clock.js';
import type { Compare, Operation } from '../../etcd/transaction.js';
import type { KeyValue, LeaseId } from '../../etcd/key-value.js';
import type { Store } from '../../etcd/store.js';
import type { WatchEvent } from '../../etcd/watch-event.js';
import type { Watcher } from '../../etcd/watch-hub.js';
import type { Kind } from '../../machinery/kind.js';
import { keyOf, type KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { CommonContent } from './common-content.js';
import { EncodedObject } from './encoded-object.js';
import type { StoredObject } from './stored-object.js';

/** One object as the store holds it, in the form of the kind that was asked for. */
export interface StoredEntry<T extends KubeObject = KubeObject> {
  readonly object: T;
  /** Encoded JSON of `object`; made once for each stored version. */
  readonly bytes: Uint8Array;
  /** As of a stored object. */
  readonly metadataBytes?: Uint8Array | undefined;
  /** The object's `resourceVersion` as a number. */
  readonly modRevision: number;
  /** `namespace/name`, or the bare name. */
  readonly key: string;
  /** What the store itself holds, in whichever version. */
  readonly stored: StoredObject;
}

/** An object on its way into the store. */
export interface ObjectWrite<T extends KubeObject = KubeObject> {
  readonly object: T;
  /** The version that is stored, where only a webhook could make it. */
  readonly stored?: KubeObject | undefined;
  /** Where its key must still be; 0: it must not exist. */
  readonly expectedRevision: number;
  readonly leaseId?: LeaseId | undefined;
}

export interface RangeRequest {
  readonly namespace?: string | undefined;
  /** Reads the past; now unless given. @throws CompactedError, FutureRevisionError */
  readonly revision?: number | undefined;
  readonly limit?: number | undefined;
  /** Only keys (`namespace/name`) after this one. */
  readonly afterKey?: string | undefined;
}

export interface RangeAnswer<T extends KubeObject = KubeObject> {
  /** In key order. */
  readonly entries: readonly StoredEntry<T>[];
  readonly more: boolean;
  /** How many the limit left out. */
  readonly remaining: number;
  /** The revision that was read. */
  readonly revision: number;
}

export interface StorageEvent<T extends KubeObject = KubeObject> {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** As it is now; for a delete, `undefined`. */
  readonly entry: StoredEntry<T> | undefined;
  /** As it was before; `undefined` for a new object. */
  readonly previous: StoredEntry<T> | undefined;
}

export interface WatchRequest {
  readonly namespace?: string | undefined;
  /** One object only: `namespace/name`, or the bare name. */
  readonly key?: string | undefined;
  /** Events from this revision on, those of the past first; only later ones unless given. @throws CompactedError */
  readonly startRevision?: number | undefined;
}

export interface Write {
  readonly kind: Kind;
  /** `resourceVersion` is set by the storage. */
  readonly object: KubeObject;
  readonly leaseId?: LeaseId | undefined;
}

export interface Removal {
  readonly kind: Kind;
  readonly key: string;
}

/**
 * The store as objects of kinds: keys, forms (two kinds may show one stored object), resource versions. It knows nothing
 * of rules; whoever writes has checked them, and names the revision that the check was made against.
 */
export class ResourceStorage {
  readonly #store: Store<StoredObject>;
  readonly #text: TextCodec;
  readonly #common: CommonContent | undefined;
  /** The other forms of stored objects, for as long as these live. */
  readonly #forms = new WeakMap<Kind, WeakMap<StoredObject, StoredObject>>();

  constructor(store: Store<StoredObject>, text: TextCodec, common?: CommonContent) {
    this.#store = store;
    this.#text = text;
    this.#common = common;
  }

  /** The newest revision. */
  get revision(): number {
    return this.#store.revision;
  }

  get compactedRevision(): number {
    return this.#store.compactedRevision;
  }

  /** Where an object lies in etcd. `key` is `namespace/name`, or the bare name. */
  storeKey(kind: Kind, key: string): string {
    return `/registry/${kind.storagePrefix}/${key}`;
  }

  prefixOf(kind: Kind, namespace?: string): string {
    return namespace === undefined
      ? `/registry/${kind.storagePrefix}/`
      : `/registry/${kind.storagePrefix}/${namespace}/`;
  }

  get<T extends KubeObject>(kind: Kind<T>, key: string, revision?: number): StoredEntry<T> | undefined {
    const kv = this.#store.get(this.storeKey(kind, key), { revision });
    return kv === undefined ? undefined : this.#entry(kind, kv);
  }

  /** The newest object itself, without an entry around it. */
  object<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    const kv = this.#store.get(this.storeKey(kind, key));
    return kv === undefined ? undefined : (this.#formOf(kind, kv.value).object as T);
  }

  /** Visits the present in key order; must not write meanwhile. */
  forEach<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string | undefined,
    visit: (entry: StoredEntry<T>) => void,
  ): void {
    this.#store.forEach(this.prefixOf(kind, namespace), (kv) => visit(this.#entry(kind, kv)));
  }

  range<T extends KubeObject>(kind: Kind<T>, request: RangeRequest = {}): RangeAnswer<T> {
    const { namespace, revision, limit, afterKey } = request;
    const prefix = this.prefixOf(kind, namespace);
    const bounds =
      afterKey === undefined
        ? { prefix }
        : { from: `${this.storeKey(kind, afterKey)}\0`, to: `${prefix.slice(0, -1)}0` };
    const { items, more, count, revision: read } = this.#store.range({ ...bounds, revision, limit });
    const entries = items.map((kv) => this.#entry(kind, kv));
    return { entries, more, remaining: count - items.length, revision: read };
  }

  count(kind: Kind, namespace?: string): number {
    return this.#store.count({ prefix: this.prefixOf(kind, namespace) });
  }

  /** Each commit's events of the kind, in order, as soon as it is committed. */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    request: WatchRequest,
    listener: (events: readonly StorageEvent<T>[]) => void,
  ): Watcher {
    const { key, namespace, startRevision } = request;
    const bounds = key === undefined ? { prefix: this.prefixOf(kind, namespace) } : oneKey(this.storeKey(kind, key));
    return this.#store.watch({ ...bounds, startRevision }, (events) =>
      listener(events.map((event) => this.#storageEvent(kind, event))),
    );
  }

  /**
   * Stores an object whose key must still be at `expectedRevision` (0: must not exist), and whatever belongs to it, in one
   * transaction. `undefined` when the key has moved on.
   */
  write<T extends KubeObject>(
    kind: Kind<T>,
    write: ObjectWrite<T>,
    also: { readonly writes: readonly Write[]; readonly removals: readonly Removal[] } = { writes: [], removals: [] },
  ): StoredEntry<T> | undefined {
    const key = keyOf(write.object);
    const storeKey = this.storeKey(kind, key);
    const { object, stored, expectedRevision, leaseId } = write;
    if (also.writes.length + also.removals.length === 0) {
      const kv = this.#store.replace(storeKey, this.#valueOf(kind, object, stored), { expectedRevision, leaseId });
      return kv && this.#entry(kind, kv);
    }
    const compare = [compareRevision(storeKey, expectedRevision)];
    const success = [this.#put({ kind, object, leaseId }, stored), ...this.#operations(also)];
    const { succeeded, results } = this.#store.transact({ compare, success });
    if (!succeeded) return undefined;
    const [first] = results;
    assert(first?.type === 'put', `${storeKey} was not written first`);
    return this.#entry(kind, first.kv);
  }

  /** Removes an object that must still be at `expectedRevision`; gives the deletion's revision, `undefined` when it has moved on. */
  remove(
    kind: Kind,
    removal: { readonly key: string; readonly expectedRevision: number },
    also: { readonly writes: readonly Write[]; readonly removals: readonly Removal[] } = { writes: [], removals: [] },
  ): number | undefined {
    const storeKey = this.storeKey(kind, removal.key);
    const { succeeded, revision } = this.#store.transact({
      compare: [compareRevision(storeKey, removal.expectedRevision)],
      success: [{ type: 'delete', key: storeKey }, ...this.#operations(also)],
    });
    return succeeded ? revision : undefined;
  }

  grantLease(timeToLive: Duration): LeaseId {
    return this.#store.grantLease(timeToLive).id;
  }

  /** Whether the stored object at `key` is bound to a lease, and to which. */
  leaseOf(kind: Kind, key: string): LeaseId | undefined {
    return this.#store.get(this.storeKey(kind, key))?.leaseId;
  }

  #operations(also: {
    readonly writes: readonly Write[];
    readonly removals: readonly Removal[];
  }): Operation<StoredObject>[] {
    return [
      ...also.writes.map((write) => this.#put(write)),
      ...also.removals.map(({ kind, key }) => ({ type: 'delete' as const, key: this.storeKey(kind, key) })),
    ];
  }

  #put({ kind, object, leaseId }: Write, stored?: KubeObject): Operation<StoredObject> {
    const value = this.#valueOf(kind, object, stored);
    const key = this.storeKey(kind, keyOf(object));
    return leaseId === undefined ? { type: 'put', key, value } : { type: 'put', key, value, leaseId };
  }

  #valueOf(kind: Kind, object: KubeObject, given?: KubeObject): (revision: number) => StoredObject {
    const stored = given ?? kind.storedAs?.toStored(object) ?? object;
    const common = kind.isCommon === true ? this.#common : undefined;
    return (revision) => {
      const whole = withResourceVersion(stored, revision);
      return common?.stored(whole) ?? new EncodedObject(whole, this.#text);
    };
  }

  #storageEvent<T extends KubeObject>(kind: Kind<T>, event: WatchEvent<StoredObject>): StorageEvent<T> {
    return {
      type: event.type,
      revision: event.revision,
      entry: event.kv === undefined ? undefined : this.#entry(kind, event.kv),
      previous: event.previous === undefined ? undefined : this.#entry(kind, event.previous),
    };
  }

  #entry<T extends KubeObject>(kind: Kind<T>, kv: KeyValue<StoredObject>): StoredEntry<T> {
    return new Entry<T>(this.#formOf(kind, kv.value), kv, kind.storagePrefix.length);
  }

  /** What would be read of an object that is not written. Definitions' versions are converted elsewhere. */
  formOf({ storedAs, custom }: Kind, object: KubeObject): KubeObject {
    if (storedAs === undefined || custom !== undefined) return object;
    return storedAs.fromStored(storedAs.toStored(object));
  }

  #formOf(kind: Kind, stored: StoredObject): StoredObject {
    if (kind.storedAs === undefined) return stored;
    const forms = this.#forms.get(kind) ?? new WeakMap<StoredObject, StoredObject>();
    const known = forms.get(stored);
    if (known !== undefined) return known;
    if (isConvertible(kind, stored)) return stored;
    const object = kind.storedAs.fromStored(stored.object);
    const form = object === stored.object ? stored : new EncodedObject(object, this.#text);
    this.#forms.set(kind, forms.set(stored, form));
    return form;
  }

  /** Whether somebody outside has yet to convert the object: until then it reads as it is stored. */
  lacksForm(kind: Kind, { stored }: StoredEntry): boolean {
    return isConvertible(kind, stored) && this.#forms.get(kind)?.has(stored) !== true;
  }

  /** Notes what the stored object is as another kind. */
  noteForm(kind: Kind, stored: StoredObject, object: KubeObject): void {
    const forms = this.#forms.get(kind) ?? new WeakMap<StoredObject, StoredObject>();
    this.#forms.set(kind, forms.set(stored, new EncodedObject(object, this.#text)));
  }

  /** The entry as it reads with the forms that have come to be known. */
  reread(kind: Kind, { stored, key, modRevision }: StoredEntry): StoredEntry {
    const kv = { key: this.storeKey(kind, key), value: stored, modRevision };
    return new Entry(this.#formOf(kind, stored), kv, kind.storagePrefix.length);
  }
}

/** Whether it takes a webhook to show the stored object as the kind. */
export const isConvertible = ({ custom, group, version }: Kind, { object }: StoredObject): boolean =>
  custom?.converter !== undefined &&
  object.apiVersion !== `${group}/${version}` &&
  object.apiVersion.startsWith(`${group}/`) &&
  custom.versionOf(object.apiVersion.slice(group.length + 1)) !== undefined;

const REGISTRY_LENGTH = '/registry/'.length;

/** Looks at the object and its bytes only when asked: a list of bytes parses nothing. */
class Entry<T extends KubeObject> implements StoredEntry<T> {
  readonly modRevision: number;
  readonly stored: StoredObject;
  readonly #form: StoredObject;
  readonly #storeKey: string;
  readonly #prefixLength: number;

  constructor(
    form: StoredObject,
    kv: Pick<KeyValue<StoredObject>, 'key' | 'value' | 'modRevision'>,
    prefixLength: number,
  ) {
    this.#form = form;
    this.stored = kv.value;
    this.modRevision = kv.modRevision;
    this.#storeKey = kv.key;
    this.#prefixLength = prefixLength;
  }

  get object(): T {
    return this.#form.object as T;
  }

  get bytes(): Uint8Array {
    return this.#form.bytes;
  }

  get metadataBytes(): Uint8Array | undefined {
    return this.#form.metadataBytes;
  }

  get key(): string {
    return this.#storeKey.slice(REGISTRY_LENGTH + this.#prefixLength + 1);
  }
}

const oneKey = (key: string): { from: string; to: string } => ({ from: key, to: `${key}\0` });

const compareRevision = (key: string, operand: number): Compare<StoredObject> => ({
  key,
  target: 'modRevision',
  operator: '=',
  operand,
});

/** The object as it reads once its revision is known. The order of the top-level keys is that of upstream's encoder. */
function withResourceVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** The object at a key, and nothing where there is none. */
export function entriesAt(storage: ResourceStorage, kind: Kind, key: string): readonly StoredEntry[] {
  const entry = storage.get(kind, key);
  return entry === undefined ? [] : [entry];
}
