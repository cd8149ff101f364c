import type { Simulation } from '../../kernel/simulation.js';
import type { LeaseId } from '../../etcd/key-value.js';
import { apiVersionOf, keyOf, type Draft, type KubeObject } from '../../machinery/object.js';
import type { Kind, SideWrite, StrategyContext } from '../../machinery/kind.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';
import {
  alreadyExists,
  conflict,
  generateNameConflict,
  notFound,
  unknownError,
  StatusError,
} from '../../machinery/status-error.js';
import type { AdmissionAttributes } from '../admission/admission.js';
import type { Conversions } from '../custom-resources/conversions.js';
import { ConvertedForms, type FormNeeded } from '../ownership/converted-forms.js';
import type { FieldTracker } from '../ownership/field-tracker.js';
import type { SpecForms } from '../spec-forms/spec-forms.js';
import { entriesAt, type ObjectWrite, type ResourceStorage, type StoredEntry } from '../storage/resource-storage.js';
import { checkVersionText, prepareChanged, settleVersion, validateChanged } from '../strategy/changed-object.js';
import { generatedName, prepareNew, validateNew } from '../strategy/new-object.js';
import type { UpdateRules } from '../strategy/update-rules.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Face } from '../subresources/face.js';
import type { EventLeases } from './event-leases.js';
import type { ObjectDeleter } from './object-deleter.js';
import { writeConverted } from './converted-write.js';
import { writeFitting } from './fitting-write.js';
import { isUnchanged } from './unchanged.js';
import { preconditionFailed } from './precondition-failed.js';
import { attempt, type Settle } from './settled.js';
import { SideWrites } from './side-writes.js';
import type { WriteAdmission } from './write-admission.js';
import type { WriteScope, Written } from './write-scope.js';

/** How often a generated name is drawn anew when it is taken, as upstream does. */
const NAME_DRAWS_MAX = 8;
/** How often a change is made anew because the object moved while admission waited. */
const ATTEMPTS_MAX = 5;
/** Forms of objects that one change may ask for. */
const FORMS_MAX = 64;
const GENERATE_NAME_RETRY_SECONDS = 1;
const SERVER_MANAGER = 'kube-apiserver';

export interface WriterOptions {
  readonly storage: ResourceStorage;
  readonly reader: ResourceReader;
  readonly simulation: Simulation;
  readonly admission: WriteAdmission;
  readonly eventLeases: EventLeases;
  readonly deleter: ObjectDeleter;
  readonly fields: FieldTracker;
  readonly conversions: Conversions;
  readonly specForms: SpecForms;
}

/** One change: from the stored object (`undefined`: there is none) to the private copy that is to replace it. */
export interface Change {
  readonly key: string;
  readonly rules: UpdateRules;
  /** What is changed, where that is not the object itself: admission sees it. */
  readonly face?: Face | undefined;
  make(old: KubeObject | undefined): Draft<KubeObject>;
  /** Conditions on the stored object, checked before `make`. */
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
}

/** Where an update stands that is made anew. */
interface Attempt {
  readonly number: number;
  /** What was converted for it so far. */
  readonly forms: ConvertedForms;
}

/** The rest of a write that has been judged. */
interface Finished {
  readonly context: StrategyContext;
  readonly sides: SideWrites;
  readonly stored: KubeObject | undefined;
}

/** Create and update, from a decoded body to the store: admission, strategy, validation, allocation, transaction. */
export class ObjectWriter {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Takes over `draft`: a defaulted, private copy. */
  create(scope: WriteScope, draft: Draft<KubeObject>, settle: Settle<Written>): void {
    attempt(settle, (once) => this.#create(scope, draft, once));
  }

  update(scope: WriteScope, change: Change, settle: Settle<Written>): void {
    attempt(settle, (once) => this.#update(scope, change, { number: 1, forms: new ConvertedForms() }, once));
  }

  strategyContext(user: UserInfo, sides: SideWrites): StrategyContext {
    const { simulation, reader } = this.#options;
    const also = (write: SideWrite): void => sides.add(this.#withManager(write));
    return { now: simulation.now, random: simulation.random, reader, user, also };
  }

  /** What the server itself makes beside an object is its own. */
  #withManager(write: SideWrite): SideWrite {
    if (write.type === 'delete' || write.object.metadata.managedFields !== undefined) return write;
    const object = { ...write.object, metadata: { ...write.object.metadata } };
    const writer = { kind: write.kind, subresource: '', manager: SERVER_MANAGER };
    this.#options.fields.created(writer, object as Draft<KubeObject>);
    return { ...write, object };
  }

  #create(scope: WriteScope, draft: Draft<KubeObject>, settle: Settle<Written>): void {
    checkUnversioned(draft);
    const attributes = this.#attributes(scope, 'CREATE', draft, undefined);
    this.#options.admission.admit(attributes, scope, settle, () =>
      this.#prepareAndStore(scope, draft, attributes, settle),
    );
  }

  #prepareAndStore(
    scope: WriteScope,
    draft: Draft<KubeObject>,
    attributes: AdmissionAttributes,
    settle: Settle<Written>,
  ): void {
    const { kind, namespace, warnings } = scope;
    const sides = new SideWrites();
    const context = this.strategyContext(scope.user, sides);
    prepareNew(kind, draft, namespace, context);
    // Judged whether or not anybody listens to warnings.
    const found = this.#judgeNew(kind, draft, context);
    warnings?.push(...found);
    this.#options.admission.validate(attributes, scope, settle, () => {
      if (kind.isVirtual === true) return settle({ value: writtenOnly(draft, this.#options.storage.revision) });
      this.#settleName(kind, draft, context);
      const store = (stored: KubeObject | undefined): Written =>
        this.#storeNew(scope, draft, { context, sides, stored });
      writeConverted(this.#options, { scope, object: draft, store, again: () => undefined }, settle);
    });
  }

  /** What there is to warn of. @throws StatusError 422 */
  #judgeNew(kind: Kind, draft: Draft<KubeObject>, { reader }: StrategyContext): readonly string[] {
    const { specForms } = this.#options;
    const object = draft as KubeObject;
    const known = specForms.recall(kind, draft);
    validateNew(kind, object, { reader, isSpecKnown: known !== undefined });
    if (known !== undefined) return known.warnings;
    const warnings = kind.warnings?.(object, undefined) ?? [];
    specForms.note(kind, draft, warnings);
    return warnings;
  }

  #storeNew(scope: WriteScope, draft: Draft<KubeObject>, { context, sides, stored }: Finished): Written {
    const { kind, isDryRun } = scope;
    const { storage } = this.#options;
    const object = draft as KubeObject;
    // The transaction finds out by itself, unless something would have been handed out, or answered, before it runs.
    if (kind.allocate !== undefined || isDryRun) checkFree(kind, object, storage);
    kind.allocate?.(draft, undefined, context);
    if (isDryRun) return writtenOnly(storage.formOf(kind, object), storage.revision);
    const entry = this.#write(scope, { object, stored, expectedRevision: 0, leaseId: this.#leaseFor(kind) }, sides);
    if (entry === undefined) throw taken(kind, object, storage.object(kind, keyOf(object)));
    return { object: entry.object, entry, revision: entry.modRevision, isNew: true };
  }

  /** Draws a generated name anew while it is taken. */
  #settleName(kind: Kind, draft: Draft<KubeObject>, context: StrategyContext): void {
    const { metadata } = draft;
    const prefix = metadata.generateName;
    if (prefix === undefined || prefix === '' || !metadata.name.startsWith(prefix)) return;
    for (let draw = 1; draw < NAME_DRAWS_MAX; draw++) {
      if (this.#options.storage.get(kind, keyOf(draft as KubeObject)) === undefined) return;
      metadata.name = generatedName(prefix, context);
    }
  }

  #update(scope: WriteScope, change: Change, standing: Attempt, settle: Settle<Written>): void {
    const { storage, conversions } = this.#options;
    const found = (): readonly StoredEntry[] => entriesAt(storage, scope.kind, change.key);
    conversions.whenReady(scope.kind, found, settle, (once) => this.#updateFound(scope, change, standing, once));
  }

  #updateFound(scope: WriteScope, change: Change, standing: Attempt, settle: Settle<Written>): void {
    const { kind } = scope;
    const { storage, deleter } = this.#options;
    const entry = storage.get(kind, change.key);
    if (entry === undefined) return this.#createByUpdate(scope, change, settle);
    const old = entry.object;
    checkPreconditions(scope, old, change);
    const { made, needed } = this.#options.fields.making(standing.forms, () => change.make(old));
    if (needed !== undefined) {
      return this.#formed(needed, standing, settle, (once) => this.#update(scope, change, standing, once));
    }
    const face = change.face?.isObject === false ? change.face : undefined;
    const attributes = facing(face, this.#attributes(scope, 'UPDATE', made, old), made, old);
    this.#options.admission.admit(attributes, scope, settle, () => {
      const draft = throughFace(face, attributes.object, made);
      settleVersion(kind, draft, old);
      const sides = new SideWrites();
      const context = this.strategyContext(scope.user, sides);
      prepareChanged(kind, draft, old, { rules: change.rules, namespace: scope.namespace, context });
      validateChanged(kind, draft, old, change.rules);
      scope.warnings?.push(...change.rules.warnings(draft, old));
      this.#options.admission.validate(facing(face, attributes, draft, old), scope, settle, () => {
        if (change.rules.allocates) kind.allocate?.(draft, old, context);
        if (isFinalized(kind, draft, old)) return settle({ value: deleter.removeFinalized(scope, entry, draft) });
        const store = (stored: KubeObject | undefined): Written | undefined =>
          this.#storeChanged(scope, entry, draft, { context, sides, stored });
        const again = (): void => {
          if (standing.number >= ATTEMPTS_MAX)
            throw conflict({ group: kind.group, resource: kind.plural }, old.metadata.name);
          this.#update(scope, change, { ...standing, number: standing.number + 1 }, settle);
        };
        writeConverted(this.#options, { scope, object: draft, store, again }, settle);
      });
    });
  }

  /** Goes on when somebody outside has made the form that a change lacks. */
  #formed(
    needed: FormNeeded,
    { forms }: Attempt,
    settle: Settle<Written>,
    again: (settle: Settle<Written>) => void,
  ): void {
    const { kind, object } = needed;
    if (forms.size >= FORMS_MAX) throw conflict({ group: kind.group, resource: kind.plural }, object.metadata.name);
    this.#options.conversions.to(kind, object, (settlement) => {
      forms.note(needed, settlement);
      attempt(settle, again);
    });
  }

  #createByUpdate(scope: WriteScope, change: Change, settle: Settle<Written>): void {
    const { kind } = scope;
    const name = change.key.slice(change.key.indexOf('/') + 1);
    if (!change.rules.createsOnUpdate) throw notFound({ group: kind.group, resource: kind.plural }, name);
    checkPreconditions(scope, undefined, change);
    const draft = change.make(undefined);
    // Upstream's PUT takes any version for an object that does not exist.
    delete draft.metadata.resourceVersion;
    this.#create(scope, draft, settle);
  }

  /** `undefined` when the stored object has moved on meanwhile. */
  #storeChanged(
    scope: WriteScope,
    entry: StoredEntry,
    object: KubeObject,
    { sides, stored: form }: Finished,
  ): Written | undefined {
    const { kind, isDryRun } = scope;
    const { storage } = this.#options;
    if (isUnchanged(object, entry.object) && isStoredAsNow(kind, entry)) {
      return { object: entry.object, entry, revision: entry.modRevision, isNew: false };
    }
    if (isDryRun) return { ...writtenOnly(storage.formOf(kind, object), storage.revision), isNew: false };
    const write = { object, stored: form, expectedRevision: entry.modRevision, leaseId: this.#leaseFor(kind) };
    const stored = this.#write(scope, write, sides);
    if (stored === undefined) return undefined;
    return { object: stored.object, entry: stored, revision: stored.modRevision, isNew: false };
  }

  #write(scope: WriteScope, write: ObjectWrite, sides: SideWrites): StoredEntry | undefined {
    const { storage } = this.#options;
    const { kind, keepsManagers } = scope;
    return keepsManagers === true ? storage.write(kind, write, sides) : writeFitting(storage, kind, write, sides);
  }

  #leaseFor(kind: Kind): LeaseId | undefined {
    return kind.storagePrefix === 'events' ? this.#options.eventLeases.current() : undefined;
  }

  #attributes(
    { kind, subresource, namespace, user, isDryRun, options }: WriteScope,
    operation: 'CREATE' | 'UPDATE',
    object: Draft<KubeObject>,
    old: KubeObject | undefined,
  ): AdmissionAttributes {
    const name = object.metadata.name ?? '';
    const asked = { operation, kind, subresource, namespace, name, user, isDryRun, object, old };
    return options === undefined ? asked : { ...asked, options };
  }
}

/** What admission is told of a face that is not the object itself. */
const facing = (
  face: Face | undefined,
  attributes: AdmissionAttributes,
  object: KubeObject,
  old: KubeObject,
): AdmissionAttributes =>
  face === undefined
    ? attributes
    : { ...attributes, body: face.body, object: face.show(object) as Draft<KubeObject>, old: face.show(old) };

/** What mutating plugins made of a face is brought to the object behind it. */
function throughFace(
  face: Face | undefined,
  shown: KubeObject | undefined,
  made: Draft<KubeObject>,
): Draft<KubeObject> {
  if (face === undefined || shown === undefined || deepEqual(shown, face.show(made))) return made;
  return face.apply(shown as Draft<KubeObject>, made);
}

/** @throws StatusError 409 */
function checkFree(kind: Kind, object: KubeObject, storage: ResourceStorage): void {
  const current = storage.object(kind, keyOf(object));
  if (current !== undefined) throw taken(kind, object, current);
}

function taken(kind: Kind, { metadata }: KubeObject, current: KubeObject | undefined): StatusError {
  const { name, generateName = '' } = metadata;
  const of = { group: kind.group, resource: kind.plural };
  if (generateName !== '') return generateNameConflict(of, name, GENERATE_NAME_RETRY_SECONDS);
  const error = alreadyExists(of, name);
  if (current?.metadata.deletionTimestamp === undefined) return error;
  return new StatusError({ ...error.status, message: `object is being deleted: ${error.message}` });
}

/** @throws StatusError 500, as upstream does it, for a new object that claims to have been stored. */
function checkUnversioned({ metadata: { resourceVersion = '' } }: Draft<KubeObject>): void {
  if (resourceVersion === '' || resourceVersion === '0') return;
  checkVersionText(resourceVersion);
  throw unknownError('resourceVersion should not be set on objects to be created');
}

function checkPreconditions(scope: WriteScope, old: KubeObject | undefined, { key, preconditions }: Change): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion } = preconditions;
  const { metadata } = old ?? {};
  if (uid !== undefined && uid !== metadata?.uid) {
    throw preconditionFailed(scope, key, { field: 'UID', wanted: uid, actual: metadata?.uid });
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata?.resourceVersion) {
    throw conflict({ group: scope.kind.group, resource: scope.kind.plural }, metadata?.name ?? '');
  }
}

/** An object of a former storage version is written anew though nothing changes: so storage is migrated. */
const isStoredAsNow = ({ custom, storedAs }: Kind, { stored }: StoredEntry): boolean =>
  custom === undefined || storedAs === undefined || stored.object.apiVersion === apiVersionOf(storedAs.kind);

/** A deleted object whose grace is over goes when its last finalizer does. */
function isFinalized(kind: Kind, { metadata, ...rest }: KubeObject, old: KubeObject): boolean {
  if (old.metadata.deletionTimestamp === undefined || (metadata.finalizers?.length ?? 0) > 0) return false;
  if ((old.metadata.deletionGracePeriodSeconds ?? 0) !== 0) return false;
  if (kind.storagePrefix !== 'namespaces') return true;
  const { spec } = rest as { readonly spec?: { readonly finalizers?: readonly string[] } };
  return (spec?.finalizers?.length ?? 0) === 0;
}

const writtenOnly = (object: KubeObject, revision: number): Written => ({
  object,
  entry: undefined,
  revision,
  isNew: true,
});
