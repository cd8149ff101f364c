import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/engine/machinery/api/core-v1.js';
import type { StorageClass } from '../../../src/engine/machinery/api/storage-v1.js';
import { labelsOf, unfit, type ClusterRule, type FilterRule, type ModelWorld } from './model-world.js';
import { selects } from './selectors.js';
import {
  claimsUsed,
  className,
  classOf,
  foreignText,
  isForeign,
  isReachable,
  missingText,
  size,
  volumeOf,
  type UsedClaim,
} from './storage-world.js';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_MATCH = "node(s) didn't find available persistent volumes to bind";

/** Bound claims need a node that reaches their volumes; others a volume, or one that can be made there. */
export const volumeBindingRule: FilterRule = (world, pod, node) => {
  const fault = volumeBindingFault(world, pod);
  if (fault !== undefined) return unfit(fault);
  const claims = claimsUsed(world, pod).flatMap(({ claim }) => (claim === undefined ? [] : [claim]));
  const bound = claims.filter(isBound);
  const unbound = claims.filter((claim) => !isBound(claim));
  const reasons = new Set([boundReason(world, bound, node), unboundReason(world, unbound, node)]);
  reasons.delete(undefined);
  const order = [UNREACHABLE, NO_MATCH, NO_SPACE, NO_VOLUME].filter((reason) => reasons.has(reason));
  return order.length === 0 ? undefined : unfit(...order);
};

export const volumeBindingFault: ClusterRule = (world, pod) => {
  const used = claimsUsed(world, pod);
  for (const each of used) {
    const fault = faultOf(each, pod);
    if (fault !== undefined) return fault;
  }
  const isWaiting = used.some(({ claim }) => claim !== undefined && !isBound(claim) && !waitsForConsumer(world, claim));
  return isWaiting ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
};

const UNREACHABLE = "node(s) didn't match PersistentVolume's node affinity";
const NO_SPACE = 'node(s) did not have enough free storage';
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

function faultOf(used: UsedClaim, pod: Pod): string | undefined {
  const { name, claim, isEphemeral } = used;
  if (claim === undefined) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : missingText(name);
  }
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  return isForeign(used, pod) ? foreignText(used, pod) : undefined;
}

const hasVolume = ({ spec }: PersistentVolumeClaim): boolean => (spec?.volumeName ?? '') !== '';

const isBound = (claim: PersistentVolumeClaim): boolean =>
  hasVolume(claim) && claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;

const waitsForConsumer = (world: ModelWorld, claim: PersistentVolumeClaim): boolean =>
  !hasVolume(claim) && classOf(world, claim)?.volumeBindingMode === 'WaitForFirstConsumer';

/** The first bound claim that has a fault says which. */
function boundReason(world: ModelWorld, claims: readonly PersistentVolumeClaim[], node: Node): string | undefined {
  for (const { spec } of claims) {
    const volume = volumeOf(world, spec?.volumeName);
    if (volume === undefined) return NO_VOLUME;
    if (!isReachable(volume, node)) return UNREACHABLE;
  }
  return undefined;
}

/** Smaller claims choose their volumes first; what finds none is to be provisioned, like what has its node already. */
function unboundReason(world: ModelWorld, claims: readonly PersistentVolumeClaim[], node: Node): string | undefined {
  const selected = claims.filter((claim) => selectedNode(claim) !== undefined);
  if (selected.some((claim) => selectedNode(claim) !== node.metadata.name)) return NO_MATCH;
  const chosen: string[] = [];
  const unmatched: PersistentVolumeClaim[] = [];
  const open = claims.filter((claim) => selectedNode(claim) === undefined);
  for (const claim of open.toSorted((a, b) => wantedSize(a) - wantedSize(b))) {
    const volume = bestVolume({ world, claim, node, chosen });
    if (volume === undefined) unmatched.push(claim);
    else chosen.push(volume.metadata.name);
  }
  for (const claim of [...selected, ...unmatched]) {
    const found = classOf(world, claim);
    if (found === undefined || found.provisioner === 'kubernetes.io/no-provisioner') return NO_MATCH;
    if (!isAllowed(found, node)) return NO_MATCH;
    if (!hasSpace(world, { found, claim, node })) return NO_SPACE;
  }
  return undefined;
}

const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[SELECTED_NODE];

const wantedSize = ({ spec }: PersistentVolumeClaim): number => size(spec?.resources?.requests);

interface Wish {
  readonly world: ModelWorld;
  readonly claim: PersistentVolumeClaim;
  readonly node: Node;
  readonly chosen: readonly string[];
}

/** The volume that was made or set apart for the claim, or else the smallest free one that has all that it asks for. */
function bestVolume({ world, claim, node, chosen }: Wish): PersistentVolume | undefined {
  const { spec = {} } = claim;
  const fitting = world.storage.volumes.filter(
    (volume) =>
      (volume.spec?.storageClassName ?? '') === className(claim) &&
      !chosen.includes(volume.metadata.name) &&
      volume.metadata.deletionTimestamp === undefined &&
      size(volume.spec?.capacity) >= wantedSize(claim) &&
      (volume.spec?.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem') &&
      (volume.spec?.volumeAttributesClassName ?? '') === (spec.volumeAttributesClassName ?? ''),
  );
  const own = fitting.find((volume) => isSetApartFor(volume, claim));
  if (own !== undefined) return isReachable(own, node) ? own : undefined;
  const free = fitting.filter(
    (volume) =>
      volume.spec?.claimRef === undefined &&
      volume.status?.phase === 'Available' &&
      (spec.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode)) &&
      (spec.selector === undefined || selects(spec.selector, labelsOf(volume))) &&
      isReachable(volume, node),
  );
  const [smallest] = free.toSorted((a, b) => size(a.spec?.capacity) - size(b.spec?.capacity));
  return smallest;
}

function isSetApartFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec ?? {};
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return claimRef.uid === undefined || claimRef.uid === metadata.uid;
}

const isAllowed = ({ allowedTopologies = [] }: StorageClass, node: Node): boolean =>
  allowedTopologies.length === 0 ||
  allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labelsOf(node)[key] ?? '')),
  );

interface Demand {
  readonly found: StorageClass;
  readonly claim: PersistentVolumeClaim;
  readonly node: Node;
}

/** Asked only of drivers that publish their capacity. */
function hasSpace({ storage }: ModelWorld, { found, claim, node }: Demand): boolean {
  const driver = storage.drivers.find(({ metadata }) => metadata.name === found.provisioner);
  if (driver?.spec.storageCapacity !== true) return true;
  return storage.capacities.some(({ storageClassName, nodeTopology, maximumVolumeSize, capacity }) => {
    const largest = maximumVolumeSize ?? capacity;
    const isMeant = storageClassName === found.metadata.name && selects(nodeTopology, labelsOf(node));
    return isMeant && largest !== undefined && size({ storage: largest }) >= wantedSize(claim);
  });
}
