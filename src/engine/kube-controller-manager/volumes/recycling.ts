// Mirrors upstream's `recycleVolumeOperation` and recycler client: a pod in `default` empties a released volume, what is
// said of that pod is said of the volume, and an empty volume is available again. Events of the pod are looked at when the
// pod changes.
import { seconds, type Duration } from '../../kernel/clock.js';
import { event } from '../../kinds/event.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { podsByClaim } from '../../kinds/pod-claims.js';
import { pod } from '../../kinds/pod.js';
import type { PersistentVolume, Pod, Volume } from '../../machinery/api/core-v1.js';
import { quantityValue } from '../../machinery/quantity.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { isAlreadyThere } from '../status-errors.js';
import { setVolumePhase, unbind } from './binding.js';
import type { BinderContext, Recycling } from './binder-state.js';
import { sizeOf } from './volume-match.js';

/** A volume that cannot be recycled now is tried again so often, as upstream's binder looks at all volumes. */
export const RETRY_PERIOD = seconds(15);
const NAMESPACE = 'default';
const PREFIX = 'recycler-for-';
const GIB = 2 ** 30;
const SECONDS_PER_GIB = 30;
const SECONDS_MIN = { hostPath: 60, nfs: 300 } as const;
const IMAGE = 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6';
const SCRIPT = 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1';

/** The name of the volume that a pod empties; `undefined` of every other pod. */
export const recycledBy = ({ metadata }: Pod): string | undefined =>
  metadata.namespace === NAMESPACE && metadata.name.startsWith(PREFIX) ? metadata.name.slice(PREFIX.length) : undefined;

/** Has a released volume emptied, where its plugin can do that. */
export function recycle(context: BinderContext, volume: PersistentVolume): Duration | undefined {
  const { client, state, recorder } = context;
  const { name } = volume.metadata;
  if (state.has(name)) return undefined;
  const { namespace = '', name: claimName = '' } = volume.spec.claimRef ?? {};
  const key = `${namespace}/${claimName}`;
  const users = client.indexed(pod, podsByClaim, key).filter((each) => !hasEnded(each));
  if (users.length > 0 && client.get(persistentVolumeClaim, key) === undefined) {
    const names = users.map(({ metadata }) => `${namespace}/${metadata.name}`).toSorted();
    recorder.record(volume, 'Normal', 'VolumeFailedRecycle', `Volume is used by pods: ${names.join(',')}`);
    return RETRY_PERIOD;
  }
  const source = sourceOf(volume);
  if (source === undefined) {
    failVolume(context, volume, 'No recycler plugin found for the volume!');
    return undefined;
  }
  const recycling: Recycling = { volume, told: new Set(), uid: undefined };
  state.set(name, recycling);
  context.create(pod, NAMESPACE, recyclerPod(volume, source), ({ object, error }) => {
    if (error === undefined) {
      recycling.uid = object.metadata.uid;
      return;
    }
    state.delete(name);
    if (isAlreadyThere(error)) removePod(context, name);
    const cause = isAlreadyThere(error)
      ? 'old recycler pod found, will retry later'
      : `unexpected error creating recycler pod:  ${error.message}`;
    failVolume(context, volume, `Recycle failed: ${cause}`);
  });
  return state.has(name) ? undefined : RETRY_PERIOD;
}

/** What goes on with the pod of a volume that is being recycled: `over` once that pod is done or gone. */
export function followRecycler(context: BinderContext, recycling: Recycling): 'running' | 'over' {
  const { client, state, recorder } = context;
  const { volume, uid } = recycling;
  const { name } = volume.metadata;
  if (uid === undefined) return 'running';
  const found = client.get(pod, `${NAMESPACE}/${PREFIX}${name}`);
  const current = found?.metadata.uid === uid ? found : undefined;
  tellEvents(context, recycling);
  const fault = faultOf(current);
  if (fault === undefined && current?.status?.phase !== 'Succeeded') return 'running';
  state.delete(name);
  if (current !== undefined) removePod(context, name);
  const now = client.get(persistentVolume, name);
  const isSame = now?.metadata.uid === volume.metadata.uid && now?.spec.claimRef?.uid === volume.spec.claimRef?.uid;
  if (fault !== undefined) {
    if (now !== undefined && isSame) failVolume(context, now, `Recycle failed: failed to recycle volume: ${fault}`);
    return 'over';
  }
  recorder.record(volume, 'Normal', 'VolumeRecycled', 'Volume recycled');
  if (now !== undefined && isSame) unbind(context, now);
  return 'over';
}

/** Why a pod did not empty the volume; `undefined` while it may, and when it did. */
function faultOf(found: Pod | undefined): string | undefined {
  if (found === undefined) return 'recycler pod was deleted';
  const { phase, message = '' } = found.status ?? {};
  if (phase !== 'Failed') return undefined;
  return message === '' ? 'pod failed, pod.Status.Message unknown' : message;
}

function tellEvents({ client, recorder }: BinderContext, { volume, told }: Recycling): void {
  const podName = `${PREFIX}${volume.metadata.name}`;
  const news = client
    .list(event, NAMESPACE)
    .filter(({ metadata, involvedObject }) => involvedObject.name === podName && !told.has(metadata.name))
    .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
  for (const { metadata, type, message = '' } of news) {
    told.add(metadata.name);
    recorder.record(volume, type === 'Warning' ? 'Warning' : 'Normal', 'RecyclerPod', `Recycler pod: ${message}`);
  }
}

function failVolume(context: BinderContext, volume: PersistentVolume, message: string): void {
  if (volume.status?.phase === 'Failed') return;
  setVolumePhase(context, volume, 'Failed', message);
  context.recorder.record(volume, 'Warning', 'VolumeFailedRecycle', message);
}

function removePod({ client }: BinderContext, volumeName: string): void {
  const found = client.get(pod, `${NAMESPACE}/${PREFIX}${volumeName}`);
  // One that is gone already or stays is met again by the next pod of that name.
  if (found !== undefined) client.delete(pod, found, {}, () => undefined);
}

/** Neither running nor to run: pods on their way out count until their containers are gone. */
function hasEnded({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const isDown = (status?.containerStatuses ?? []).every(({ state }) => state?.running === undefined);
  return metadata.deletionTimestamp !== undefined && isDown;
}

interface RecyclableSource {
  readonly plugin: keyof typeof SECONDS_MIN;
  readonly volume: Omit<Volume, 'name'>;
}

/** Only two plugins can recycle. */
function sourceOf({ spec: { hostPath, nfs } }: PersistentVolume): RecyclableSource | undefined {
  if (hostPath !== undefined) return { plugin: 'hostPath', volume: { hostPath: { path: hostPath.path } } };
  return nfs === undefined ? undefined : { plugin: 'nfs', volume: { nfs: { server: nfs.server, path: nfs.path } } };
}

function recyclerPod(volume: PersistentVolume, { plugin, volume: source }: RecyclableSource): NewObject<Pod> {
  const needed = Math.trunc(quantityValue(sizeOf(volume)) / GIB) * SECONDS_PER_GIB;
  return {
    metadata: { name: `${PREFIX}${volume.metadata.name}` },
    spec: {
      activeDeadlineSeconds: Math.max(needed, SECONDS_MIN[plugin]),
      restartPolicy: 'Never',
      volumes: [{ name: 'vol', ...source }],
      containers: [
        {
          name: 'pv-recycler',
          image: IMAGE,
          command: ['/bin/sh'],
          args: ['-c', SCRIPT],
          volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
        },
      ],
    },
  };
}
