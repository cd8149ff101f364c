import type { PersistentVolumeClaim, Pod, Volume } from '../../machinery/api/core-v1.js';
import { notFoundText } from '../claims-of-pod.js';
import { definePlugin, resolvable, unresolvable } from '../framework.js';
import { podInfo } from '../pod-info.js';

const DISK_CONFLICT = resolvable('node(s) had no available disk');
const CLAIM_CONFLICT = resolvable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

/** Keeps pods apart that cannot share a disk, and claims that one pod alone may use. */
export const volumeRestrictions = definePlugin({
  name: 'VolumeRestrictions',
  retryOn: [
    {
      on: ['Pod/Delete'],
      isWorth: (pod, { previous }) => previous !== undefined && sharesVolume(pod, previous as Pod),
    },
    { on: ['Node/Add'] },
    {
      on: ['PersistentVolumeClaim/Add'],
      isWorth: (pod, { object }) => object !== undefined && usesClaim(pod, object as PersistentVolumeClaim),
    },
  ],

  filter({ pod, info, cache, volumes }) {
    const disks = (pod.spec.volumes ?? []).filter(isDisk);
    const exclusive: string[] = [];
    for (const key of info.claims) {
      const claim = volumes.claim(key);
      if (claim === undefined) return { rejects: unresolvable(notFoundText(key.slice(key.indexOf('/') + 1))) };
      if (claim.spec?.accessModes?.includes('ReadWriteOncePod') === true) exclusive.push(key);
    }
    const isUsed = (): boolean => exclusive.some((key) => cache.isClaimUsed(key));
    if (disks.length === 0 && !isUsed()) return undefined;
    return {
      check(node) {
        for (const { pod: there } of node.pods) if (disks.some((disk) => conflicts(disk, there))) return DISK_CONFLICT;
        return isUsed() ? CLAIM_CONFLICT : undefined;
      },
    };
  },
});

const isDisk = ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): boolean =>
  gcePersistentDisk !== undefined || awsElasticBlockStore !== undefined || iscsi !== undefined || rbd !== undefined;

const conflicts = (disk: Volume, { spec }: Pod): boolean =>
  (spec.volumes ?? []).some((other) => isSameDisk(disk, other));

interface MaybeReadOnly {
  readonly readOnly?: boolean;
}

/** All readers of one disk may share it; an EBS volume nobody may. */
function isSameDisk(a: Volume, b: Volume): boolean {
  const isWritten = (x: MaybeReadOnly, y: MaybeReadOnly): boolean => !(x.readOnly === true && y.readOnly === true);
  const [gce, otherGce] = [a.gcePersistentDisk, b.gcePersistentDisk];
  if (gce !== undefined && gce.pdName === otherGce?.pdName && isWritten(gce, otherGce)) return true;
  const [ebs, otherEbs] = [a.awsElasticBlockStore, b.awsElasticBlockStore];
  if (ebs !== undefined && ebs.volumeID === otherEbs?.volumeID) return true;
  const [iscsi, otherIscsi] = [a.iscsi, b.iscsi];
  if (iscsi !== undefined && iscsi.iqn === otherIscsi?.iqn && isWritten(iscsi, otherIscsi)) return true;
  const [rbd, otherRbd] = [a.rbd, b.rbd];
  if (rbd === undefined || otherRbd === undefined) return false;
  const isSameImage =
    (rbd.pool ?? 'rbd') === (otherRbd.pool ?? 'rbd') &&
    rbd.image === otherRbd.image &&
    rbd.monitors.some((each) => otherRbd.monitors.includes(each));
  return isSameImage && isWritten(rbd, otherRbd);
}

function sharesVolume(pod: Pod, gone: Pod): boolean {
  if (pod.metadata.namespace !== gone.metadata.namespace) return false;
  const claims = podInfo(gone).claims;
  if (podInfo(pod).claims.some((key) => claims.includes(key))) return true;
  return (pod.spec.volumes ?? []).filter(isDisk).some((disk) => conflicts(disk, gone));
}

const usesClaim = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  podInfo(pod).claims.includes(`${metadata.namespace ?? ''}/${metadata.name}`);
