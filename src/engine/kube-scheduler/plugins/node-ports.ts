import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { definePlugin, resolvable } from '../framework.js';
import { podInfo, portsConflict } from '../pod-info.js';

const REFUSED = resolvable("node(s) didn't have free ports for the requested pod ports");

/** Keeps a pod off nodes where a host port that it wants is taken. */
export const nodePorts = definePlugin({
  name: 'NodePorts',
  retryOn: [
    {
      on: ['Pod/Delete'],
      isWorth(pod, { previous }) {
        const wanted = podInfo(pod).hostPorts;
        const freed = previous === undefined ? [] : podInfo(previous as Pod).hostPorts;
        return freed.some((port) => wanted.some((each) => portsConflict(port, each)));
      },
    },
    { on: ['Node/Add'], isWorth: (_, { object }) => (object as Node | undefined) !== undefined },
  ],

  filter({ info }) {
    if (info.hostPorts.length === 0) return undefined;
    return { check: (node) => (node.hasPortConflict(info.hostPorts) ? REFUSED : undefined) };
  },
});
