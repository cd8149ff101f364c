import { seconds } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { csiStorageCapacity } from '../../kinds/csi-storage-capacity.js';
import { storageClass } from '../../kinds/storage-class.js';
import type { Node, PersistentVolumeClaim, Pod, TopologySelectorTerm } from '../../machinery/api/core-v1.js';
import type { CSIDriver, CSIStorageCapacity, StorageClass } from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import type { KubeObject } from '../../machinery/object.js';
import { quantityValue } from '../../machinery/quantity.js';
import {
  claimsOfPod,
  classOf,
  foreignText,
  isForeign,
  isFullyBound,
  notFoundText,
  type ClaimUse,
} from '../claims-of-pod.js';
import { definePlugin, unresolvable, type Cycle, type Plugin, type Rejection } from '../framework.js';
import { isUsableOn, matchingVolume, storageOf } from '../matching-volume.js';
import { SELECTED_NODE, type VolumePlan, type VolumeToBind } from '../volume-plan.js';

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';
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
      { on: ['CSINode/Add', 'CSIStorageCapacity/Add'] },
      {
        on: ['CSINode/Update'],
        isWorth: (_, { object, previous }) => migratedPlugins(object) !== migratedPlugins(previous),
      },
      {
        on: ['CSIStorageCapacity/Update'],
        isWorth: (_, { object, previous }) =>
          limitOf(object as CSIStorageCapacity) > limitOf(previous as CSIStorageCapacity),
      },
      {
        on: ['CSIDriver/Update'],
        isWorth: ({ spec }, { object, previous }) =>
          (spec.volumes ?? []).some(({ csi }) => csi !== undefined && csi.driver === object?.metadata.name) &&
          (previous as CSIDriver).spec.storageCapacity === true &&
          (object as CSIDriver).spec.storageCapacity !== true,
      },
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
    const fault = faultOf(claim, use, pod);
    if (claim === undefined || fault !== undefined) return unresolvable(fault ?? notFoundText(use.name));
    const waits = objects.get(storageClass, classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
    if (isFullyBound(claim)) bound.push(claim);
    else if (waits && (claim.spec?.volumeName ?? '') === '') unbound.push(claim);
    else isImmediate = true;
  }
  return isImmediate ? IMMEDIATE : { bound, unbound };
}

function faultOf(claim: PersistentVolumeClaim | undefined, use: ClaimUse, pod: Pod): string | undefined {
  const { name, isEphemeral } = use;
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
  return isForeign(use, claim, pod) ? foreignText(use, pod) : undefined;
}

/** How the pod's claims would be satisfied on the node, or why they cannot be. */
function planFor(cycle: Cycle, { bound, unbound }: ClaimsToPlace, node: Node): VolumePlan | Rejection {
  const conflict = boundConflict(cycle, bound, node);
  const plan = planForUnbound(cycle, unbound, node);
  if (conflict === undefined) return plan;
  if (!('reasons' in plan)) return conflict;
  return inOrder(conflict, plan);
}

function boundConflict({ volumes }: Cycle, bound: readonly PersistentVolumeClaim[], node: Node): Rejection | undefined {
  for (const claim of bound) {
    const volume = volumes.volume(claim.spec?.volumeName ?? '');
    if (volume === undefined) return NO_VOLUME;
    if (!isUsableOn(volume, node)) return NODE_CONFLICT;
  }
  return undefined;
}

/** Volumes for the claims, the smallest first; those that find none are provisioned, after those that have their node. */
function planForUnbound(
  { volumes, objects }: Cycle,
  unbound: readonly PersistentVolumeClaim[],
  node: Node,
): VolumePlan | Rejection {
  const toBind: VolumeToBind[] = [];
  const toProvision: PersistentVolumeClaim[] = [];
  const open: PersistentVolumeClaim[] = [];
  for (const claim of unbound) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected === undefined) open.push(claim);
    else if (selected === node.metadata.name) toProvision.push(claim);
    else return BIND_CONFLICT;
  }
  const taken = new Set<string>();
  for (const claim of bySize(open)) {
    const volume = matchingVolume(claim, volumes.volumesOfClass(classOf(claim)), node, taken);
    if (volume === undefined) {
      toProvision.push(claim);
      continue;
    }
    taken.add(volume.metadata.name);
    toBind.push({ volume, claim });
  }
  for (const claim of toProvision) {
    const obstacle = provisioningObstacle({ objects }, claim, node);
    if (obstacle !== undefined) return obstacle;
  }
  return { toBind, toProvision: toProvision.map((claim) => ({ claim, nodeName: node.metadata.name })) };
}

/** Upstream names a volume that is not there last. */
const inOrder = (conflict: Rejection, other: Rejection): Rejection =>
  conflict === NO_VOLUME
    ? unresolvable(...other.reasons, ...conflict.reasons)
    : unresolvable(...conflict.reasons, ...other.reasons);

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
  const { requests } = claim.spec?.resources ?? {};
  if (requests?.['storage'] === undefined) return undefined;
  const wanted = storageOf(requests);
  const hasSpace = objects.list(csiStorageCapacity).some((each) => {
    if (each.storageClassName !== found.metadata.name || each.nodeTopology === undefined) return false;
    return limitOf(each) >= wanted && matches(fromLabelSelector(each.nodeTopology), labels);
  });
  return hasSpace ? undefined : NO_SPACE;
}

/** The largest volume that fits there; less than any where that is not said. */
function limitOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): number {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? -1 : quantityValue(limit);
}

const migratedPlugins = (node: KubeObject | undefined): string => node?.metadata.annotations?.[MIGRATED_PLUGINS] ?? '';

const isAllowedTopology = (terms: readonly TopologySelectorTerm[], labels: Readonly<Record<string, string>>): boolean =>
  terms.length === 0 ||
  terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  );
