import type { Client } from '../../client/client.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { Pod, PersistentVolumeSpec, Volume } from '../../machinery/api/core-v1.js';
import { isControlledBy } from '../owner-references.js';

type Source = Pick<PersistentVolumeSpec, 'csi' | 'hostPath' | 'nfs' | 'iscsi' | 'fc'>;

export interface FoundVolume {
  /** The same for the same volume, whoever uses it; `undefined` of a volume that only its pod can have. */
  readonly identity: string | undefined;
  readonly driver: string | undefined;
  /** Whether nodes mount such a volume with a label at all, where no CSI driver decides that. */
  readonly takesLabel: boolean;
}

/** The volume behind a pod's; `undefined` as long as its claim is not bound. */
export function foundVolume(client: Client, pod: Pod, volume: Volume): FoundVolume | undefined {
  const { ephemeral, persistentVolumeClaim: reference, hostPath, nfs, iscsi, csi } = volume;
  if (reference === undefined && ephemeral === undefined) {
    if (csi !== undefined) return { identity: undefined, driver: csi.driver, takesLabel: false };
    return fromSource({
      ...(hostPath === undefined ? {} : { hostPath }),
      ...(nfs === undefined ? {} : { nfs }),
      ...(volume.fc === undefined ? {} : { fc: volume.fc }),
      ...(iscsi === undefined ? {} : { iscsi }),
    });
  }
  const { namespace = '', name } = pod.metadata;
  const claimName = reference?.claimName ?? `${name}-${volume.name}`;
  const claim = client.get(persistentVolumeClaim, `${namespace}/${claimName}`);
  if (claim?.status?.phase !== 'Bound' || (ephemeral !== undefined && !isControlledBy(claim, pod))) return undefined;
  const bound = client.get(persistentVolume, claim.spec.volumeName ?? '');
  return bound?.spec.claimRef?.uid === claim.metadata.uid && bound !== undefined ? fromSource(bound.spec) : undefined;
}

function fromSource({ csi, hostPath, nfs, iscsi, fc }: Source): FoundVolume {
  if (csi !== undefined) {
    return { identity: `csi/${csi.driver}^${csi.volumeHandle}`, driver: csi.driver, takesLabel: false };
  }
  const none = { driver: undefined, takesLabel: false };
  if (hostPath !== undefined) return { ...none, identity: `host-path/${hostPath.path}` };
  if (nfs !== undefined) return { ...none, identity: `nfs/${nfs.server}/${nfs.path}` };
  if (iscsi !== undefined) {
    const { targetPortal, iqn, lun } = iscsi;
    return { driver: undefined, takesLabel: true, identity: `iscsi/${targetPortal}:${iqn}:${lun}` };
  }
  if (fc !== undefined) {
    const target = [...(fc.wwids ?? []), ...(fc.targetWWNs ?? []), fc.lun ?? ''].join();
    return { driver: undefined, takesLabel: true, identity: `fc/${target}` };
  }
  return { ...none, identity: undefined };
}
