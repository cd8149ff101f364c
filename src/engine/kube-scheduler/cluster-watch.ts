import type { Client } from '../client/client.js';
import { csiDriver } from '../kinds/csi-driver.js';
import { csiNode } from '../kinds/csi-node.js';
import { csiStorageCapacity } from '../kinds/csi-storage-capacity.js';
import { deviceClass } from '../kinds/device-class.js';
import { node as nodeKind } from '../kinds/node.js';
import { persistentVolume } from '../kinds/persistent-volume.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import { pod as podKind } from '../kinds/pod.js';
import { resourceClaim } from '../kinds/resource-claim.js';
import { resourceSlice } from '../kinds/resource-slice.js';
import { service } from '../kinds/service.js';
import { storageClass } from '../kinds/storage-class.js';
import { volumeAttachment } from '../kinds/volume-attachment.js';
import type { Node, Pod } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import { nodeEvents, podEvents, type Change, type WatchedResource } from './cluster-event.js';
import type { SchedulingWorld } from './framework.js';
import type { Nominator } from './nominator.js';
import { podInfo } from './pod-info.js';
import type { SchedulingQueue } from './scheduling-queue.js';

export interface ClusterWatchOptions {
  readonly client: Client;
  readonly world: SchedulingWorld;
  readonly queue: SchedulingQueue;
  readonly nominator: Nominator;
  /** Whether this scheduler is to find the pod a node. */
  isOwn(pod: Pod): boolean;
}

/** Keeps cache and queue up to date with the cluster, and tells waiting pods of what may help them. */
export class ClusterWatch {
  readonly #options: ClusterWatchOptions;
  #informers: { stop(): void }[] = [];

  constructor(options: ClusterWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { client, world } = this.#options;
    const served = (object: KubeObject): void => world.selectors.servicesChanged(object.metadata.namespace ?? '');
    this.#informers = [
      client.watch(nodeKind, {
        added: (node) => this.#nodeAdded(node),
        modified: (node, previous) => this.#nodeChanged(node, previous),
        deleted: (node) => this.#nodeGone(node),
      }),
      client.watch(podKind, {
        added: (pod) => this.#podChanged(pod, undefined),
        modified: (pod, previous) => this.#podChanged(pod, previous),
        deleted: (pod) => this.#podGone(pod),
      }),
      client.watch(service, { added: served, modified: served, deleted: served }),
      this.#watchFor(persistentVolume, 'PersistentVolume'),
      this.#watchFor(persistentVolumeClaim, 'PersistentVolumeClaim'),
      this.#watchFor(storageClass, 'StorageClass'),
      this.#watchFor(csiNode, 'CSINode'),
      this.#watchFor(csiDriver, 'CSIDriver'),
      this.#watchFor(csiStorageCapacity, 'CSIStorageCapacity'),
      this.#watchFor(volumeAttachment, 'VolumeAttachment'),
      this.#watchFor(resourceClaim, 'ResourceClaim'),
      this.#watchFor(resourceSlice, 'ResourceSlice'),
      this.#watchFor(deviceClass, 'DeviceClass'),
    ];
  }

  stop(): void {
    for (const informer of this.#informers) informer.stop();
  }

  #watchFor<T extends KubeObject>(kind: Kind<T>, resource: WatchedResource): { stop(): void } {
    const { queue, client, world } = this.#options;
    const isOfVolumes = resource === 'PersistentVolume' || resource === 'PersistentVolumeClaim';
    const tell = (change: Change): void => {
      if (isOfVolumes) world.volumes.changed();
      queue.happened(change);
    };
    return client.watch(kind, {
      added: (object) => tell({ event: `${resource}/Add`, object, previous: undefined }),
      modified: (object, previous) => tell({ event: `${resource}/Update`, object, previous }),
      deleted: (previous) => tell({ event: `${resource}/Delete`, object: undefined, previous }),
    });
  }

  #nodeAdded(node: Node): void {
    const { world, queue } = this.#options;
    world.cache.setNode(node);
    queue.happened({ event: 'Node/Add', object: node, previous: undefined });
  }

  #nodeChanged(node: Node, previous: Node): void {
    const { world, queue } = this.#options;
    world.cache.setNode(node);
    for (const event of nodeEvents(node, previous)) queue.happened({ event, object: node, previous });
  }

  #nodeGone(node: Node): void {
    const { world, queue } = this.#options;
    world.cache.removeNode(node.metadata.name);
    queue.happened({ event: 'Node/Delete', object: undefined, previous: node });
  }

  #podChanged(pod: Pod, previous: Pod | undefined): void {
    if (isFinished(pod)) return this.#podGone(pod);
    if ((pod.spec.nodeName ?? '') !== '') return this.#placedPodChanged(pod, previous);
    if (this.#options.isOwn(pod)) this.#waitingPodChanged(pod, previous);
  }

  #placedPodChanged(pod: Pod, previous: Pod | undefined): void {
    const { world, queue, nominator } = this.#options;
    const { nodeName = '' } = pod.spec;
    world.cache.addPod(pod, nodeName);
    if (previous !== undefined && (previous.spec.nodeName ?? '') !== '') {
      // Most changes of a bound pod are reports of its status: they move nothing.
      if (previous.spec === pod.spec && previous.metadata.labels === pod.metadata.labels) return;
      for (const event of podEvents(pod, previous)) queue.happened({ event, object: pod, previous });
      return;
    }
    const { uid = '' } = pod.metadata;
    nominator.remove(uid);
    queue.remove(uid);
    queue.happened({ event: 'Pod/Add', object: pod, previous: undefined });
  }

  #waitingPodChanged(pod: Pod, previous: Pod | undefined): void {
    const { queue, nominator } = this.#options;
    const { uid = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return this.#podGone(pod);
    const promised = pod.status?.nominatedNodeName ?? '';
    const before = previous?.status?.nominatedNodeName ?? '';
    if (previous === undefined || promised !== before) nominator.set(podInfo(pod), promised);
    if (previous === undefined) return queue.add(pod);
    queue.update(pod, previous);
    if (before !== '' && promised !== before) this.#promiseGone(previous, uid);
  }

  #podGone(pod: Pod): void {
    const { world, queue, nominator } = this.#options;
    const { uid = '' } = pod.metadata;
    queue.remove(uid);
    nominator.remove(uid);
    if (world.cache.removePod(uid) !== undefined) {
      queue.happened({ event: 'Pod/Delete', object: undefined, previous: pod });
    } else if ((pod.status?.nominatedNodeName ?? '') !== '') this.#promiseGone(pod, uid);
  }

  /** To pods that are not more important, a promised place was taken: now it is free. */
  #promiseGone(pod: Pod, uid: string): void {
    const { priority = 0 } = pod.spec;
    const concerns = (each: { readonly priority: number; readonly uid: string }): boolean =>
      each.priority <= priority && each.uid !== uid;
    this.#options.queue.happened({ event: 'Pod/Delete', object: undefined, previous: pod }, concerns);
  }
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
