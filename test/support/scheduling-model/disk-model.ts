import type { Node, PersistentVolumeClaim, Pod, Volume } from '../../../src/engine/machinery/api/core-v1.js';
import { podsOn, taken, unfit, type ClusterRule, type FilterRule, type ModelWorld } from './model-world.js';
import { claimsUsed, classOf, foreignText, isForeign, missingText, volumeOf } from './storage-world.js';

/** Disks that two pods on a node may not share, and claims that only one pod anywhere may use. */
export const diskRule: FilterRule = (world, pod, node) => {
  const fault = diskFault(world, pod);
  if (fault !== undefined) return unfit(fault);
  const used = namedClaims(world, pod);
  const others = podsOn(world, node).flatMap(({ spec }) => spec.volumes ?? []);
  if ((pod.spec.volumes ?? []).some((own) => others.some((other) => clash(own, other))))
    return taken('node(s) had no available disk');
  const isTaken = used.some(
    ({ claim }) => claim?.spec?.accessModes?.includes('ReadWriteOncePod') === true && isInUse(world, claim),
  );
  return isTaken
    ? taken(
        'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
      )
    : undefined;
};

export const diskFault: ClusterRule = (world, pod) => {
  const missing = namedClaims(world, pod).find(({ claim }) => claim === undefined);
  return missing === undefined ? undefined : missingText(missing.name);
};

const namedClaims = (world: ModelWorld, pod: Pod) => claimsUsed(world, pod).filter(({ isEphemeral }) => !isEphemeral);

const isInUse = (world: ModelWorld, { metadata }: PersistentVolumeClaim): boolean =>
  world.nodes
    .flatMap((node) => podsOn(world, node))
    .filter((each) => each.metadata.namespace === metadata.namespace)
    .some(({ spec }) => spec.volumes?.some((each) => each.persistentVolumeClaim?.claimName === metadata.name));

function clash(a: Volume, b: Volume): boolean {
  const pairs = [
    // One EBS volume is for one pod; the others may be shared by pods that all only read.
    { isSame: isSet(a.awsElasticBlockStore?.volumeID, b.awsElasticBlockStore?.volumeID), mayShare: false },
    {
      isSame: isSet(a.gcePersistentDisk?.pdName, b.gcePersistentDisk?.pdName),
      mayShare: a.gcePersistentDisk?.readOnly === true && b.gcePersistentDisk?.readOnly === true,
    },
    {
      isSame: isSet(a.iscsi?.iqn, b.iscsi?.iqn),
      mayShare: a.iscsi?.readOnly === true && b.iscsi?.readOnly === true,
    },
    {
      isSame:
        isSet(a.rbd?.image, b.rbd?.image) &&
        (a.rbd?.pool ?? 'rbd') === (b.rbd?.pool ?? 'rbd') &&
        a.rbd?.monitors.some((each) => b.rbd?.monitors.includes(each)) === true,
      mayShare: a.rbd?.readOnly === true && b.rbd?.readOnly === true,
    },
  ];
  return pairs.some(({ isSame, mayShare }) => isSame && !mayShare);
}

const isSet = (a: string | undefined, b: string | undefined): boolean => a !== undefined && a === b;

/** A CSI driver attaches no more volumes to a node than its CSINode says. A volume that is there already is not counted again. */
export const volumeLimitRule: FilterRule = (world, pod, node) => {
  for (const used of claimsUsed(world, pod)) {
    if (used.claim === undefined)
      return unfit(`looking up PVC ${pod.metadata.namespace ?? ''}/${used.name}: ${missingText(used.name)}`);
    if (isForeign(used, pod)) return unfit(`running "NodeVolumeLimits" filter plugin: ${foreignText(used, pod)}`);
  }
  const used = podsOn(world, node).flatMap((each) => attachedBy(world, each));
  const there = [...used, ...attachments(world, node)];
  // What is attached but used by no pod there takes a place, and another one once the newcomer wants it.
  const added = attachedBy(world, pod).filter((each) => !used.some((other) => isSame(each, other)));
  for (const { name, allocatable } of csiDrivers(world, node)) {
    if (allocatable?.count === undefined || countOf(added, name) === 0) continue;
    if (countOf(there, name) + countOf(added, name) > allocatable.count)
      return taken('node(s) exceed max volume count');
  }
  return undefined;
};

interface Attached {
  readonly driver: string;
  readonly handle: string;
}

const isSame = (a: Attached, b: Attached): boolean => a.driver === b.driver && a.handle === b.handle;

const countOf = (volumes: readonly Attached[], name: string): number =>
  new Set(volumes.filter(({ driver }) => driver === name).map(({ handle }) => handle)).size;

const csiDrivers = ({ storage }: ModelWorld, { metadata }: Node) =>
  storage.nodes.find((each) => each.metadata.name === metadata.name)?.spec.drivers ?? [];

/** A claim without a volume will get one of its class's driver. */
const attachedBy = (world: ModelWorld, pod: Pod): readonly Attached[] =>
  claimsUsed(world, pod).flatMap(({ claim }) => {
    if (claim === undefined) return [];
    const volume = volumeOf(world, claim.spec?.volumeName);
    if (volume !== undefined) {
      const { csi } = volume.spec ?? {};
      return csi === undefined ? [] : [{ driver: csi.driver, handle: csi.volumeHandle }];
    }
    const driver = classOf(world, claim)?.provisioner;
    const { namespace = '', name } = claim.metadata;
    return driver === undefined ? [] : [{ driver, handle: `to come: ${namespace}/${name}` }];
  });

const attachments = (world: ModelWorld, { metadata }: Node): readonly Attached[] =>
  world.storage.attachments
    .filter(({ spec }) => spec.nodeName === metadata.name)
    .flatMap(({ spec }) => {
      const { csi } = volumeOf(world, spec.source.persistentVolumeName)?.spec ?? {};
      return csi === undefined ? [] : [{ driver: spec.attacher, handle: csi.volumeHandle }];
    });
