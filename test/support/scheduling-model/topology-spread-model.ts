import type { Node, Pod, TopologySpreadConstraint } from '../../../src/engine/machinery/api/core-v1.js';
import { labelsOf, podsOn, taken, unfit, type FilterRule, type ModelWorld, type ScoreRule } from './model-world.js';
import { taintRule } from './node-model.js';
import { selects, wants } from './selectors.js';

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const UNEVEN = "node(s) didn't match pod topology spread constraints";

export const spreadRule: FilterRule = (world, pod, node) => {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === 'DoNotSchedule');
  const keys = hard.map(({ topologyKey }) => topologyKey);
  for (const constraint of hard) {
    const { topologyKey, minDomains = 1, maxSkew } = constraint;
    const own = labelsOf(node)[topologyKey];
    if (own === undefined) return unfit(`${UNEVEN} (missing required label)`);
    const counts = domainCounts({ world, pod, constraint, keys });
    const least = counts.size < minDomains ? 0 : counts.size === 0 ? Infinity : Math.min(...counts.values());
    const self = isSelected(constraint, pod, pod) ? 1 : 0;
    if ((counts.get(own) ?? 0) + self - least > maxSkew) return taken(UNEVEN);
  }
  return undefined;
};

export const spreadScores: ScoreRule = (world, pod, nodes) => {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const soft =
    own.length === 0 ? defaults(world, pod) : own.filter((each) => each.whenUnsatisfiable === 'ScheduleAnyway');
  if (soft.length === 0) return undefined;
  // Where a pod has no constraints of its own, nodes without a label count all the same.
  const keys = own.length === 0 ? [] : soft.map(({ topologyKey }) => topologyKey);
  const isScored = (node: Node): boolean => keys.every((key) => labelsOf(node)[key] !== undefined);
  const scored = nodes.filter(isScored);
  const raw = nodes.map((node) => {
    if (!isScored(node)) return undefined;
    let sum = 0;
    for (const constraint of soft) {
      const { topologyKey, maxSkew } = constraint;
      const domain = labelsOf(node)[topologyKey];
      if (domain === undefined) continue;
      const isHost = topologyKey === HOSTNAME;
      const size = isHost ? scored.length : new Set(scored.map((each) => labelsOf(each)[topologyKey])).size;
      const count = isHost
        ? podsOn(world, node).filter((each) => isFellow(constraint, pod, each)).length
        : (domainCounts({ world, pod, constraint, keys }).get(domain) ?? 0);
      sum += count * Math.log(size + 2) + (maxSkew - 1);
    }
    return Math.round(sum);
  });
  const known = raw.filter((score) => score !== undefined);
  const [lowest, highest] = [Math.min(...known), Math.max(0, ...known)];
  return raw.map((score) => {
    if (score === undefined) return 0;
    return highest === 0 ? 100 : Math.floor((100 * (highest + lowest - score)) / highest);
  });
};

/** A pod without constraints is spread with those that the same services select. */
function defaults({ services }: ModelWorld, pod: Pod): readonly TopologySpreadConstraint[] {
  const matchLabels: Record<string, string> = {};
  for (const { metadata, spec } of services) {
    const { selector } = spec ?? {};
    if (metadata.namespace !== pod.metadata.namespace || selector === undefined) continue;
    if (selects({ matchLabels: selector }, labelsOf(pod))) Object.assign(matchLabels, selector);
  }
  if (Object.keys(matchLabels).length === 0) return [];
  const common = { whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels } };
  return [
    { ...common, topologyKey: HOSTNAME, maxSkew: 3 },
    { ...common, topologyKey: ZONE, maxSkew: 5 },
  ];
}

/** A pod of the same namespace that the constraint means and that is not on its way out. */
const isFellow = (constraint: TopologySpreadConstraint, pod: Pod, each: Pod): boolean =>
  each.metadata.namespace === pod.metadata.namespace &&
  each.metadata.deletionTimestamp === undefined &&
  !isEmpty(constraint, pod) &&
  isSelected(constraint, pod, each);

function isSelected(constraint: TopologySpreadConstraint, pod: Pod, each: Pod): boolean {
  const isAlike = sharedKeys(constraint, pod).every((key) => labelsOf(each)[key] === labelsOf(pod)[key]);
  return isAlike && selects(constraint.labelSelector, labelsOf(each));
}

/** Labels in which the pods have to be like the newcomer. */
const sharedKeys = ({ matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod): readonly string[] =>
  matchLabelKeys.filter((key) => labelsOf(pod)[key] !== undefined);

/** Whether it demands anything: pods of an empty selector are not counted. */
function isEmpty(constraint: TopologySpreadConstraint, pod: Pod): boolean {
  const { matchLabels = {}, matchExpressions = [] } = constraint.labelSelector ?? {};
  return Object.keys(matchLabels).length + matchExpressions.length + sharedKeys(constraint, pod).length === 0;
}

interface Spread {
  readonly world: ModelWorld;
  readonly pod: Pod;
  readonly constraint: TopologySpreadConstraint;
  readonly keys: readonly string[];
}

/** Fellows by domain, over the nodes that the constraint counts. */
function domainCounts({ world, pod, constraint, keys }: Spread): ReadonlyMap<string, number> {
  const { topologyKey, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  const counts = new Map<string, number>();
  for (const node of world.nodes) {
    if (keys.some((key) => labelsOf(node)[key] === undefined)) continue;
    if (nodeAffinityPolicy === 'Honor' && !wants(pod, node)) continue;
    if (nodeTaintsPolicy === 'Honor' && taintRule(world, pod, node) !== undefined) continue;
    const domain = labelsOf(node)[topologyKey] ?? '';
    const fellows = podsOn(world, node).filter((each) => isFellow(constraint, pod, each)).length;
    counts.set(domain, (counts.get(domain) ?? 0) + fellows);
  }
  return counts;
}
