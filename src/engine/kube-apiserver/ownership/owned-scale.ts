import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import { isSameManager, type Manager } from '../../machinery/managed-fields/managers.js';
import type { MergeType } from '../../machinery/managed-fields/merge-type.js';
import type { VersionedKind } from '../../machinery/managed-fields/updater.js';
import { structOf } from '../subresources/object-face.js';
import type { OwnershipParts } from './ownership-parts.js';

const REPLICAS = { 'f:spec': { 'f:replicas': {} } };

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

  /** The managers of the Scale: those of the object, of this version, that own its replica count. */
  fromParent(managers: readonly Manager[], parentVersion: string): readonly Manager[] {
    const replicas = this.#replicas;
    return managers
      .filter(({ apiVersion, set }) => apiVersion === parentVersion && this.#ownsReplicas(set))
      .map(({ name, operation, subresource, time }) => {
        return { name, operation, subresource, time, apiVersion: this.apiVersion, set: replicas };
      });
  }

  /** The managers of the object, after those of its Scale have changed. */
  toParent(managers: readonly Manager[], scalers: readonly Manager[], parentVersion: string): readonly Manager[] {
    const { pool } = this.#parts;
    const left = [...scalers];
    const kept: Manager[] = [];
    for (const manager of managers) {
      if (manager.apiVersion !== parentVersion) continue;
      // An updater is never the same one there: its version is another.
      const same = left.findIndex((each) => isSameManager(each, manager));
      if (!this.#ownsReplicas(manager.set)) {
        kept.push(manager);
      } else if (same >= 0) {
        kept.push(manager);
        left.splice(same, 1);
      } else {
        const set = pool.difference(manager.set, this.#replicas);
        const { name, operation, apiVersion, subresource, time } = manager;
        if (!set.isEmpty) kept.push({ name, operation, apiVersion, subresource, time, set });
      }
    }
    const added = left
      .filter(({ set }) => this.#ownsReplicas(set))
      .map(({ name, operation, subresource }): Manager => {
        const time = managers.find(
          (each) => operation === 'Apply' && isSameManager(each, { name, operation, subresource, apiVersion: '' }),
        )?.time;
        return { name, operation, subresource, apiVersion: parentVersion, time, set: this.#replicas };
      });
    return [...kept, ...added];
  }

  get #replicas(): FieldSet {
    return this.#parts.pool.read(REPLICAS);
  }

  #ownsReplicas(set: FieldSet): boolean {
    return !this.#parts.pool.intersection(set, this.#replicas).isEmpty;
  }
}
