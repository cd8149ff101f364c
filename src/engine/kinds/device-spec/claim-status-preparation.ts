/** Mirrors `PrepareForUpdate` of a claim's status: the rest stays, and what is about devices that are given back goes. */
import type { ResourceClaim } from '../../machinery/api/resource-v1.js';
import type { Draft } from '../../machinery/object.js';

const KEPT_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;
const DISABLED_RESULT_FIELDS = [
  'shareID',
  'consumedCapacity',
  'bindingConditions',
  'bindingFailureConditions',
] as const;

export function prepareClaimStatus(draft: Draft<ResourceClaim>, old: ResourceClaim): void {
  Object.assign(draft, { spec: old.spec });
  for (const name of KEPT_METADATA) {
    if (old.metadata[name] === undefined) delete draft.metadata[name];
    else Object.assign(draft.metadata, { [name]: old.metadata[name] });
  }
  const { status } = draft;
  if (status === undefined) return;
  for (const result of status.allocation?.devices?.results ?? []) {
    for (const field of DISABLED_RESULT_FIELDS) delete result[field];
  }
  for (const device of status.devices ?? []) delete device.shareID;
  dropReturnedDevices(status, old.status);
}

type ClaimStatus = NonNullable<ResourceClaim['status']>;

interface DeviceReference {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

const idOf = ({ driver, pool, device }: DeviceReference): string => `${driver}/${pool}/${device}`;
const idsOf = (status: ClaimStatus | undefined): readonly string[] =>
  (status?.allocation?.devices?.results ?? []).map(idOf);

function dropReturnedDevices(status: Draft<ClaimStatus>, old: ClaimStatus | undefined): void {
  const kept = new Set(idsOf(status));
  const returned = new Set(idsOf(old).filter((id) => !kept.has(id)));
  const devices = (status.devices ?? []).filter((each) => !returned.has(idOf(each)));
  if (devices.length === 0) delete status.devices;
  else status.devices = devices;
}
