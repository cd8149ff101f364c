import type { Simulation } from '../../kernel/simulation.js';
import type { Kind, StrategyContext } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { conflict, notFound, success, type Status } from '../../machinery/status-error.js';
import type { AdmissionAttributes } from '../admission/admission.js';
import type { Conversions } from '../custom-resources/conversions.js';
import { entriesAt, type ResourceStorage, type StoredEntry } from '../storage/resource-storage.js';
import { validateDeleteOptions, type DeleteOptions } from './delete-options.js';
import { finalizersForDeletion } from './finalizers.js';
import { deepEqual } from '../../machinery/equality.js';
import { deletionStep, markedAsDeleting } from './graceful-deletion.js';
import { writeMarked } from './marked-write.js';
import { namespaceDeletion } from './namespace-deletion.js';
import { attempt, type Settle } from './settled.js';
import { SideWrites } from './side-writes.js';
import type { WriteAdmission } from './write-admission.js';
import type { WriteScope, Written } from './write-scope.js';

/** The kinds whose delete answers with the object; the others' answer is a Status. */
export const RETURNING_PLURALS: readonly string[] = [
  'csidrivers',
  'csinodes',
  'deviceclasses',
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourceclaims',
  'resourceclaimtemplates',
  'resourcequotas',
  'resourceslices',
  'serviceaccounts',
  'services',
  'storageclasses',
  'volumeattachments',
  'volumeattributesclasses',
];

/** What a delete answers with. */
export type Deleted = Written & {
  /** Shown instead of the object, where the kind is so and the object went. */
  readonly status: Status | undefined;
  /** Whether the object is gone. */
  readonly isGone: boolean;
};

export interface DeleterOptions {
  readonly storage: ResourceStorage;
  readonly reader: ResourceReader;
  readonly simulation: Simulation;
  readonly admission: WriteAdmission;
  readonly conversions: Conversions;
}

/** Deletion, mirroring upstream's registry store: preconditions, grace, finalizers, and then the end. */
export class ObjectDeleter {
  readonly #options: DeleterOptions;

  constructor(options: DeleterOptions) {
    this.#options = options;
  }

  /** `key` is `namespace/name`, or the bare name. */
  delete(scope: WriteScope, key: string, options: DeleteOptions, settle: Settle<Deleted>): void {
    attempt(settle, (once) => this.#whenReady(scope, key, once, (ready) => this.#judge(scope, key, options, ready)));
  }

  #judge(scope: WriteScope, key: string, options: DeleteOptions, settle: Settle<Deleted>): void {
    const { kind } = scope;
    const entry = this.#options.storage.get(kind, key);
    if (entry === undefined) throw notFound({ group: kind.group, resource: kind.plural }, nameOf(key));
    validateDeleteOptions(options);
    checkPreconditions(kind, entry.object, options);
    this.#admitted(scope, entry, settle, () =>
      this.#whenReady(scope, key, settle, (once) => once({ value: this.#delete(scope, entry.key, options) })),
    );
  }

  #whenReady(
    { kind }: WriteScope,
    key: string,
    settle: Settle<Deleted>,
    next: (settle: Settle<Deleted>) => void,
  ): void {
    const { storage, conversions } = this.#options;
    conversions.whenReady(kind, () => entriesAt(storage, kind, key), settle, next);
  }

  /** The end of an object whose last finalizer an update took away. `object` is as that update left it. */
  removeFinalized(scope: WriteScope, entry: StoredEntry, object: KubeObject): Written {
    const { storage } = this.#options;
    if (scope.isDryRun) return { object, entry: undefined, revision: storage.revision, isNew: false };
    const revision = this.#remove(scope, entry, object);
    return { object: withRevision(object, revision), entry: undefined, revision, isNew: false };
  }

  #delete(scope: WriteScope, key: string, options: DeleteOptions): Deleted {
    const { kind } = scope;
    const { storage, simulation } = this.#options;
    // Read again: admission may have waited.
    const entry = storage.get(kind, key);
    if (entry === undefined) throw notFound({ group: kind.group, resource: kind.plural }, nameOf(key));
    if (kind.storagePrefix === 'namespaces') {
      const step = namespaceDeletion(entry.object, simulation.now);
      if (step.type === 'pending') return this.#unchanged(kind, entry);
      if (step.type === 'mark') {
        const finalizers = finalizersForDeletion(kind, step.object.metadata, options);
        return this.#mark(scope, entry, withFinalizers(step.object, finalizers));
      }
    }
    const marked = kind.markForDeletion?.(entry.object, simulation.now);
    if (marked !== undefined) return this.#mark(scope, entry, marked);
    const step = deletionStep(kind, entry.object, options, simulation.now);
    if (step.type === 'pending') return this.#unchanged(kind, entry);
    const metadata = step.type === 'graceful' ? step.metadata : entry.object.metadata;
    const finalizers = finalizersForDeletion(kind, metadata, options);
    const isWaiting = finalizers.length > 0;
    if (step.type === 'now' && !isWaiting) return this.#end(scope, entry, entry.object);
    const ending = step.type === 'graceful' ? metadata : markedAsDeleting(metadata, simulation.now);
    const object = withFinalizers({ ...entry.object, metadata: ending }, finalizers);
    const isOver = step.type === 'graceful' && step.gracePeriodSeconds === 0 && !isWaiting;
    if (!isOver) return this.#mark(scope, entry, object);
    return scope.isDryRun ? this.#end(scope, entry, object) : this.#markAndEnd(scope, entry, object);
  }

  /** As upstream does it, in two revisions: watchers see the end of the grace period, and then the end. */
  #markAndEnd(scope: WriteScope, entry: StoredEntry, object: KubeObject): Deleted {
    const { storage } = this.#options;
    if (!deepEqual(object, entry.object)) this.#mark(scope, entry, object);
    const marked = storage.get(scope.kind, entry.key);
    // A listener may have been faster.
    if (marked === undefined) return this.#gone(scope.kind, object, storage.revision);
    return this.#end(scope, marked, marked.object);
  }

  /** Already on its way: upstream answers as if it had just gone. */
  #unchanged(kind: Kind, entry: StoredEntry): Deleted {
    return {
      object: entry.object,
      entry,
      revision: entry.modRevision,
      isNew: false,
      status: statusOf(kind, entry.object),
      isGone: false,
    };
  }

  #mark({ kind, isDryRun }: WriteScope, entry: StoredEntry, object: KubeObject): Deleted {
    const { storage } = this.#options;
    const rest = { isNew: false, status: undefined, isGone: false };
    if (isDryRun) return { object, entry: undefined, revision: storage.revision, ...rest };
    const leaseId = storage.leaseOf(kind, entry.key);
    const stored = writeMarked(storage, kind, entry, { object, expectedRevision: entry.modRevision, leaseId });
    if (stored === undefined) throw conflict({ group: kind.group, resource: kind.plural }, object.metadata.name);
    return { object: stored.object, entry: stored, revision: stored.modRevision, ...rest };
  }

  #end(scope: WriteScope, entry: StoredEntry, object: KubeObject): Deleted {
    const { kind, isDryRun } = scope;
    if (isDryRun) return this.#gone(kind, object, this.#options.storage.revision);
    const revision = this.#remove(scope, entry, object);
    return this.#gone(kind, withRevision(object, revision), revision);
  }

  #gone(kind: Kind, object: KubeObject, revision: number): Deleted {
    return { object, entry: undefined, revision, isNew: false, status: statusOf(kind, object), isGone: true };
  }

  #remove({ kind, user }: WriteScope, entry: StoredEntry, object: KubeObject): number {
    const { storage, simulation, reader } = this.#options;
    const sides = new SideWrites();
    const context: StrategyContext = {
      now: simulation.now,
      random: simulation.random,
      reader,
      user,
      also: (write) => sides.add(write),
    };
    kind.release?.(object, context);
    const revision = storage.remove(kind, { key: entry.key, expectedRevision: entry.modRevision }, sides);
    if (revision === undefined) throw conflict({ group: kind.group, resource: kind.plural }, object.metadata.name);
    return revision;
  }

  /** Deletion is judged once by mutating and validating plugins alike; there is no object to change. */
  #admitted(scope: WriteScope, { object }: StoredEntry, settle: Settle<Deleted>, next: () => void): void {
    const { admission } = this.#options;
    const { kind, subresource, namespace, user, isDryRun, options, isAdmitted } = scope;
    if (isAdmitted === true) return next();
    const attributes: AdmissionAttributes = {
      operation: 'DELETE',
      kind,
      subresource,
      namespace,
      name: scope.isCollection === true ? '' : object.metadata.name,
      user,
      isDryRun,
      ...(options === undefined ? {} : { options }),
      object: undefined,
      old: object,
    };
    admission.admit(attributes, scope, settle, () => admission.validate(attributes, scope, settle, next));
  }
}

function checkPreconditions(kind: Kind, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion } = preconditions;
  // Registries with a Delete of their own look first.
  const isNamespace = kind.storagePrefix === 'namespaces' || kind.markForDeletion !== undefined;
  const of = { group: kind.group, resource: isNamespace ? kind.plural : kind.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    if (isNamespace) throw conflict(of, metadata.name, namespaceFault('UID', uid, metadata.uid));
    const fault = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict(of, metadata.name, fault);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    if (isNamespace) {
      throw conflict(of, metadata.name, namespaceFault('ResourceVersion', resourceVersion, metadata.resourceVersion));
    }
    const fault = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(of, metadata.name, fault);
  }
}

const namespaceFault = (field: string, wanted: string, actual = ''): string =>
  `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`;

function statusOf(kind: Kind, { metadata: { name, uid } }: KubeObject): Status | undefined {
  if (RETURNING_PLURALS.includes(kind.plural)) return undefined;
  return success({
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    ...(uid === undefined ? {} : { uid }),
  });
}

const withRevision = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
});

function withFinalizers(object: KubeObject, finalizers: readonly string[]): KubeObject {
  const { finalizers: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}

const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
