// Mirrors upstream's attach-detach controller for CSI volumes: a volume is attached to the nodes whose pods use it, to one
// node only where its access modes say so. The driver's attacher is simulated where the driver has a CSIDriver object.
// A kubelet that lives has let go of the volumes of pods that are gone; from a lost node they are taken after a while.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { after, milliseconds, minutes, parseTimestamp, type Duration, type Instant } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { node } from '../../kinds/node.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { claimNamesOf, podsByClaim } from '../../kinds/pod-claims.js';
import { pod } from '../../kinds/pod.js';
import { volumeAttachment } from '../../kinds/volume-attachment.js';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { VolumeAttachment } from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import { keyOf } from '../../machinery/object.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { asciiBytes } from '../../machinery/x509/der.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';
import { readyConditionOf } from '../nodes/node-taints.js';
import { isAlreadyThere } from '../status-errors.js';

/** How long a driver takes to attach a volume. */
const ATTACH_TIME = milliseconds(200);
/** How long a lost node may still write to a volume, as far as anybody knows: upstream's `maxWaitForUnmountDuration`. */
const UNMOUNT_TIME_MAX = minutes(6);
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const OWN_NAME = /^csi-[0-9a-f]{64}$/;
const SHARED_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany'];

/** Since when a volume is to leave a lost node, by name of the attachment. */
type State = Map<string, Instant>;
type Context = ReconcileContext<State>;

const attachmentsByVolume = defineIndex<VolumeAttachment>({
  name: 'attachmentsByVolume',
  keysOf: ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]),
});
const attachmentsByNode = defineIndex<VolumeAttachment>({
  name: 'attachmentsByNode',
  keysOf: ({ spec }) => [spec.nodeName],
});

export const attachDetachController = defineController<PersistentVolume, State>({
  name: 'attachdetach-controller',
  option: 'persistentvolume-attach-detach-controller',
  primary: persistentVolume,
  matters: (object, previous) => object.spec.claimRef?.uid !== previous.spec.claimRef?.uid,
  concerns: ({ spec }) => spec.csi !== undefined,
  watches: [
    watching<Pod, State>({
      kind: pod,
      matters: (object, previous) =>
        object.spec.nodeName !== previous.spec.nodeName || isOver(object) !== isOver(previous),
      map: volumesOf,
    }),
    watching<PersistentVolumeClaim, State>({
      kind: persistentVolumeClaim,
      matters: (object, previous) => object.spec.volumeName !== previous.spec.volumeName,
      map: ({ spec }) => (spec.volumeName === undefined ? [] : [spec.volumeName]),
    }),
    watching<VolumeAttachment, State>({
      kind: volumeAttachment,
      map: ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]),
    }),
    watching<Node, State>({
      kind: node,
      matters: (object, previous) =>
        isReady(object) !== isReady(previous) || isAbandoned(object) !== isAbandoned(previous),
      map: ({ metadata }, { client }) =>
        client
          .indexed(volumeAttachment, attachmentsByNode, metadata.name)
          .flatMap(({ spec }) => spec.source.persistentVolumeName ?? []),
    }),
  ],
  newState: () => new Map(),

  reconcile(context, volume) {
    const attachments = context.client.indexed(volumeAttachment, attachmentsByVolume, context.key);
    const users = volume === undefined ? new Map<string, readonly Pod[]>() : usersOf(context, volume);
    // What somebody else attached is left alone.
    const unused = attachments.filter(
      ({ metadata, spec }) => OWN_NAME.test(metadata.name) && !users.has(spec.nodeName),
    );
    for (const each of attachments) if (!unused.includes(each)) context.state.delete(each.metadata.name);
    const holds = unused.map((each) => holdOn(context, each));
    const leaving = unused.filter((_each, index) => holds[index] === 0);
    for (const each of leaving) detach(context, each);
    const held = holds.filter((each) => each > 0);
    if (volume?.spec.csi === undefined) return held.length === 0 ? undefined : milliseconds(Math.min(...held));
    const staying = attachments.filter((each) => !leaving.includes(each));
    for (const nodeName of users.keys()) {
      if (!staying.some(({ spec }) => spec.nodeName === nodeName))
        attach(context, volume, { nodeName, users, staying });
    }
    const waiting = staying.filter((each) => each.status?.attached !== true && !unused.includes(each));
    const waits = waiting.map((each) => confirm(context, volume, each, users.get(each.spec.nodeName) ?? []));
    const left = [...held, ...waits.filter((each) => each > 0)];
    return left.length === 0 ? undefined : milliseconds(Math.min(...left));
  },
});

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function volumesOf(object: Pod, { client }: MapContext<State>): readonly string[] {
  if ((object.spec.nodeName ?? '') === '') return [];
  return claimNamesOf(object).flatMap((name) => {
    const claim = client.get(persistentVolumeClaim, `${object.metadata.namespace ?? ''}/${name}`);
    return claim?.spec.volumeName ?? [];
  });
}

/** The pods that use the volume, by their nodes. */
function usersOf({ client }: Context, { spec }: PersistentVolume): ReadonlyMap<string, readonly Pod[]> {
  const users = new Map<string, Pod[]>();
  const { namespace = '', name = '', uid } = spec.claimRef ?? {};
  const claim = client.get(persistentVolumeClaim, `${namespace}/${name}`);
  if (claim === undefined || claim.metadata.uid !== uid) return users;
  for (const each of client.indexed(pod, podsByClaim, keyOf(claim))) {
    const { nodeName = '' } = each.spec;
    if (nodeName === '' || isOver(each)) continue;
    users.set(nodeName, [...(users.get(nodeName) ?? []), each]);
  }
  return users;
}

interface Place {
  readonly nodeName: string;
  readonly users: ReadonlyMap<string, readonly Pod[]>;
  readonly staying: readonly VolumeAttachment[];
}

function attach(context: Context, volume: PersistentVolume, { nodeName, users, staying }: Place): void {
  const { client, recorder } = context;
  const { csi, accessModes = [] } = volume.spec;
  if (csi === undefined || context.outstanding > 0) return;
  if (client.get(csiDriver, csi.driver)?.spec.attachRequired === false) return;
  const [other] = staying;
  if (other !== undefined && !accessModes.some((mode) => SHARED_MODES.includes(mode))) {
    const namesElsewhere = (users.get(other.spec.nodeName) ?? []).map(({ metadata }) => metadata.name);
    const words =
      namesElsewhere.length === 0
        ? "Volume is already exclusively attached to one node and can't be attached to another"
        : `Volume is already used by pod(s) ${namesElsewhere.join(', ')}`;
    const message = `Multi-Attach error for volume ${goQuote(volume.metadata.name)} ${words}`;
    for (const each of users.get(nodeName) ?? []) recorder.record(each, 'Warning', 'FailedAttachVolume', message);
    return;
  }
  const text = `${csi.volumeHandle}${csi.driver}${nodeName}`;
  const name = `csi-${bytesToHex(sha256(asciiBytes(text)))}`;
  const source = { persistentVolumeName: volume.metadata.name };
  const made = { metadata: { name }, spec: { attacher: csi.driver, nodeName, source } };
  context.create(volumeAttachment, undefined, made, ({ error }) => {
    if (error !== undefined && !isAlreadyThere(error)) context.fail(error);
  });
}

/** Says for the driver that the volume is attached; returns how long that takes yet. */
function confirm(
  context: Context,
  { metadata }: PersistentVolume,
  attachment: VolumeAttachment,
  users: readonly Pod[],
): number {
  const { client, recorder, simulation } = context;
  const { attacher, nodeName } = attachment.spec;
  if (client.get(csiDriver, attacher) === undefined || attachment.metadata.deletionTimestamp !== undefined) return 0;
  const created = parseTimestamp(attachment.metadata.creationTimestamp ?? '') ?? simulation.now;
  const left = created + ATTACH_TIME - simulation.now;
  if (left > 0) return left;
  client.updateStatus(volumeAttachment, { ...attachment, status: { attached: true } }, ({ error }) => {
    if (error !== undefined) return context.fail(error);
    const message = `AttachVolume.Attach succeeded for volume ${goQuote(metadata.name)} `;
    for (const each of users) recorder.record(each, 'Normal', 'SuccessfulAttachVolume', message);
    tellNode(context, nodeName);
  });
  return 0;
}

/** How long a volume that nobody uses must still stay where it is: a lost node may not know that its pods are gone. */
function holdOn({ client, settings, simulation, state }: Context, { metadata, spec }: VolumeAttachment): Duration {
  const host = client.get(node, spec.nodeName);
  const isSafe =
    settings.heartbeats.nodeHeartbeat(spec.nodeName) !== undefined ||
    (host !== undefined && (isReady(host) || isAbandoned(host)));
  if (isSafe) {
    state.delete(metadata.name);
    return milliseconds(0);
  }
  const since = state.get(metadata.name) ?? simulation.now;
  state.set(metadata.name, since);
  return milliseconds(Math.max(after(since, UNMOUNT_TIME_MAX) - simulation.now, 0));
}

const isReady = (object: Node): boolean => readyConditionOf(object)?.status === 'True';

const isAbandoned = ({ spec }: Node): boolean => spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;

function detach(context: Context, attachment: VolumeAttachment): void {
  const { client } = context;
  context.state.delete(attachment.metadata.name);
  if (attachment.metadata.deletionTimestamp !== undefined) return;
  client.delete(volumeAttachment, attachment, {}, (outcome) => {
    failingUnlessGone(context)(outcome);
    tellNode(context, attachment.spec.nodeName);
  });
}

/** A node's status lists what is attached to it. */
function tellNode({ client }: Context, nodeName: string): void {
  const host = client.get(node, nodeName);
  if (host === undefined) return;
  const volumesAttached = client
    .indexed(volumeAttachment, attachmentsByNode, nodeName)
    .filter(({ status }) => status?.attached === true)
    .flatMap(({ spec }) => {
      const csi = client.get(persistentVolume, spec.source.persistentVolumeName ?? '')?.spec.csi;
      return csi === undefined ? [] : [{ name: `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`, devicePath: '' }];
    });
  if (deepEqual(volumesAttached, host.status?.volumesAttached ?? [])) return;
  const listed = volumesAttached.length === 0 ? null : volumesAttached;
  client.patchStatus(node, nodeName, { status: { volumesAttached: listed } });
}
