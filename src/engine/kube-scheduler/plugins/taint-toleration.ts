import type { Node, Taint, Toleration } from '../../machinery/api/core-v1.js';
import { definePlugin, normalizeByHighest, unresolvable } from '../framework.js';
import { isRepelled, tolerates } from '../taints.js';

const REFUSED = unresolvable('node(s) had untolerated taint(s)');
const NO_TAINTS: readonly Taint[] = Object.freeze([]);

/** Keeps a pod off nodes whose taints it does not tolerate, and prefers nodes with fewer taints of the preferring kind. */
export const taintToleration = definePlugin({
  name: 'TaintToleration',
  weight: 3,
  retryOn: [
    {
      on: ['Node/Add', 'Node/UpdateTaint'],
      isWorth({ spec }, { object, previous }) {
        const was = previous === undefined || isRepelled(previous as Node, spec.tolerations);
        return was && !isRepelled(object as Node, spec.tolerations);
      },
    },
    { on: ['Pod/UpdateToleration'], isWorth: (pod, { object }) => pod.metadata.uid === object?.metadata.uid },
  ],

  filter({ pod }) {
    const { tolerations } = pod.spec;
    return {
      ignoresPods: true,
      check: (info) => (info.hasTaints && isRepelled(info.node, tolerations) ? REFUSED : undefined),
    };
  },

  score({ pod }) {
    const preferring = (pod.spec.tolerations ?? []).filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    return {
      score: (info) => (info.hasTaints ? intolerable(info.node?.spec.taints ?? NO_TAINTS, preferring) : 0),
      normalize: (scores) => normalizeByHighest(scores, { reverse: true }),
    };
  },
});

function intolerable(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect === 'PreferNoSchedule' && !tolerations.some((each) => tolerates(each, taint))) count++;
  }
  return count;
}
