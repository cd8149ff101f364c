import { definePlugin, unresolvable } from '../framework.js';

/** Keeps a pod out of the queue while it has scheduling gates. */
export const schedulingGates = definePlugin({
  name: 'SchedulingGates',
  retryOn: [{ on: ['Pod/UpdateSchedulingGatesEliminated'], isWorth: (pod, { object }) => isSame(pod, object) }],

  preEnqueue({ spec }) {
    const gates = spec.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
  },
});

type Identified = { readonly metadata: { readonly uid?: string } } | undefined;

const isSame = (pod: Identified, other: Identified): boolean => pod?.metadata.uid === other?.metadata.uid;
