import type { Kind } from '../../machinery/kind.js';
import {
  isConvertible,
  type ObjectWrite,
  type ResourceStorage,
  type StoredEntry,
} from '../storage/resource-storage.js';

/**
 * Stores the marks of a deletion, of which the metadata is all that changes. An object that a webhook converts keeps its
 * version and is not converted for that.
 */
export function writeMarked(
  storage: ResourceStorage,
  kind: Kind,
  entry: StoredEntry,
  write: ObjectWrite,
): StoredEntry | undefined {
  if (!isConvertible(kind, entry.stored)) return storage.write(kind, write);
  const former = entry.stored.object;
  const { labels: _labels, annotations: _annotations, ...marked } = write.object.metadata;
  const { labels, annotations } = former.metadata;
  const kept = { ...(labels && { labels }), ...(annotations && { annotations }) };
  const written = storage.write(kind, { ...write, stored: { ...former, metadata: { ...marked, ...kept } } });
  if (written === undefined) return undefined;
  const { resourceVersion } = written.stored.object.metadata;
  const metadata = { ...write.object.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
  storage.noteForm(kind, written.stored, { ...write.object, metadata });
  return storage.reread(kind, written);
}
