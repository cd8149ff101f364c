import { RequestTooLargeError } from '../../etcd/errors.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceStorage, StoredEntry } from '../storage/resource-storage.js';

type WriteCall = Parameters<ResourceStorage['write']>;

/** Stores an object; one that is too large is tried again without its managers, which upstream gives up first. @throws EtcdError */
export function writeFitting(storage: ResourceStorage, ...[kind, write, also]: WriteCall): StoredEntry | undefined {
  try {
    return storage.write(kind, write, also);
  } catch (error) {
    const { managedFields } = write.object.metadata;
    if (!(error instanceof RequestTooLargeError) || managedFields === undefined) throw error;
    const object = withoutManagers(write.object);
    const stored = write.stored === undefined ? undefined : withoutManagers(write.stored);
    return storage.write(kind, { ...write, object, stored }, also);
  }
}

function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _managers, ...metadata } = object.metadata;
  return { ...object, metadata };
}
