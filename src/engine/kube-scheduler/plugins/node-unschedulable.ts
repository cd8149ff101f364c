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
      isWorth: (_, { object, previous }) =>
        (previous === undefined || isClosed(previous as Node)) && !isClosed(object as Node),
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

const isClosed = ({ spec }: Node): boolean => spec.unschedulable === true;

const toleratesCordon = ({ spec }: Pod): boolean =>
  spec.tolerations?.some((each) => tolerates(each, UNSCHEDULABLE)) === true;
