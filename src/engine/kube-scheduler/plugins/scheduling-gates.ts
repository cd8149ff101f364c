import { definePlugin } from '../framework.js';

/** Keeps a pod out of the queue while it has scheduling gates. */
export const schedulingGates = definePlugin({
  name: 'SchedulingGates',
  retryOn: ['pod-updated'],

  preEnqueue({ spec }) {
    const gates = spec.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return {
      reasons: [`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`],
      unresolvable: true,
    };
  },
});
