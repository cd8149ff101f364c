import type { Pod } from '../machinery/api/core-v1.js';
import { defineIndex } from '../machinery/resource-reader.port.js';

const NONE: readonly string[] = Object.freeze([]);

/** The names of the claims that a pod's volumes are, those of its ephemeral volumes included. */
export function claimNamesOf({ metadata, spec }: Pod): readonly string[] {
  if (spec.volumes === undefined) return NONE;
  const names: string[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes) {
    if (persistentVolumeClaim !== undefined) names.push(persistentVolumeClaim.claimName);
    else if (ephemeral !== undefined) names.push(`${metadata.name}-${name}`);
  }
  return names;
}

/** By the key of each claim. */
export const podsByClaim = defineIndex<Pod>({
  name: 'podsByClaim',
  keysOf: (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`),
});
