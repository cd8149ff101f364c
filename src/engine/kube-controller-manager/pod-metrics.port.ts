import type { Pod } from '../machinery/api/core-v1.js';

/** What pods use, as the resource metrics API would tell it. */
export interface PodMetrics {
  /** In thousandths of the resource's unit, of one container or of all; `undefined` where nothing is known of the pod. */
  usageOf(object: Pod, resource: string, container: string | undefined): number | undefined;
}
