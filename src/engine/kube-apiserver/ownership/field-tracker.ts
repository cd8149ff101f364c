import { timestamp, type Instant } from '../../kernel/clock.js';
import type { ManagedFieldsEntry, ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { conforms } from '../../machinery/managed-fields/conforms.js';
import {
  readManagers,
  writeManagers,
  type Manager,
  type ManagerIdentity,
} from '../../machinery/managed-fields/managers.js';
import { UntypedValue } from '../../machinery/managed-fields/typed-value.js';
import type { VersionedKind } from '../../machinery/managed-fields/updater.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { dropField, setField } from '../strategy/update-rules.js';
import type { Face } from '../subresources/face.js';
import { FormNeeded, FormRefused, OutsideKind, type ConvertedForms } from './converted-forms.js';
import type { OwnedKind } from './owned-kind.js';
import type { OwnershipParts } from './ownership-parts.js';

const MS_PER_SECOND = 1_000;
const SERVER_FIELDS = ['managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Who writes. */
export interface FieldWriter {
  readonly kind: Kind;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly manager: string;
}

export interface FaceWriter extends FieldWriter {
  readonly face: Face;
}

/**
 * Keeps `metadata.managedFields` of everything that is written. Mirrors apimachinery's FieldManager: it compares what a client
 * sent with what is stored, before admission and strategies have their say.
 */
export class FieldTracker {
  readonly #parts: OwnershipParts;
  readonly #now: () => Instant;
  #forms: ConvertedForms | undefined;
  #second: number | undefined;
  #time = '';

  constructor(parts: OwnershipParts, now: () => Instant) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Makes a change, with the forms of objects that are known so far; `needed` is what it lacks. @throws StatusError */
  making<Made>(
    forms: ConvertedForms,
    make: () => Made,
  ): { readonly made: Made; readonly needed?: never } | { readonly needed: FormNeeded; readonly made?: never } {
    this.#forms = forms;
    try {
      return { made: make() };
    } catch (error) {
      if (error instanceof FormNeeded) return { needed: error };
      throw error instanceof FormRefused ? error.reason : error;
    } finally {
      this.#forms = undefined;
    }
  }

  /** The kind as the writer owns it. */
  ownedBy({ kind, subresource }: FieldWriter): OwnedKind | OutsideKind {
    const owned = this.#parts.owned(kind, subresource);
    if (this.#forms === undefined || kind.custom?.converter === undefined) return owned;
    return new OutsideKind(owned, this.#forms);
  }

  /** A new object: its fields are the creator's. */
  created(writer: FieldWriter, draft: Draft<KubeObject>): void {
    // Nor does a client say when an object goes that is not there yet.
    for (const name of SERVER_FIELDS) dropField(draft.metadata, name);
    const owned = this.#parts.owned(writer.kind, writer.subresource);
    if (!isTellable(writer.kind, draft)) return;
    const self = identityOf(writer, owned.apiVersion, 'Update');
    const empty = this.#parts.emptyOf(writer.kind);
    const managers = this.#unlessRefused(() =>
      this.#parts.updater.created({ kind: owned, self, time: this.time }, empty, asStored(writer.kind, draft)),
    );
    setField(draft.metadata, 'managedFields', writeManagers(managers));
  }

  /** The whole object as it should be, made from a new face of it: `body` is a private copy. @throws StatusError 422 */
  changed(writer: FaceWriter, body: Draft<KubeObject>, old: KubeObject | undefined): Draft<KubeObject> {
    const { face } = writer;
    if (face.isObject || old === undefined) {
      const draft = face.apply(body, old);
      if (old === undefined) this.created(writer, draft);
      else this.updated(writer, draft, old);
      return draft;
    }
    const managers = readManagers(this.#parts.pool, old.metadata.managedFields) ?? [];
    const scalers = this.#parts.scale.fromParent(managers, writer.kind);
    const now = scalers.length === 0 ? [] : this.#updated(writer, this.#parts.scale, [scalers, face.show(old), body]);
    return this.scaled(writer, { body, old, managers, scalers: now });
  }

  /** A changed object: what differs from the old one is the writer's. */
  updated(writer: FieldWriter, draft: Draft<KubeObject>, old: KubeObject): void {
    const { metadata } = draft;
    const kept = old.metadata.managedFields;
    const managers = this.#managersOf(writer, metadata, kept);
    // An object that nobody tracks stays so until somebody applies.
    if (managers.length === 0 || !isTellable(writer.kind, draft) || !isTellable(writer.kind, old)) {
      delete metadata.managedFields;
      return;
    }
    this.#track(writer, draft, old, managers);
  }

  /** The object behind a Scale, after that has changed. */
  scaled(
    writer: FaceWriter,
    change: {
      readonly body: Draft<KubeObject>;
      readonly old: KubeObject;
      readonly managers: readonly Manager[];
      readonly scalers: readonly Manager[];
    },
  ): Draft<KubeObject> {
    const { body, old, managers, scalers } = change;
    const draft = writer.face.apply(body, old);
    const entries = writeManagers(this.#parts.scale.toParent(managers, scalers, writer.kind));
    setField(draft.metadata, 'managedFields', entries);
    return draft;
  }

  /** Of a write that is made now: whole seconds, so that many writes share one text. */
  get time(): string {
    const second = Math.trunc(this.#now() / MS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#time = timestamp(this.#now());
    }
    return this.#time;
  }

  /** From the request where it says something that makes sense, else from the stored object. */
  #managersOf(
    { subresource }: FieldWriter,
    { managedFields: given }: ObjectMeta,
    kept: readonly ManagedFieldsEntry[] | undefined,
  ): readonly Manager[] {
    const { pool } = this.#parts;
    if (subresource === '' && given !== kept) {
      if (isReset(given)) return [];
      const managers = readManagers(pool, given);
      if (managers !== undefined && managers.length > 0) return managers;
    }
    return readManagers(pool, kept) ?? [];
  }

  #track(writer: FieldWriter, draft: Draft<KubeObject>, old: KubeObject, managers: readonly Manager[]): void {
    const kept = old.metadata.managedFields;
    // The managers are no field of their own: both sides have the same.
    setField(draft.metadata, 'managedFields', kept);
    const updated = this.#unlessRefused(() =>
      this.#updated(writer, this.ownedBy(writer), [managers, old, asStored(writer.kind, draft)]),
    );
    const entries = writeManagers(updated);
    const isKept =
      entries !== undefined && kept?.length === entries.length && entries.every((each, at) => each === kept[at]);
    setField(draft.metadata, 'managedFields', isKept ? kept : entries);
  }

  /** A write goes on where its managers cannot be told; nobody is one then. */
  #unlessRefused(update: () => readonly Manager[]): readonly Manager[] {
    try {
      return update();
    } catch (error) {
      if (error instanceof FormRefused || error instanceof UntypedValue) return [];
      throw error;
    }
  }

  #updated(
    writer: FieldWriter,
    kind: VersionedKind & { readonly apiVersion: string },
    [managers, old, value]: readonly [readonly Manager[], object, object],
  ): readonly Manager[] {
    const self = identityOf(writer, kind.apiVersion, 'Update');
    return this.#parts.updater.update({ kind, self, time: this.time }, managers, old, value);
  }
}

export const identityOf = (
  { manager, subresource }: FieldWriter,
  apiVersion: string,
  operation: ManagerIdentity['operation'],
): ManagerIdentity => ({ name: manager === '' ? 'unknown' : manager, operation, apiVersion, subresource });

/** Whether fields of the object can have owners: a custom resource's schema may be of another mind than what it lets in. */
const isTellable = ({ custom }: Kind, object: object): boolean =>
  custom === undefined || conforms(custom.mergeType, object);

/** What a version without a store of its own keeps of an object, as the conversion there and back leaves it. */
const asStored = ({ storedAs, custom }: Kind, draft: Draft<KubeObject>): object =>
  storedAs === undefined || custom !== undefined ? draft : storedAs.fromStored(storedAs.toStored(draft));

/** An empty list, or one empty entry: the client wants all managers forgotten. */
function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined || entries.length > 1) return false;
  return entries.every((entry) => Object.values(entry).every((value) => value === undefined));
}
