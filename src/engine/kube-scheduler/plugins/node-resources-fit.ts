import { amountsOf, podRequests, type ResourceAmounts } from '../../kinds/pod-requests.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { definePlugin, type NodeScorer, type Plugin } from '../framework.js';
import type { PodInfo } from '../pod-info.js';
import { RequestedRoom } from '../requested-room.js';
import {
  amountOf,
  CPU_AND_MEMORY,
  isNative,
  leastAllocated,
  mostAllocated,
  requestedToCapacity,
  type ShapePoint,
  type ShareScore,
  type WeightedResource,
} from '../resource-shares.js';

interface NodeResourcesFitArgs {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: {
    readonly type?: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
    readonly resources?: readonly WeightedResource[];
    readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
  };
}

/** Keeps a pod off nodes that lack what it requests, and values nodes by what is left of them: least allocated first. */
export const nodeResourcesFit = fitWith({});

function fitWith({ ignoredResources = [], ignoredResourceGroups = [], scoringStrategy }: NodeResourcesFitArgs): Plugin {
  const { resources = CPU_AND_MEMORY } = scoringStrategy ?? {};
  const shareScore = shareScoreOf(scoringStrategy);
  const countsZero = scoringStrategy?.type !== 'RequestedToCapacityRatio';
  const isIgnored = (name: string): boolean =>
    name.includes('/') &&
    (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/'))));
  return definePlugin({
    name: 'NodeResourcesFit',
    configure: (args) => fitWith(args as NodeResourcesFitArgs),
    retryOn: [
      { on: ['Pod/Delete'] },
      {
        on: ['Pod/UpdateScaleDown'],
        isWorth: (pod, { object, previous }) => frees(pod, object as Pod, previous as Pod),
      },
      {
        on: ['Node/Add', 'Node/UpdateAllocatable'],
        isWorth: (pod, { object, previous }) => mayFit(pod, object as Node, previous as Node | undefined),
      },
    ],

    filter({ info }) {
      const room = new RequestedRoom(info.requests, isIgnored);
      return { check: (node) => room.check(node), whatIf: (node) => room.whatIf(node) };
    },

    score: ({ info }) => scorer(info, resources, { shareScore, countsZero }),
  });
}

function shareScoreOf(strategy: NodeResourcesFitArgs['scoringStrategy']): ShareScore {
  switch (strategy?.type) {
    case 'MostAllocated':
      return mostAllocated;
    case 'RequestedToCapacityRatio':
      return requestedToCapacity(strategy.requestedToCapacityRatio?.shape ?? []);
    default:
      return leastAllocated;
  }
}

interface Strategy {
  readonly shareScore: ShareScore;
  /** Whether a resource that scores nothing weighs in the mean; if not, upstream also rounds the mean. */
  readonly countsZero: boolean;
}

function scorer(
  info: PodInfo,
  resources: readonly WeightedResource[],
  { shareScore, countsZero }: Strategy,
): NodeScorer {
  const names = resources.map(({ name }) => name);
  const weights = resources.map(({ weight = 1 }) => weight);
  const isCompared = names.map((name) => name === 'cpu' || name === 'memory');
  const asked = names.map((name, index) =>
    amountOf(isCompared[index] === true ? info.comparable : info.requests, name),
  );
  return {
    score(node) {
      const { allocatable } = node;
      let sum = 0;
      let weighed = 0;
      for (let index = 0; index < names.length; index++) {
        const name = names[index] ?? '';
        const wanted = asked[index] ?? 0;
        const taken = isCompared[index] === true ? node.comparable : node.requested;
        const capacity = allocatable[name] ?? 0;
        if (capacity === 0 || (wanted === 0 && !isNative(name))) continue;
        const share = shareScore((taken[name] ?? 0) + wanted, capacity);
        if (share === 0 && !countsZero) continue;
        const weight = weights[index] ?? 1;
        sum += share * weight;
        weighed += weight;
      }
      if (weighed === 0) return 0;
      return countsZero ? Math.floor(sum / weighed) : Math.round(sum / weighed);
    },
  };
}

/** Whether the node, empty, takes the pod and has more than before. */
function mayFit(pod: Pod, node: Node, previous: Node | undefined): boolean {
  const wanted = Object.entries(podRequests(pod)).filter(([, amount]) => amount > 0);
  const now = allocatableOf(node);
  if (amountOf(now, 'pods') < 1 || wanted.some(([name, amount]) => amount > amountOf(now, name))) return false;
  if (previous === undefined) return true;
  const before = allocatableOf(previous);
  return [...wanted.map(([name]) => name), 'pods'].some((name) => amountOf(now, name) > amountOf(before, name));
}

const allocatableOf = ({ status }: Node): ResourceAmounts => amountsOf(status?.allocatable ?? {});

/** Whether the change of a pod leaves more of something that the waiting pod wants; its own shrinking always may. */
function frees(pod: Pod, changed: Pod, previous: Pod): boolean {
  if (pod.metadata.uid === changed.metadata.uid) return true;
  if ((changed.spec.nodeName ?? '') === '') return false;
  const [wanted, now, before] = [podRequests(pod), podRequests(changed), podRequests(previous)];
  return Object.keys(wanted).some((name) => amountOf(wanted, name) > 0 && amountOf(before, name) > amountOf(now, name));
}
