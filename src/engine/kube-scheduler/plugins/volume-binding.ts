import { seconds } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { csiStorageCapacity } from '../../kinds/csi-storage-capacity.js';
import { storageClass } from '../../kinds/storage-class.js';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  TopologySelectorTerm,
} from '../../machinery/api/core-v1.js';
import type { StorageClass } from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { quantityValue } from '../../machinery/quantity.js';
import { claimsOfPod, classOf, isFullyBound, notFoundText, type ClaimUse } from '../claims-of-pod.js';
import { definePlugin, unresolvable, type Cycle, type Plugin, type Rejection } from '../framework.js';
import { isUsableOn, matchingVolume, storageOf } from '../matching-volume.js';
import { SELECTED_NODE, type ClaimToProvision, type VolumePlan, type VolumeToBind } from '../volume-plan.js';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const IMMEDIATE = unresolvable('pod has unbound immediate PersistentVolumeClaims');
const NODE_CONFLICT = unresolvable("node(s) didn't match PersistentVolume's node affinity");
const BIND_CONFLICT = unresolvable("node(s) didn't find available persistent volumes to bind");
const NO_SPACE = unresolvable('node(s) did not have enough free storage');
const NO_VOLUME = unresolvable('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');

/** Upstream's `VolumeBindingArgs`. */
interface VolumeBindingArgs {
  /** How long a pod waits for its volumes before it is tried anew. */
  readonly bindTimeoutSeconds?: number;
}

/** Finds nodes where a pod's volumes are, or can be had; binds or has them made before the pod is bound. */
export const volumeBinding = volumeBindingWith({});

function volumeBindingWith({ bindTimeoutSeconds = 600 }: VolumeBindingArgs): Plugin {
  return definePlugin({
    name: 'VolumeBinding',
    configure: (args) => volumeBindingWith(args as VolumeBindingArgs),
    retryOn: [
      { on: ['StorageClass/Add', 'Node/Add', 'Node/UpdateLabel', 'PersistentVolume/Add', 'PersistentVolume/Update'] },
      {
        on: ['StorageClass/Update'],
        isWorth: (_, { object, previous }) =>
          !deepEqual((object as StorageClass).allowedTopologies, (previous as StorageClass).allowedTopologies),
      },
      {
        on: ['PersistentVolumeClaim/Add', 'PersistentVolumeClaim/Update'],
        isWorth: (pod, { object }) =>
          claimsOfPod(pod).some(
            ({ key }) => key === `${object?.metadata.namespace ?? ''}/${object?.metadata.name ?? ''}`,
          ),
      },
      { on: ['CSINode/Add', 'CSIStorageCapacity/Add', 'CSIStorageCapacity/Update', 'CSIDriver/Update'] },
    ],

    filter(cycle) {
      const uses = claimsOfPod(cycle.pod);
      if (uses.length === 0) return undefined;
      const claims = claimsToPlace(cycle, uses);
      if ('reasons' in claims) return { rejects: claims };
      return {
        ignoresPods: true,
        check({ node }) {
          const plan = node === undefined ? undefined : planFor(cycle, claims, node);
          return plan !== undefined && 'reasons' in plan ? plan : undefined;
        },
      };
    },

    reserve(cycle, { node }) {
      const uses = claimsOfPod(cycle.pod);
      if (uses.length === 0 || node === undefined) return undefined;
      const claims = claimsToPlace(cycle, uses);
      if ('reasons' in claims || claims.unbound.length === 0) return undefined;
      const plan = planFor(cycle, claims, node);
      if ('reasons' in plan) return undefined;
      const { volumes } = cycle;
      return {
        undo: volumes.assume(plan),
        prepare: (done) =>
          volumes.carryOut(plan, seconds(bindTimeoutSeconds), (failure) =>
            done(failure === undefined ? undefined : `binding volumes: ${failure}`),
          ),
      };
    },
  });
}

interface ClaimsToPlace {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Those that wait for their first consumer to be scheduled. */
  readonly unbound: readonly PersistentVolumeClaim[];
}

function claimsToPlace({ volumes, objects, pod }: Cycle, uses: readonly ClaimUse[]): ClaimsToPlace | Rejection {
  const bound: PersistentVolumeClaim[] = [];
  const unbound: PersistentVolumeClaim[] = [];
  let isImmediate = false;
  for (const use of uses) {
    const claim = volumes.claim(use.key);
    const fault = faultOf(claim, use, pod.metadata.uid);
    if (claim === undefined || fault !== undefined) return unresolvable(fault ?? notFoundText(use.name));
    const waits = objects.get(storageClass, classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
    if (isFullyBound(claim)) bound.push(claim);
    else if (waits && (claim.spec?.volumeName ?? '') === '') unbound.push(claim);
    else isImmediate = true;
  }
  return isImmediate ? IMMEDIATE : { bound, unbound };
}

function faultOf(
  claim: PersistentVolumeClaim | undefined,
  { name, isEphemeral }: ClaimUse,
  podUid: string | undefined,
): string | undefined {
  if (claim === undefined) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : notFoundText(name);
  }
  const { metadata, spec, status } = claim;
  if (status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${spec?.volumeName ?? ''}"`;
  }
  if (metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  const isOwned =
    metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === podUid) === true;
  return isEphemeral && !isOwned
    ? `PVC ${metadata.namespace ?? ''}/${name} was not created for pod (pod is not owner)`
    : undefined;
}

/** How the pod's claims would be satisfied on the node, or why they cannot be. */
function planFor({ volumes, objects }: Cycle, { bound, unbound }: ClaimsToPlace, node: Node): VolumePlan | Rejection {
  const reasons: Rejection[] = [];
  for (const claim of bound) {
    const volume = volumes.volume(claim.spec?.volumeName ?? '');
    if (volume === undefined) reasons.push(NO_VOLUME);
    else if (!isUsableOn(volume, node)) reasons.push(NODE_CONFLICT);
    if (reasons.length > 0) break;
  }
  const toBind: VolumeToBind[] = [];
  const toProvision: ClaimToProvision[] = [];
  const taken = new Set<string>();
  for (const claim of bySize(unbound)) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return combined([...reasons, BIND_CONFLICT]);
    const candidates: readonly PersistentVolume[] =
      selected === undefined ? volumes.volumesOfClass(classOf(claim)) : [];
    const volume = matchingVolume(claim, candidates, node, taken);
    if (volume !== undefined) {
      taken.add(volume.metadata.name);
      toBind.push({ volume, claim });
      continue;
    }
    const obstacle = provisioningObstacle({ objects }, claim, node);
    if (obstacle !== undefined) return combined([...reasons, obstacle]);
    toProvision.push({ claim, nodeName: node.metadata.name });
  }
  return reasons.length > 0 ? combined(reasons) : { toBind, toProvision };
}

const combined = (parts: readonly Rejection[]): Rejection => {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : unresolvable(...parts.flatMap(({ reasons }) => reasons));
};

const bySize = (claims: readonly PersistentVolumeClaim[]): readonly PersistentVolumeClaim[] =>
  claims.toSorted((a, b) => storageOf(a.spec?.resources?.requests) - storageOf(b.spec?.resources?.requests));

function provisioningObstacle(
  { objects }: Pick<Cycle, 'objects'>,
  claim: PersistentVolumeClaim,
  node: Node,
): Rejection | undefined {
  const found = objects.get(storageClass, classOf(claim));
  if (found === undefined || found.provisioner === NO_PROVISIONER) return BIND_CONFLICT;
  const { labels = {} } = node.metadata;
  if (!isAllowedTopology(found.allowedTopologies ?? [], labels)) return BIND_CONFLICT;
  if (objects.get(csiDriver, found.provisioner)?.spec.storageCapacity !== true) return undefined;
  const wanted = storageOf(claim.spec?.resources?.requests);
  const hasSpace = objects.list(csiStorageCapacity).some((each) => {
    if (each.storageClassName !== found.metadata.name || each.nodeTopology === undefined) return false;
    const limit = each.maximumVolumeSize ?? each.capacity;
    return (
      limit !== undefined && quantityValue(limit) >= wanted && matches(fromLabelSelector(each.nodeTopology), labels)
    );
  });
  return hasSpace ? undefined : NO_SPACE;
}

const isAllowedTopology = (terms: readonly TopologySelectorTerm[], labels: Readonly<Record<string, string>>): boolean =>
  terms.length === 0 ||
  terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  );
