import { amountsOf, podRequests, type ResourceAmounts } from '../../kinds/pod-requests.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { definePlugin, type NodeScorer, type Plugin, type Rejection, type WhatIf } from '../framework.js';
import type { NodeInfo } from '../node-info.js';
import type { PodInfo } from '../pod-info.js';
import {
  amountOf,
  CPU_AND_MEMORY,
  leastAllocated,
  mostAllocated,
  requestedToCapacity,
  usage,
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

type Request = readonly [resource: string, amount: number];

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
      const asked = Object.entries(info.requests).filter(([name, amount]) => amount > 0 && !isIgnored(name));
      const wanted = asked.sort(([a], [b]) => rankOf(a) - rankOf(b));
      const rejections = new Map<string, Rejection>();
      return {
        check(node) {
          const hasRoom = node.podCount < amountOf(node.allocatable, 'pods');
          if (hasRoom && wanted.every(([name, amount]) => amount <= left(node, name))) return undefined;
          return shortage(node, wanted, rejections);
        },
        whatIf: (node) => roomWithout(node, wanted, rejections),
      };
    },

    score: ({ info }) => scorer(info, resources, { shareScore, countsZero }),
  });
}

/** The order in which reasons are given: what every node has first. */
const NATIVE = ['cpu', 'memory', 'ephemeral-storage'] as const;

const rankOf = (name: string): number => {
  const rank = NATIVE.findIndex((each) => each === name);
  return rank < 0 ? NATIVE.length : rank;
};

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

const left = (node: NodeInfo, name: string): number =>
  amountOf(node.allocatable, name) - amountOf(node.requested, name);

/** The node's room, reckoned on with pods that come and go in thought. */
function roomWithout(node: NodeInfo, wanted: readonly Request[], known: Map<string, Rejection>): WhatIf {
  const free = wanted.map(([name]) => left(node, name));
  let slots = amountOf(node.allocatable, 'pods') - node.podCount;
  const change = (info: PodInfo, sign: 1 | -1): void => {
    slots += sign;
    for (const [index, [name]] of wanted.entries()) {
      free[index] = (free[index] ?? 0) + sign * amountOf(info.requests, name);
    }
  };
  return {
    add: (info) => change(info, -1),
    remove: (info) => change(info, 1),
    check() {
      if (slots >= 1 && wanted.every(([, amount], index) => amount <= (free[index] ?? 0))) return undefined;
      return shortage(node, wanted, known, { slots, free });
    },
  };
}

/** Every resource that is short, in one answer; equal answers are one object. */
function shortage(
  node: NodeInfo,
  wanted: readonly Request[],
  known: Map<string, Rejection>,
  room?: { readonly slots: number; readonly free: readonly number[] },
): Rejection {
  const reasons: string[] = [];
  let isUnresolvable = false;
  const slots = room?.slots ?? amountOf(node.allocatable, 'pods') - node.podCount;
  if (slots < 1) reasons.push('Too many pods');
  for (const [index, [name, amount]] of wanted.entries()) {
    if (amount <= (room?.free[index] ?? left(node, name))) continue;
    reasons.push(`Insufficient ${name}`);
    if (amount > amountOf(node.allocatable, name)) isUnresolvable = true;
  }
  const id = `${String(isUnresolvable)}${reasons.join()}`;
  const same = known.get(id);
  if (same !== undefined) return same;
  const rejection = { reasons, unresolvable: isUnresolvable };
  known.set(id, rejection);
  return rejection;
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
  const parts = resources.map(({ name, weight = 1 }) => ({
    name,
    weight,
    isCompared: name === 'cpu' || name === 'memory',
    asked: amountOf(name === 'cpu' || name === 'memory' ? info.comparable : info.requests, name),
  }));
  return {
    score(node) {
      let sum = 0;
      let weights = 0;
      for (const { name, weight, isCompared, asked } of parts) {
        const capacity = isCompared ? amountOf(node.allocatable, name) : usage(node, name, asked).capacity;
        if (capacity === 0) continue;
        const used = amountOf(isCompared ? node.comparable : node.requested, name) + asked;
        const share = shareScore(used, capacity);
        if (share === 0 && !countsZero) continue;
        sum += share * weight;
        weights += weight;
      }
      if (weights === 0) return 0;
      return countsZero ? Math.floor(sum / weights) : Math.round(sum / weights);
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
