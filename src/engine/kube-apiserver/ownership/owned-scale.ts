import type { Kind } from '../../machinery/kind.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import { isSameManager, type Manager } from '../../machinery/managed-fields/managers.js';
import type { MergeType } from '../../machinery/managed-fields/merge-type.js';
import type { VersionedKind } from '../../machinery/managed-fields/updater.js';
import { apiVersionOf } from '../../machinery/object.js';
import type { JsonObject } from '../../machinery/structure.js';
import { structOf } from '../subresources/object-face.js';
import { isVersionOf } from './owned-fields.js';
import type { OwnershipParts } from './ownership-parts.js';

const REPLICAS_PATH = '.spec.replicas';

/** Who owns an object's replica count, as its Scale sees it. Mirrors apimachinery's ScaleHandler. */
export class OwnedScale implements VersionedKind {
  readonly apiVersion = 'autoscaling/v1';
  readonly #parts: OwnershipParts;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  typeOf(apiVersion: string): MergeType | undefined {
    if (apiVersion !== this.apiVersion) return undefined;
    return this.#parts.types.of(structOf('k8s.io/api/autoscaling/v1.Scale'));
  }

  convert(object: object): object {
    return object;
  }

  owned(set: FieldSet): FieldSet {
    return set;
  }

  /** The managers of the Scale: those of the object that own its replica count, wherever their version has it. */
  fromParent(managers: readonly Manager[], parent: Kind): readonly Manager[] {
    const replicas = this.#fieldsAt(REPLICAS_PATH);
    return managers
      .filter(({ apiVersion, set }) => this.#hasAny(set, this.#replicasOf(parent, apiVersion)))
      .map(({ name, operation, subresource, time }) => {
        return { name, operation, subresource, time, apiVersion: this.apiVersion, set: replicas };
      });
  }

  /** The managers of the object, after those of its Scale have changed. */
  toParent(managers: readonly Manager[], scalers: readonly Manager[], parent: Kind): readonly Manager[] {
    const { pool } = this.#parts;
    const parentVersion = apiVersionOf(parent);
    const replicas = this.#replicasOf(parent, parentVersion) ?? pool.empty;
    const left = [...scalers];
    const kept: Manager[] = [];
    for (const manager of managers) {
      const own = this.#replicasOf(parent, manager.apiVersion);
      if (own === undefined) continue;
      // An updater is never the same one there: its version is another.
      const same = left.findIndex((each) => isSameManager(each, manager));
      if (!this.#hasAny(manager.set, own)) {
        kept.push(manager);
      } else if (same >= 0) {
        kept.push(manager);
        left.splice(same, 1);
      } else {
        const set = pool.difference(manager.set, own);
        const { name, operation, apiVersion, subresource, time } = manager;
        if (!set.isEmpty) kept.push({ name, operation, apiVersion, subresource, time, set });
      }
    }
    const added = left
      .filter(({ set }) => this.#hasAny(set, this.#fieldsAt(REPLICAS_PATH)))
      .map(({ name, operation, subresource }): Manager => {
        const time = managers.find(
          (each) => operation === 'Apply' && isSameManager(each, { name, operation, subresource, apiVersion: '' }),
        )?.time;
        return { name, operation, subresource, apiVersion: parentVersion, time, set: replicas };
      });
    return [...kept, ...added];
  }

  /** The replica count of an object in one of its versions; `undefined` for a version that is not known. */
  #replicasOf(kind: Kind, apiVersion: string): FieldSet | undefined {
    if (kind.custom === undefined) return apiVersion === apiVersionOf(kind) ? this.#fieldsAt(REPLICAS_PATH) : undefined;
    if (!isVersionOf(kind, apiVersion)) return undefined;
    const version = kind.custom.versionOf(apiVersion.slice(apiVersion.indexOf('/') + 1));
    if (version === undefined) return undefined;
    const path = version.custom?.scale?.specReplicasPath;
    return path === undefined ? this.#parts.pool.empty : this.#fieldsAt(path);
  }

  #fieldsAt(path: string): FieldSet {
    const steps = path.replace(/^\./, '').split('.');
    return this.#parts.pool.read(steps.reduceRight<JsonObject>((inner, step) => ({ [`f:${step}`]: inner }), {}));
  }

  #hasAny(set: FieldSet, fields: FieldSet | undefined): boolean {
    return fields !== undefined && !this.#parts.pool.intersection(set, fields).isEmpty;
  }
}
