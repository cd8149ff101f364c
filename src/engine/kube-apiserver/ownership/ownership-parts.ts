import type { Kind } from '../../machinery/kind.js';
import { FieldSetPool } from '../../machinery/managed-fields/field-set-pool.js';
import { MergeTypes } from '../../machinery/managed-fields/merge-type.js';
import { ManagedFieldsUpdater } from '../../machinery/managed-fields/updater.js';
import type { KubeObject } from '../../machinery/object.js';
import { decodeAs, withType } from '../decode-body.js';
import type { KindTable } from '../kind-registry.js';
import { bodyOfKind } from '../subresources/object-face.js';
import { OwnedKind } from './owned-kind.js';
import { OwnedScale } from './owned-scale.js';

/** What the ownership of fields needs and all clusters of a process share: shapes, types and kinds, no object. */
export class OwnershipParts {
  readonly pool = new FieldSetPool();
  readonly types = new MergeTypes();
  readonly updater = new ManagedFieldsUpdater(this.pool);
  readonly scale = new OwnedScale(this);
  readonly #table: KindTable;
  /** Weakly, for the kinds that clusters define come and go. */
  readonly #kinds = new WeakMap<Kind, Map<string, OwnedKind>>();
  readonly #empty = new WeakMap<Kind, KubeObject>();

  constructor(table: KindTable) {
    this.#table = table;
  }

  kindOf(group: string, version: string, kind: string): Kind | undefined {
    return this.#table.byKind.get(`${group}/${version}/${kind}`);
  }

  /** The kind as a subresource owns it; the empty name is the object itself. */
  owned(kind: Kind, subresource: string): OwnedKind {
    let faces = this.#kinds.get(kind);
    if (faces === undefined) {
      faces = new Map();
      this.#kinds.set(kind, faces);
    }
    let owned = faces.get(subresource);
    if (owned === undefined) {
      owned = new OwnedKind(kind, subresource, this);
      faces.set(subresource, owned);
    }
    return owned;
  }

  /** An object of the kind with nothing in it: what Go calls its zero value. */
  emptyOf(kind: Kind): KubeObject {
    let empty = this.#empty.get(kind);
    if (empty === undefined) {
      const body = bodyOfKind(kind);
      empty = withType(decodeAs(body, {}, { strict: false }).object, body);
      this.#empty.set(kind, empty);
    }
    return empty;
  }
}
