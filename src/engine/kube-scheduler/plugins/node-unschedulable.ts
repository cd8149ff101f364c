import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { definePlugin, unresolvable } from '../framework.js';
import { tolerates } from '../taints.js';

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
const REFUSED = unresolvable('node(s) were unschedulable');

/** Keeps pods off cordoned nodes, unless they tolerate the taint that stands for it. */
export const nodeUnschedulable = definePlugin({
  name: 'NodeUnschedulable',
  retryOn: [
    {
      on: ['Node/Add', 'Node/UpdateTaint'],
      isWorth: (_, { object }) => (object as Node | undefined)?.spec.unschedulable !== true,
    },
    {
      on: ['Pod/UpdateToleration'],
      isWorth: (pod, { object }) => pod.metadata.uid === object?.metadata.uid && toleratesCordon(pod),
    },
  ],

  filter({ pod }) {
    const isTolerant = toleratesCordon(pod);
    return isTolerant
      ? undefined
      : { ignoresPods: true, check: ({ isCordoned }) => (isCordoned ? REFUSED : undefined) };
  },
});

const toleratesCordon = ({ spec }: Pod): boolean =>
  spec.tolerations?.some((each) => tolerates(each, UNSCHEDULABLE)) === true;
