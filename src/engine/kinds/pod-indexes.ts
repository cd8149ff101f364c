import type { Pod } from '../machinery/api/core-v1.js';
import { defineIndex } from '../machinery/resource-reader.port.js';

const NO_KEYS: readonly string[] = Object.freeze([]);

/** By `spec.nodeName`; unscheduled pods are not filed. */
export const podsByNode = defineIndex<Pod>({
  name: 'podsByNode',
  keysOf: ({ spec: { nodeName } }) => (nodeName === undefined || nodeName === '' ? NO_KEYS : [nodeName]),
});

/** By the uid of the owner that controls the pod; orphans are not filed. */
export const podsByOwner = defineIndex<Pod>({
  name: 'podsByOwner',
  keysOf({ metadata }) {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    return owner === undefined ? NO_KEYS : [owner.uid];
  },
});
