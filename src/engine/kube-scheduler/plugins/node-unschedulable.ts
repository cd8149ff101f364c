import { definePlugin, rejection } from '../framework.js';
import { tolerates } from './taint-toleration.js';

const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, but for those that tolerate the taint of that name. */
export const nodeUnschedulable = definePlugin({
  name: 'NodeUnschedulable',
  retryOn: ['node-added', 'node-updated'],

  filter(pod, { node }) {
    if (node?.spec.unschedulable !== true) return undefined;
    if (pod.spec.tolerations?.some((each) => tolerates(each, UNSCHEDULABLE_TAINT)) === true) return undefined;
    return rejection('node(s) were unschedulable', { unresolvable: true });
  },
});
