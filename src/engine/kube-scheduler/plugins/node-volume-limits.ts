import { csiNode as csiNodeKind } from '../../kinds/csi-node.js';
import { storageClass } from '../../kinds/storage-class.js';
import { volumeAttachment } from '../../kinds/volume-attachment.js';
import type { PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { CSINode } from '../../machinery/api/storage-v1.js';
import { claimsOfPod, classOf, notFoundText } from '../claims-of-pod.js';
import { definePlugin, resolvable, unresolvable, type SchedulingWorld } from '../framework.js';

const EXCEEDED = resolvable('node(s) exceed max volume count');

/** Keeps a node from more CSI volumes than its drivers can attach. */
export const nodeVolumeLimits = definePlugin({
  name: 'NodeVolumeLimits',
  retryOn: [
    { on: ['CSINode/Add', 'CSINode/Update', 'VolumeAttachment/Delete'] },
    { on: ['Pod/Delete'], isWorth: (_, { previous }) => claimsOfPod(previous as Pod).length > 0 },
    {
      on: ['PersistentVolumeClaim/Add'],
      isWorth: (pod, { object }) => usesClaim(pod, object as PersistentVolumeClaim),
    },
  ],

  filter(world) {
    const { pod, objects } = world;
    if (claimsOfPod(pod).length === 0) return undefined;
    const missing = claimsOfPod(pod).find(({ key }) => world.volumes.claim(key) === undefined);
    if (missing !== undefined) return { check: () => unresolvable(notFoundText(missing.name)) };
    const wanted = attachable(world, pod);
    if (wanted.size === 0) return undefined;
    return {
      check(node) {
        const limits = limitsOf(objects.get(csiNodeKind, node.name));
        if (limits.size === 0) return undefined;
        const attached = new Map<string, string>();
        for (const there of node.pods)
          for (const [id, driver] of attachable(world, there.pod)) attached.set(id, driver);
        for (const [id, driver] of attachedTo(world, node.name)) attached.set(id, driver);
        for (const [driver, limit] of limits) {
          const added = Array.from(wanted).filter(([id, by]) => by === driver && !attached.has(id)).length;
          const present = Array.from(attached.values()).filter((by) => by === driver).length;
          if (added > 0 && present + added > limit) return EXCEEDED;
        }
        return undefined;
      },
    };
  },
});

/** The CSI volumes of a pod, by a name that tells them apart, with their driver. */
function attachable({ volumes, objects }: SchedulingWorld, pod: Pod): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { key } of claimsOfPod(pod)) {
    const claim = volumes.claim(key);
    if (claim === undefined) continue;
    const volume = volumes.volume(claim.spec?.volumeName ?? '');
    const csi = volume?.spec?.csi;
    if (csi !== undefined) found.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    if (volume !== undefined) continue;
    const provisioner = objects.get(storageClass, classOf(claim))?.provisioner;
    if (provisioner !== undefined) found.set(`${provisioner}/${key}`, provisioner);
  }
  return found;
}

function* attachedTo({ objects, volumes }: SchedulingWorld, nodeName: string): Iterable<readonly [string, string]> {
  for (const { spec } of objects.list(volumeAttachment)) {
    if (spec.nodeName !== nodeName) continue;
    const csi = volumes.volume(spec.source.persistentVolumeName ?? '')?.spec?.csi;
    if (csi !== undefined) yield [`${csi.driver}/${csi.volumeHandle}`, csi.driver];
  }
}

function limitsOf(node: CSINode | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of node?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

const usesClaim = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  claimsOfPod(pod).some(({ key }) => key === `${metadata.namespace ?? ''}/${metadata.name}`);
