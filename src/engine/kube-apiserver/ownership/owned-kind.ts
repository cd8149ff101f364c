import type { Kind } from '../../machinery/kind.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import type { MergeType } from '../../machinery/managed-fields/merge-type.js';
import type { VersionedKind } from '../../machinery/managed-fields/updater.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { structOf } from '../subresources/object-face.js';
import { isVersionOf, ownedFilter, type OwnedFilter } from './owned-fields.js';
import type { OwnershipParts } from './ownership-parts.js';

/** A kind's versions as one of its faces owns their fields. */
export class OwnedKind implements VersionedKind {
  readonly apiVersion: string;
  readonly #kind: Kind;
  readonly #parts: OwnershipParts;
  readonly #filter: OwnedFilter;
  readonly #type: MergeType;

  constructor(kind: Kind, subresource: string, parts: OwnershipParts) {
    this.apiVersion = apiVersionOf(kind);
    this.#kind = kind;
    this.#parts = parts;
    this.#filter = ownedFilter(parts.pool, kind, subresource);
    this.#type = this.#mergeTypeOf(kind);
  }

  typeOf(apiVersion: string): MergeType | undefined {
    if (apiVersion === this.apiVersion) return this.#type;
    const other = this.version(apiVersion);
    return other === undefined ? undefined : this.#mergeTypeOf(other);
  }

  convert(object: object, from: string, to: string): object {
    if (from === to) return object;
    const [source, target] = [this.version(from), this.version(to)];
    const stored = source?.storedAs?.toStored(object as KubeObject) ?? object;
    return target?.storedAs?.fromStored(stored as KubeObject) ?? stored;
  }

  owned(set: FieldSet): FieldSet {
    return this.#filter(set);
  }

  #mergeTypeOf({ custom, type }: Kind): MergeType {
    return custom === undefined ? this.#parts.types.of(structOf(type)) : custom.mergeType;
  }

  /** Another version of the same kind; `undefined` where there is none. */
  version(apiVersion: string): Kind | undefined {
    if (apiVersion === this.apiVersion) return this.#kind;
    if (!isVersionOf(this.#kind, apiVersion)) return undefined;
    const { group, kind, custom } = this.#kind;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    return custom === undefined ? this.#parts.kindOf(group, version, kind) : custom.versionOf(version);
  }
}
