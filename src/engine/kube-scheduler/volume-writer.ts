import type { Client } from '../client/client.js';
import { persistentVolume } from '../kinds/persistent-volume.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import type { VolumeWriter } from './assumed-volumes.js';

export const volumeWriter = (client: Client): VolumeWriter => ({
  writeVolume: (volume, written) => client.update(persistentVolume, volume, ({ error }) => written(error)),
  writeClaim: (claim, written) => client.update(persistentVolumeClaim, claim, ({ error }) => written(error)),
  after: (delay, run) => client.simulation.after(delay, run),
});
