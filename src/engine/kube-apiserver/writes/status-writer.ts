import type { Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { conflict } from '../../machinery/status-error.js';
import type { FieldTracker } from '../ownership/field-tracker.js';
import type { ResourceStorage } from '../storage/resource-storage.js';

/** Stores a status that the server itself works out while it answers another request. */
export class StatusWriter {
  readonly #storage: ResourceStorage;
  readonly #fields: FieldTracker;

  constructor(storage: ResourceStorage, fields: FieldTracker) {
    this.#storage = storage;
    this.#fields = fields;
  }

  /** @throws StatusError 409 where `old` is no longer what is stored */
  write<T extends KubeObject & { readonly status?: unknown }>(kind: Kind<T>, old: T, status: T['status']): void {
    const object: T = { ...old, metadata: { ...old.metadata }, status };
    const writer = { kind, subresource: 'status', manager: 'kube-apiserver' };
    this.#fields.updated(writer, object as KubeObject as Draft<KubeObject>, old);
    const expectedRevision = Number(old.metadata.resourceVersion);
    if (this.#storage.write(kind, { object, expectedRevision }) !== undefined) return;
    throw conflict({ group: kind.group, resource: kind.plural }, old.metadata.name);
  }
}
