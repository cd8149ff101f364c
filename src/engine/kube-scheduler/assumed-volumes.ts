import { persistentVolume } from '../kinds/persistent-volume.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../machinery/api/core-v1.js';
import type { ResourceReader } from '../machinery/resource-reader.port.js';

/** Volumes and claims as they will be once decisions that are under way are written: no volume is promised twice. */
export class AssumedVolumes {
  readonly #objects: ResourceReader;
  readonly #volumes = new Map<string, PersistentVolume>();
  readonly #claims = new Map<string, PersistentVolumeClaim>();

  constructor(objects: ResourceReader) {
    this.#objects = objects;
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

  assumeVolume(volume: PersistentVolume): void {
    this.#volumes.set(volume.metadata.name, volume);
  }

  assumeClaim(key: string, claim: PersistentVolumeClaim): void {
    this.#claims.set(key, claim);
  }

  /** What was assumed is written, or given up. */
  settleVolume(name: string): void {
    this.#volumes.delete(name);
  }

  settleClaim(key: string): void {
    this.#claims.delete(key);
  }
}
