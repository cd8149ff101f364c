// Mirrors upstream's TTL controller: tells kubelets how long they may keep secrets and config maps, longer in large clusters.
import { node } from '../../kinds/node.js';
import type { Node } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';

const TTL = 'node.alpha.kubernetes.io/ttl';

/** By the size of the cluster; each begins where the former is left, and is left a little below that. */
const STEPS: readonly { readonly min: number; readonly max: number; readonly seconds: number }[] = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1_000, seconds: 30 },
  { min: 900, max: 2_000, seconds: 60 },
  { min: 1_800, max: Number.POSITIVE_INFINITY, seconds: 300 },
];

interface State {
  nodes: number;
  step: number;
}

export const ttlController = defineController<Node, State>({
  name: 'ttl-controller',
  primary: node,
  concerns: (object, { state }) => object.metadata.annotations?.[TTL] !== String(secondsOf(state)),
  watches: [
    watching<Node, State>({
      kind: node,
      matters: () => false,
      map: (_object, context, type) => counted(context, type === 'deleted' ? -1 : 1),
    }),
  ],
  newState: () => ({ nodes: 0, step: 0 }),

  reconcile(context, object) {
    const wanted = String(secondsOf(context.state));
    if (object === undefined || object.metadata.annotations?.[TTL] === wanted) return undefined;
    const patch = { metadata: { uid: object.metadata.uid, annotations: { [TTL]: wanted } } };
    context.client.patch(node, context.key, patch, failingUnlessGone(context));
    return undefined;
  },
});

const secondsOf = ({ step }: State): number => STEPS[step]?.seconds ?? 0;

/** All nodes hear of another step; none of a count that stays within it. */
function counted({ client, state }: MapContext<State>, change: number): readonly string[] {
  state.nodes += change;
  const former = state.step;
  if (state.nodes > (STEPS[state.step]?.max ?? 0)) state.step++;
  else if (state.nodes < (STEPS[state.step]?.min ?? 0)) state.step--;
  return state.step === former ? [] : client.list(node).map(keyOf);
}
