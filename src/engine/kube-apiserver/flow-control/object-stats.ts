import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { KindRegistry } from '../kind-registry.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import type { ObjectStats } from './work-estimate.js';

/** Objects whose size stands for that of all. */
const SAMPLE_MAX = 8;

/** How many objects of a resource there are, and how large some of them; `undefined` for what is not stored here. */
export function objectStats(
  { group, version, resource }: AuthorizationAttributes,
  registry: KindRegistry,
  storage: ResourceStorage,
): ObjectStats | undefined {
  const kind = registry.byPlural(group, version, resource);
  if (kind === undefined || kind.isVirtual === true) return undefined;
  const count = storage.count(kind);
  const { entries } = storage.range(kind, { limit: SAMPLE_MAX });
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes.byteLength, 0);
  return { count, averageBytes: entries.length === 0 ? 0 : bytes / entries.length };
}
