// Mirrors upstream's node IPAM controller with its range allocator: every node without a range for its pods gets a /24 of the
// cluster's own. Nodes that came with a range keep it.
import { node } from '../../kinds/node.js';
import { ipv4Number, ipv4Text, networkOf, parseCidr } from '../../kinds/shared/addresses.js';
import type { Node } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { isGone } from '../status-errors.js';

/** The cluster's range for pods is 10.128.0.0/9; these are the numbers of its first /24, and how many there are. */
const FIRST_BLOCK = 10 * 2 ** 16 + 128 * 2 ** 8;
const BLOCKS_MAX = 2 ** 15;
const BLOCK_BITS = 8;
const NONE = 'none';

/** By the number of each /24 that a node's range touches, or as one of those that have none. */
const nodesByBlock = defineIndex<Node>({ name: 'nodesByBlock', keysOf: blocksOf });

/** Where to look for a free block next. */
interface State {
  next: number;
}

export const nodeIpamController = defineController<Node, State>({
  name: 'cidrAllocator',
  option: 'node-ipam-controller',
  serviceAccount: 'node-controller',
  primary: node,
  matters: () => false,
  concerns: ({ spec }) => (spec.podCIDR ?? '') === '',
  watches: [
    watching<Node, State>({
      kind: node,
      matters: () => false,
      map: (_object, { client }, type) =>
        type === 'deleted' ? client.indexed(node, nodesByBlock, NONE).map(keyOf) : [],
    }),
  ],
  newState: () => ({ next: 0 }),

  reconcile(context, object) {
    if (object === undefined || (object.spec.podCIDR ?? '') !== '') return undefined;
    if (object.metadata.deletionTimestamp !== undefined) return undefined;
    const { client, key, state } = context;
    for (let step = 0; step < BLOCKS_MAX; step++) {
      const block = FIRST_BLOCK + ((state.next + step) % BLOCKS_MAX);
      if (client.indexed(node, nodesByBlock, String(block)).length > 0) continue;
      const podCIDR = `${ipv4Text(block * 2 ** BLOCK_BITS)}/${32 - BLOCK_BITS}`;
      const patch = { metadata: { uid: object.metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } };
      client.patch(node, key, patch, ({ error }) => {
        if (error === undefined || isGone(error)) return;
        sayStatus(context, object, 'CIDRAssignmentFailed');
        context.fail(error);
      });
      state.next = (block - FIRST_BLOCK + 1) % BLOCKS_MAX;
      return undefined;
    }
    sayStatus(context, object, 'CIDRNotAvailable');
    context.retry();
    return undefined;
  },
});

const sayStatus = ({ recorder }: ReconcileContext<State>, object: Node, status: string): void =>
  recorder.record(object, 'Normal', status, `Node ${object.metadata.name} status is now: ${status}`);

function blocksOf({ spec }: Node): readonly string[] {
  const cidr = parseCidr(spec.podCIDR ?? '');
  if (cidr?.address.family !== 4) return (spec.podCIDR ?? '') === '' ? [NONE] : [];
  const first = Math.floor(ipv4Number(networkOf(cidr)) / 2 ** BLOCK_BITS);
  const count = Math.min(Math.max(2 ** (32 - cidr.prefixLength - BLOCK_BITS), 1), BLOCKS_MAX);
  return Array.from({ length: count }, (_, index) => String(first + index));
}
