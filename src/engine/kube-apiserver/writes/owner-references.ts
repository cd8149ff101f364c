import type { OwnerReference } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Draft, KubeObject } from '../../machinery/object.js';

/** Takes out owners that are named twice, and says so in upstream's words. */
export function dropDoubledOwners(
  { metadata }: Draft<KubeObject>,
  isAdmitted: boolean,
  warn: (text: string) => void,
): void {
  const owners: readonly OwnerReference[] = metadata?.ownerReferences ?? [];
  if (owners.length < 2) return;
  const doubled = owners.filter((owner, at) => owners.findIndex((each) => deepEqual(each, owner)) < at);
  if (doubled.length === 0) return;
  const after = isAdmitted ? ' after mutating admission happens' : '';
  warn(
    `.metadata.ownerReferences contains duplicate entries${after}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${doubled.map(({ uid }) => uid).join(', ')}`,
  );
  metadata.ownerReferences = metadata.ownerReferences!.filter(
    (owner, at) => owners.findIndex((each) => deepEqual(each, owner)) === at,
  );
}
