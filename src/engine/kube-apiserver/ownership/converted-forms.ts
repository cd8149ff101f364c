/**
 * Objects in the versions that their managers speak of, where a webhook converts them. A change is made without waiting for
 * anybody: it stops at the first form that it lacks, and is made anew once that was asked for.
 */
import type { Kind } from '../../machinery/kind.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import type { MergeType } from '../../machinery/managed-fields/merge-type.js';
import type { VersionedKind } from '../../machinery/managed-fields/updater.js';
import type { KubeObject } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import { encodeObject } from '../storage/encode-object.js';
import type { Settlement } from '../writes/settled.js';
import type { OwnedKind } from './owned-kind.js';

/** A form that has to be made outside. */
export class FormNeeded extends Error {
  override readonly name = 'FormNeeded';
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly key: string;

  constructor(kind: Kind, object: KubeObject, key: string) {
    super(`${kind.version} of ${object.apiVersion}`);
    this.kind = kind;
    this.object = object;
    this.key = key;
  }
}

/** A form that could not be made. */
export class FormRefused extends Error {
  override readonly name = 'FormRefused';
  readonly reason: StatusError;

  constructor(reason: StatusError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** What was converted for one write, by what the objects say. */
export class ConvertedForms {
  #made: Map<string, Settlement<KubeObject>> | undefined;

  get size(): number {
    return this.#made?.size ?? 0;
  }

  note({ key }: FormNeeded, settlement: Settlement<KubeObject>): void {
    (this.#made ??= new Map<string, Settlement<KubeObject>>()).set(key, settlement);
  }

  /** @throws FormNeeded, FormRefused */
  of(kind: Kind, object: KubeObject): KubeObject {
    const key = `${kind.version}\n${encodeObject(object)}`;
    const settlement = this.#made?.get(key);
    if (settlement === undefined) throw new FormNeeded(kind, object, key);
    if (settlement.error !== undefined) throw new FormRefused(settlement.error);
    return settlement.value;
  }
}

/** A kind whose versions are made outside. */
export class OutsideKind implements VersionedKind {
  readonly apiVersion: string;
  readonly #owned: OwnedKind;
  readonly #forms: ConvertedForms;

  constructor(owned: OwnedKind, forms: ConvertedForms) {
    this.apiVersion = owned.apiVersion;
    this.#owned = owned;
    this.#forms = forms;
  }

  typeOf(apiVersion: string): MergeType | undefined {
    return this.#owned.typeOf(apiVersion);
  }

  convert(object: object, from: string, to: string): object {
    const kind = this.#owned.version(to);
    if (from === to || kind === undefined) return object;
    const { managedFields: _managers, ...metadata } = (object as KubeObject).metadata;
    return this.#forms.of(kind, { ...(object as KubeObject), metadata });
  }

  owned(set: FieldSet): FieldSet {
    return this.#owned.owned(set);
  }
}
