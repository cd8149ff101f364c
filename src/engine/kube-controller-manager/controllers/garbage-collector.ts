// Mirrors upstream's garbage collector: objects go with the last of their owners, in the background, in the foreground or not at all.
// It leaves out virtual nodes: what an owner is now is read. Events are neither owners nor dependents, as upstream ignores them.
import { WorkQueue } from '../../kernel/work-queue.js';
import type { Client } from '../../client/client.js';
import type { InformerHandler } from '../../client/informer.js';
import { event } from '../../kinds/event.js';
import type { OwnerReference } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import { keyOf, type KubeObject } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { Controller, ControllerContext, ControllerFigures, RunningController } from '../controller.js';
import { itemKeyOf, OwnedObjects, splitItemKey, typeKeyOf } from '../owned-objects.js';
import { releasePatch } from '../owner-references.js';
import { ownObjects } from '../own-kinds.js';
import { isGone } from '../status-errors.js';
import { without } from '../without.js';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Owners that are known not to exist; the longest known is forgotten first. */
const ABSENT_OWNERS_MAX = 500;

export const garbageCollector: Controller = Object.freeze({
  name: 'garbage-collector-controller',
  option: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  start: (context: ControllerContext) => new GarbageCollector(context),
});

interface Item {
  readonly kind: Kind;
  readonly object: KubeObject;
}

/** The owners of an object, sorted by what they mean for it. */
interface Owners {
  /** They keep it alive. */
  readonly solid: readonly OwnerReference[];
  /** They do not exist. */
  readonly dangling: readonly OwnerReference[];
  /** They are being deleted and wait for it to go first. */
  readonly waiting: readonly OwnerReference[];
}

class GarbageCollector implements RunningController {
  readonly #context: ControllerContext;
  readonly #client: Client;
  readonly #queue: WorkQueue;
  readonly #kinds: readonly Kind[];
  readonly #kindsByType = new Map<string, Kind>();
  readonly #owned = new OwnedObjects();
  readonly #absent = new Set<string>();
  #reconciles = 0;
  #failures = 0;
  #lastError: string | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#client = context.client;
    this.#queue = new WorkQueue(context.simulation, (key) => this.#work(key));
    this.#kinds = ownObjects(context.settings.kinds).filter((kind) => kind !== event);
    for (const kind of this.#kinds) this.#kindsByType.set(typeKeyOf(kind), kind);
    for (const kind of this.#kinds) context.informers.watch(kind, this.#handler(kind));
    context.informers.watchCustom({ handlerOf: (kind) => this.#handler(kind) });
  }

  get figures(): ControllerFigures {
    return {
      name: 'garbage-collector-controller',
      queue: this.#queue.figures,
      reconciles: this.#reconciles,
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  stop(): void {
    this.#queue.stop();
  }

  #handler(kind: Kind): InformerHandler<KubeObject> {
    return {
      added: (object) => {
        this.#owned.note(kind, object, undefined);
        if (object.metadata.ownerReferences !== undefined || isCollecting(object)) this.#add(kind, object);
        if (isDeletingDependents(object)) this.#addDependents(object);
      },
      modified: (object, previous) => this.#modified(kind, object, previous),
      deleted: (object) => {
        this.#owned.note(kind, undefined, object);
        this.#noteAbsent(object.metadata.uid ?? '');
        this.#addDependents(object);
        this.#addWaitingOwners(object);
      },
    };
  }

  #modified(kind: Kind, object: KubeObject, previous: KubeObject): void {
    this.#owned.note(kind, object, previous);
    const hasOtherOwners = !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences);
    if (hasOtherOwners) {
      this.#addWaitingOwners(previous);
      if (object.metadata.ownerReferences !== undefined) this.#add(kind, object);
    }
    if (!isCollecting(object) || isCollecting(previous)) return;
    this.#add(kind, object);
    if (isDeletingDependents(object)) this.#addDependents(object);
  }

  #add(kind: Kind, object: KubeObject): void {
    this.#queue.add(itemKeyOf(kind, object));
  }

  #addDependents({ metadata: { uid } }: KubeObject): void {
    for (const key of this.#owned.of(uid ?? '')) this.#queue.add(key);
  }

  /** Owners that wait for this object to go, or to let go of them. */
  #addWaitingOwners(object: KubeObject): void {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const found = this.#find(reference, object);
      if (found !== undefined && isCollecting(found.object)) this.#add(found.kind, found.object);
    }
  }

  /** As they are now: one that has let go of its owner is none any more. */
  #dependentsOf(uid: string): readonly Item[] {
    return this.#owned.of(uid).flatMap((key) => {
      const item = this.#item(key);
      return item?.object.metadata.ownerReferences?.some((each) => each.uid === uid) === true ? [item] : [];
    });
  }

  #item(itemKey: string): Item | undefined {
    const { typeKey, key } = splitItemKey(itemKey);
    const kind = this.#kindsByType.get(typeKey) ?? this.#customKind(typeKey);
    const object = kind === undefined ? undefined : this.#client.get(kind, key);
    return kind === undefined || object === undefined ? undefined : { kind, object };
  }

  #work(key: string): void {
    this.#reconciles++;
    const item = this.#item(key);
    if (item === undefined) return this.#queue.forget(key);
    const settled = (error: StatusError | undefined): void => this.#settled(key, error);
    if (isOrphaning(item.object)) this.#orphan(item, settled);
    else if (isDeletingDependents(item.object)) this.#awaitDependents(item, settled);
    else if (item.object.metadata.deletionTimestamp === undefined) this.#collect(item, settled);
  }

  #settled(key: string, error: StatusError | undefined): void {
    if (error === undefined || error.code === 404) return this.#queue.forget(key);
    this.#failures++;
    this.#lastError = error.message;
    this.#queue.addRateLimited(key);
  }

  /** Lets the dependents go; when none is left, the owner follows. */
  #orphan({ kind, object }: Item, settled: (error: StatusError | undefined) => void): void {
    const uid = object.metadata.uid ?? '';
    for (const dependent of this.#dependentsOf(uid)) {
      const patch = releasePatch(dependent.object, new Set([uid]));
      this.#client.patch(dependent.kind, keyOf(dependent.object), patch, ({ error }) => {
        if (error !== undefined && error.code !== 404) settled(error);
      });
    }
    if (this.#dependentsOf(uid).length === 0) this.#removeFinalizer({ kind, object }, ORPHAN, settled);
  }

  /** The owner goes once no dependent that blocks it is left. */
  #awaitDependents({ kind, object }: Item, settled: (error: StatusError | undefined) => void): void {
    const uid = object.metadata.uid ?? '';
    if (this.#dependentsOf(uid).some((each) => blocks(each.object, uid))) return;
    this.#removeFinalizer({ kind, object }, FOREGROUND, settled);
  }

  #removeFinalizer({ kind, object }: Item, finalizer: string, settled: (error: StatusError | undefined) => void): void {
    const { uid, resourceVersion, finalizers = [] } = object.metadata;
    const left = finalizers.filter((each) => each !== finalizer);
    const metadata = { uid, resourceVersion, finalizers: left.length === 0 ? null : left };
    this.#client.patch(kind, keyOf(object), { metadata }, ({ error }) => settled(error));
  }

  /** Deletes an object without solid owners; of one that has any, takes the references to the others away. */
  #collect(item: Item, settled: (error: StatusError | undefined) => void): void {
    const { kind, object } = item;
    const owners = this.#classify(object);
    if (owners === undefined) return;
    const { solid, dangling, waiting } = owners;
    if (solid.length + dangling.length + waiting.length === 0) return;
    if (solid.length > 0) {
      if (dangling.length + waiting.length === 0) return;
      const gone = new Set([...dangling, ...waiting].map(({ uid }) => uid));
      this.#client.patch(kind, keyOf(object), releasePatch(object, gone), ({ error }) => settled(error));
      return;
    }
    if (object.metadata.deletionTimestamp !== undefined) return;
    const dependents = waiting.length > 0 ? this.#dependentsOf(object.metadata.uid ?? '') : [];
    if (dependents.length > 0) {
      this.#unblock(item, dependents);
      return this.#delete(item, 'Foreground', settled);
    }
    this.#delete(item, policyOf(object), settled);
  }

  /** A dependent that is deleting its own dependents might wait for this object in a circle: it then blocks nobody. */
  #unblock({ kind, object }: Item, dependents: readonly Item[]): void {
    if (!dependents.some((each) => isDeletingDependents(each.object))) return;
    const ownerReferences = object.metadata.ownerReferences?.map((each) => ({ ...each, blockOwnerDeletion: false }));
    this.#client.patch(kind, keyOf(object), { metadata: { uid: object.metadata.uid, ownerReferences } });
  }

  #delete(
    { kind, object }: Item,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
    settled: (error: StatusError | undefined) => void,
  ): void {
    this.#client.delete(kind, object, { propagationPolicy }, ({ error }) =>
      settled(error !== undefined && isGone(error) ? undefined : error),
    );
  }

  /** `undefined` when nothing may be decided: an owner is of a kind that is not served (yet), or cannot be an owner here. */
  #classify(object: KubeObject): Owners | undefined {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of object.metadata.ownerReferences ?? []) {
      const kind = this.#kindOf(reference);
      if (kind === undefined) return undefined;
      if (kind.scope === 'Namespaced' && object.metadata.namespace === undefined) return undefined;
      const owner = this.#find(reference, object);
      if (owner === undefined) {
        this.#tellIfElsewhere(kind, reference, object);
        dangling.push(reference);
      } else if (isDeletingDependents(owner.object)) waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, dangling, waiting };
  }

  #kindOf({ apiVersion, kind }: OwnerReference): Kind | undefined {
    const typeKey = `${apiVersion} ${kind}`;
    return this.#kindsByType.get(typeKey) ?? this.#customKind(typeKey);
  }

  /** Any version of what the cluster has defined itself. */
  #customKind(typeKey: string): Kind | undefined {
    const known = [...this.#client.customKinds(), ...this.#context.informers.customKinds];
    return known.find((kind) => typeKeyOf(kind) === typeKey);
  }

  /** The very object that is referred to; one of the same name with another uid is not it. */
  #find(reference: OwnerReference, dependent: KubeObject): Item | undefined {
    const kind = this.#kindOf(reference);
    if (kind === undefined) return undefined;
    const { namespace } = dependent.metadata;
    const key = kind.scope === 'Cluster' || namespace === undefined ? reference.name : `${namespace}/${reference.name}`;
    const object = this.#client.get(kind, key);
    return object?.metadata.uid === reference.uid ? { kind, object } : undefined;
  }

  /** An owner that exists, but in another namespace, is a mistake to tell of. */
  #tellIfElsewhere(kind: Kind, { uid, name, apiVersion }: OwnerReference, dependent: KubeObject): void {
    if (kind.scope === 'Cluster' || this.#absent.has(uid)) return;
    if (!this.#client.list(kind).some(({ metadata }) => metadata.uid === uid)) return this.#noteAbsent(uid);
    const metadata = without(dependent.metadata, 'resourceVersion');
    const { namespace = '' } = metadata;
    const reference = `${apiVersion}/${kind.kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}`;
    const message = `ownerRef [${reference}] does not exist in namespace "${namespace}"`;
    this.#context.recorder.record({ ...dependent, metadata }, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  #noteAbsent(uid: string): void {
    this.#absent.add(uid);
    if (this.#absent.size <= ABSENT_OWNERS_MAX) return;
    const [oldest = ''] = this.#absent;
    this.#absent.delete(oldest);
  }
}

const hasFinalizer = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.finalizers?.includes(finalizer) ?? false;

const isDeletingDependents = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && hasFinalizer(object, FOREGROUND);

const isOrphaning = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && hasFinalizer(object, ORPHAN);

/** Being deleted in a way that its dependents have a part in. */
const isCollecting = (object: KubeObject): boolean => isDeletingDependents(object) || isOrphaning(object);

const blocks = ({ metadata }: KubeObject, ownerUid: string): boolean =>
  metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true) ??
  false;

function policyOf(object: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan';
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background';
}
