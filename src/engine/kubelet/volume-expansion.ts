import type { Client } from '../client/client.js';
import type { EventRecorder } from '../client/event-recorder.js';
import { milliseconds, type Duration } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../kinds/persistent-volume.js';
import { claimNamesOf } from '../kinds/pod-claims.js';
import { pod as podKind } from '../kinds/pod.js';
import { awaitsNode, resizedPatch } from '../kinds/storage-spec/claim-resize.js';
import type { PersistentVolumeClaim, Pod } from '../machinery/api/core-v1.js';
import { goQuote } from '../machinery/go-text.js';
import { keyOf } from '../machinery/object.js';

/** A kubelet looks at a running pod's volumes anew when it synchronises the pod: at some time within this. */
const SYNC_PERIOD_MS = 60_000;

export interface VolumeExpansionOptions {
  readonly simulation: Simulation;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
}

/**
 * Mirrors upstream's node expander: grows the file system on a volume that has grown, at once where a pod is about to start
 * and mounts it, else when the kubelet comes by.
 */
export class VolumeExpansion {
  readonly #options: VolumeExpansionOptions;
  /** By key of the claim. */
  readonly #due = new Map<string, Timer>();

  constructor(options: VolumeExpansionOptions) {
    this.#options = options;
  }

  look(pod: Pod): void {
    const { phase } = pod.status ?? {};
    if (pod.metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed') return;
    for (const name of claimNamesOf(pod)) {
      const claimKey = `${pod.metadata.namespace ?? ''}/${name}`;
      const claim = this.#options.client.get(persistentVolumeClaim, claimKey);
      if (claim === undefined || !awaitsNode(claim) || this.#due.has(claimKey)) continue;
      if (phase === 'Running') this.#later(claimKey, pod);
      else this.#expand(claim, pod);
    }
  }

  halt(): void {
    for (const timer of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  #later(claimKey: string, pod: Pod): void {
    const { simulation } = this.#options;
    const wait: Duration = milliseconds(simulation.random.below(SYNC_PERIOD_MS));
    const timer = simulation.after(wait, () => {
      this.#due.delete(claimKey);
      this.#come(claimKey, pod);
    });
    this.#due.set(claimKey, timer);
  }

  #come(claimKey: string, { metadata }: Pod): void {
    const { client } = this.#options;
    const pod = client.get(podKind, `${metadata.namespace ?? ''}/${metadata.name}`);
    const claim = client.get(persistentVolumeClaim, claimKey);
    if (pod === undefined || pod.metadata.uid !== metadata.uid || claim === undefined || !awaitsNode(claim)) return;
    this.#expand(claim, pod);
  }

  #expand(claim: PersistentVolumeClaim, pod: Pod): void {
    const { client, recorder, nodeName } = this.#options;
    const claimKey = keyOf(claim);
    const volume = client.get(persistentVolume, claim.spec.volumeName ?? '');
    const size = volume?.spec.capacity?.['storage'];
    if (volume === undefined || size === undefined) return;
    const begun = { status: { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } } };
    client.patchStatus(persistentVolumeClaim, claimKey, begun, ({ object, error }) => {
      if (error !== undefined) return this.#later(claimKey, pod);
      const message = `MountVolume.NodeExpandVolume succeeded for volume ${goQuote(volume.metadata.name)} ${nodeName}`;
      for (const about of [pod, claim]) recorder.record(about, 'Normal', 'FileSystemResizeSuccessful', message);
      client.patchStatus(persistentVolumeClaim, claimKey, { status: resizedPatch(object, size) });
    });
  }
}
