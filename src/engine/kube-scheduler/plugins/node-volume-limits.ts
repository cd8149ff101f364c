import { csiNode as csiNodeKind } from '../../kinds/csi-node.js';
import { storageClass } from '../../kinds/storage-class.js';
import { volumeAttachment } from '../../kinds/volume-attachment.js';
import type { PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { CSINode } from '../../machinery/api/storage-v1.js';
import { claimsOfPod, classOf, foreignText, isForeign, notFoundText, type ClaimUse } from '../claims-of-pod.js';
import {
  definePlugin,
  resolvable,
  unresolvable,
  type Cycle,
  type Rejection,
  type SchedulingWorld,
} from '../framework.js';
import { PluginFailure } from '../plugin-failure.js';

const EXCEEDED = resolvable('node(s) exceed max volume count');

/** Keeps a node from more CSI volumes than its drivers can attach. */
export const nodeVolumeLimits = definePlugin({
  name: 'NodeVolumeLimits',
  retryOn: [
    { on: ['CSINode/Add'] },
    {
      on: ['CSINode/Update'],
      isWorth: (_, { object, previous }) => hasHigherLimit(object as CSINode, previous as CSINode),
    },
    {
      on: ['VolumeAttachment/Delete'],
      isWorth: ({ spec }) =>
        (spec.volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined),
    },
    { on: ['Pod/Delete'], isWorth: (_, { previous }) => claimsOfPod(previous as Pod).length > 0 },
    {
      on: ['PersistentVolumeClaim/Add'],
      isWorth: (pod, { object }) => usesClaim(pod, object as PersistentVolumeClaim),
    },
  ],

  filter(world) {
    const { pod, objects } = world;
    const uses = claimsOfPod(pod);
    if (uses.length === 0) return undefined;
    const wanted = attachable(world, pod);
    return {
      check(node) {
        const missing = missingClaim(world, uses);
        if (missing !== undefined || wanted.size === 0) return missing;
        const limits = limitsOf(objects.get(csiNodeKind, node.name));
        if (limits.size === 0) return undefined;
        const used = new Map<string, string>();
        for (const { pod: there } of node.pods)
          for (const [id, driver] of attachable(world, there)) used.set(id, driver);
        // What is attached but used by no pod there takes a place beside the one that is wanted now, as upstream counts.
        const present = new Map([...used, ...attachedTo(world, node.name)]);
        for (const [driver, limit] of limits) {
          let added = 0;
          for (const [id, by] of wanted) if (by === driver && !used.has(id)) added++;
          if (added === 0) continue;
          for (const by of present.values()) if (by === driver) added++;
          if (added > limit) return EXCEEDED;
        }
        return undefined;
      },
    };
  },
});

/** The first claim of the pod that is not there. Throws a PluginFailure for one that is another pod's. */
function missingClaim({ volumes, pod }: Cycle, uses: readonly ClaimUse[]): Rejection | undefined {
  for (const use of uses) {
    const claim = volumes.claim(use.key);
    if (claim === undefined) return unresolvable(`looking up PVC ${use.key}: ${notFoundText(use.name)}`);
    if (isForeign(use, claim, pod)) {
      throw new PluginFailure(`running "NodeVolumeLimits" filter plugin: ${foreignText(use, pod)}`);
    }
  }
  return undefined;
}

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
    if (csi !== undefined) yield [`${spec.attacher}/${csi.volumeHandle}`, spec.attacher];
  }
}

function limitsOf(node: CSINode | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of node?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

function hasHigherLimit(node: CSINode, previous: CSINode): boolean {
  const before = limitsOf(previous);
  return Array.from(limitsOf(node)).some(([driver, limit]) => limit > (before.get(driver) ?? 0));
}

const usesClaim = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  claimsOfPod(pod).some(({ key }) => key === `${metadata.namespace ?? ''}/${metadata.name}`);
