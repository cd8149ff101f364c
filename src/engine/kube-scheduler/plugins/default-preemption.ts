import { definePlugin } from '../framework.js';

/**
 * Makes room for a pod that fits nowhere by evicting less important ones; see `preemption/`. As a gate it keeps a pod back
 * while its victims are being told; what brings it back is what its other rejections wait for.
 */
export const defaultPreemption = definePlugin({
  name: 'DefaultPreemption',
  retryOn: [{ on: ['Pod/Delete'], isWorth: () => false }],
});
