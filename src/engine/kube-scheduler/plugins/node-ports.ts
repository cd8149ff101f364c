import type { Pod } from '../../machinery/api/core-v1.js';
import { definePlugin, rejection } from '../framework.js';
import { podInfo } from '../node-info.js';

const hasHostPorts = ({ spec }: Pod): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ ports }) =>
    ports?.some(({ hostPort = 0 }) => hostPort > 0),
  );

/** Keeps a pod off nodes where a host port that it wants is taken. */
export const nodePorts = definePlugin({
  name: 'NodePorts',
  retryOn: ['assigned-pod-deleted', 'node-added'],

  preFilter: (pod) => (hasHostPorts(pod) ? undefined : 'skip'),

  filter(pod, node) {
    if (!node.hasPortConflict(podInfo(pod).hostPorts)) return undefined;
    return rejection("node(s) didn't have free ports for the requested pod ports", { unresolvable: false });
  },
});
