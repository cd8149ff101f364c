// Mirrors upstream's selinux-warning-controller, which is off unless it is named: tells of pods that share a volume and want
// other SELinux labels, or other ways of changing them. It leaves out its metric, and volumes of drivers that were a part of
// Kubernetes once.
import { csiDriver } from '../../kinds/csi-driver.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { podsByClaim } from '../../kinds/pod-claims.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { CSIDriver } from '../../machinery/api/storage-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { mountLabels } from '../selinux/pod-labels.js';
import { foundVolume, type FoundVolume } from '../selinux/pod-volumes.js';
import { VolumeUses } from '../selinux/volume-uses.js';

const MOUNT_OPTION = 'MountOption';
const RECURSIVE = 'Recursive';

type Context = ReconcileContext<VolumeUses>;

export const selinuxWarningController = defineController<Pod, VolumeUses>({
  name: 'selinux_warning',
  option: 'selinux-warning-controller',
  serviceAccount: 'selinux-warning-controller',
  primary: podKind,
  // What a pod mounts and how is settled when it is made.
  matters: () => false,
  watches: [
    watching<PersistentVolumeClaim, VolumeUses>({
      kind: persistentVolumeClaim,
      matters: (claim, former) =>
        claim.spec.volumeName !== former.spec.volumeName || claim.status?.phase !== former.status?.phase,
      map: (claim, context, type) => (type === 'deleted' ? [] : usersOf(keyOf(claim), context)),
    }),
    watching<PersistentVolume, VolumeUses>({
      kind: persistentVolume,
      matters: ({ spec }, { spec: former }) => spec.claimRef?.uid !== former.claimRef?.uid,
      map({ spec: { claimRef } }, context, type) {
        if (type === 'deleted' || claimRef?.uid === undefined) return [];
        return usersOf(`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`, context);
      },
    }),
    watching<CSIDriver, VolumeUses>({
      kind: csiDriver,
      matters: ({ spec }, { spec: former }) => (spec.seLinuxMount ?? false) !== (former.seLinuxMount ?? false),
      map: ({ metadata }, { state }) => state.podsOfDriver(metadata.name),
    }),
  ],
  newState: () => new VolumeUses(),

  reconcile(context, pod) {
    if (pod === undefined) context.state.remove(context.key);
    else look(context, pod);
    return undefined;
  },
});

const usersOf = (claimKey: string, { client }: MapContext<VolumeUses>): readonly string[] =>
  client.indexed(podKind, podsByClaim, claimKey).map(keyOf);

function look(context: Context, pod: Pod): void {
  const { client, key, recorder, state } = context;
  const wanted = pod.spec.securityContext?.seLinuxChangePolicy ?? MOUNT_OPTION;
  for (const [name, labels] of mountLabels(pod)) {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    const found = volume === undefined ? undefined : foundVolume(client, pod, volume);
    if (found === undefined) continue;
    if (labels.size > 1) {
      const message = `Volume "${name}" is mounted twice with different SELinux labels inside this pod`;
      recorder.record(pod, 'Warning', 'MultipleSELinuxLabels', message);
      context.retry();
      continue;
    }
    if (found.identity === undefined) continue;
    const policy = takesLabel(context, found) ? wanted : RECURSIVE;
    const [label = ''] = policy === RECURSIVE ? [] : labels;
    const use = { volume: found.identity, driver: found.driver, label, policy };
    for (const { podKey, reason, message } of state.add(key, use)) {
      const told = client.get(podKind, podKey);
      if (told === undefined) return;
      recorder.record(told, 'Normal', reason, message);
    }
  }
}

const takesLabel = ({ client }: Context, { driver, takesLabel: always }: FoundVolume): boolean =>
  driver === undefined ? always : client.get(csiDriver, driver)?.spec.seLinuxMount === true;
