import type { Client } from '../client/client.js';
import { seconds } from '../kernel/clock.js';
import { isReservedFor, namedClaim, strangerFault } from '../kinds/pod-device-claims.js';
import { resourceClaim } from '../kinds/resource-claim.js';
import type { Pod } from '../machinery/api/core-v1.js';

/** A pod that lacks devices is looked at again when all are: upstream counts this as no failure. */
export const DEVICES_RETRY_AFTER = seconds(60);

/** Why the devices of a pod cannot be prepared, in upstream's words. Every driver counts as installed, and never fails. */
export function unpreparedDevices(client: Client, pod: Pod): string | undefined {
  if (pod.spec.resourceClaims === undefined) return undefined;
  const cause = causeOf(client, pod);
  return cause === undefined ? undefined : `Failed to prepare dynamic resources: prepare dynamic resources: ${cause}`;
}

function causeOf(client: Client, pod: Pod): string | undefined {
  const { namespace = '', name: podName, uid = '' } = pod.metadata;
  for (const entry of pod.spec.resourceClaims ?? []) {
    const named = namedClaim(pod, entry);
    if (named.fault !== undefined) return named.fault;
    const { name } = named;
    if (name === undefined) continue;
    const claim = client.get(resourceClaim, `${namespace}/${name}`);
    if (claim === undefined) return `fetch ResourceClaim ${name}: resourceclaims.resource.k8s.io "${name}" not found`;
    const fault = named.isOwn ? strangerFault(pod, claim) : undefined;
    if (fault !== undefined) return fault;
    if (!isReservedFor(pod, claim)) {
      return `pod ${podName} (${uid}) is not allowed to use ResourceClaim ${name} (${claim.metadata.uid ?? ''})`;
    }
    if (claim.status?.allocation === undefined) return `ResourceClaim ${name}: not allocated`;
  }
  return undefined;
}
