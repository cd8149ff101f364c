import type { Duration } from '../kernel/clock.js';
import type { Timer } from '../kernel/simulation.js';
import { persistentVolume } from '../kinds/persistent-volume.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';
import type { ResourceReader } from '../machinery/resource-reader.port.js';
import type { StatusError } from '../machinery/status-error.js';
import { isFullyBound } from './claims-of-pod.js';
import { promised, SELECTED_NODE, wantedOn, type VolumePlan } from './volume-plan.js';

/** How decisions about volumes get out; `written` is called once. */
export interface VolumeWriter {
  writeVolume(volume: PersistentVolume, written: (error?: StatusError) => void): void;
  writeClaim(claim: PersistentVolumeClaim, written: (error?: StatusError) => void): void;
  after(delay: Duration, run: () => void): Timer;
}

interface Waiting {
  readonly writer: VolumeWriter;
  readonly timeout: Duration;
}

/** Volumes and claims as they will be once decisions that are under way are written: no volume is promised twice. */
export class AssumedVolumes {
  readonly #objects: ResourceReader;
  readonly #writer: VolumeWriter | undefined;
  readonly #volumes = new Map<string, PersistentVolume>();
  readonly #claims = new Map<string, PersistentVolumeClaim>();
  readonly #waiting = new Set<() => void>();

  constructor(objects: ResourceReader, writer?: VolumeWriter) {
    this.#objects = objects;
    this.#writer = writer;
  }

  volume(name: string): PersistentVolume | undefined {
    return this.#volumes.get(name) ?? this.#objects.get(persistentVolume, name);
  }

  claim(key: string): PersistentVolumeClaim | undefined {
    return this.#claims.get(key) ?? this.#objects.get(persistentVolumeClaim, key);
  }

  volumesOfClass(className: string): readonly PersistentVolume[] {
    return this.#objects
      .list(persistentVolume)
      .filter(({ spec }) => (spec?.storageClassName ?? '') === className)
      .map((stored) => this.#volumes.get(stored.metadata.name) ?? stored);
  }

  /** Some volume or claim has changed. */
  changed(): void {
    for (const look of Array.from(this.#waiting)) look();
  }

  /** Reckons with the plan from now on; the result takes that back. */
  assume(plan: VolumePlan): () => void {
    for (const each of plan.toBind) this.#volumes.set(each.volume.metadata.name, promised(each));
    for (const each of plan.toProvision) this.#claims.set(keyOf(each.claim), wantedOn(each));
    return () => this.#settle(plan);
  }

  /**
   * Writes what the plan says and waits until all of its claims are bound, but no longer than `timeout`; `done` gets the
   * reason where that fails.
   */
  carryOut(plan: VolumePlan, timeout: Duration, done: (failure?: string) => void): void {
    const writer = this.#writer;
    if (writer === undefined) return done();
    let open = plan.toBind.length + plan.toProvision.length;
    let failure: string | undefined;
    const written = (error?: StatusError): void => {
      failure ??= error?.message;
      open--;
      if (open > 0) return;
      this.#settle(plan);
      if (failure !== undefined) done(failure);
      else this.#await(plan, { writer, timeout }, done);
    };
    for (const each of plan.toBind) writer.writeVolume(promised(each), written);
    for (const each of plan.toProvision) writer.writeClaim(wantedOn(each), written);
  }

  #await(plan: VolumePlan, { writer, timeout }: Waiting, done: (failure?: string) => void): void {
    const finish = (failure?: string): void => {
      this.#waiting.delete(look);
      timer.cancel();
      done(failure);
    };
    const look = (): void => {
      const outcome = this.#outcome(plan);
      if (outcome === 'bound') finish();
      else if (outcome !== 'waiting') finish(outcome.failure);
    };
    const timer = writer.after(timeout, () => finish('context deadline exceeded'));
    this.#waiting.add(look);
    look();
  }

  #outcome({ toBind, toProvision }: VolumePlan): 'bound' | 'waiting' | { readonly failure: string } {
    let isWaiting = false;
    for (const { volume, claim } of toBind) {
      const { name } = volume.metadata;
      if (this.volume(name)?.spec?.claimRef?.uid === undefined)
        return { failure: `ClaimRef got reset for pv "${name}"` };
      const current = this.claim(keyOf(claim));
      if (current === undefined) return { failure: `could not find PVC "${keyOf(claim)}"` };
      if (!isFullyBound(current)) isWaiting = true;
    }
    for (const { claim, nodeName } of toProvision) {
      const current = this.claim(keyOf(claim));
      if (current === undefined) return { failure: `could not find PVC "${keyOf(claim)}"` };
      // A provisioner that cannot make the volume there takes the annotation away.
      if (current.metadata.annotations?.[SELECTED_NODE] !== nodeName) {
        return { failure: `provisioning failed for PVC "${claim.metadata.name}"` };
      }
      if (!isFullyBound(current)) isWaiting = true;
    }
    return isWaiting ? 'waiting' : 'bound';
  }

  #settle({ toBind, toProvision }: VolumePlan): void {
    for (const { volume } of toBind) this.#volumes.delete(volume.metadata.name);
    for (const { claim } of toProvision) this.#claims.delete(keyOf(claim));
  }
}
