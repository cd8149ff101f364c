import type { Node, Pod, TopologySpreadConstraint } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches, type LabelRequirements } from '../../machinery/label-selector.js';
import type { Change } from '../cluster-event.js';
import type { DomainCounts, DomainRule } from '../domain-counts.js';
import {
  definePlugin,
  resolvable,
  SCORE_MAX,
  unresolvable,
  type Cycle,
  type NodeFilter,
  type NodeScorer,
  type Plugin,
  type SchedulingWorld,
} from '../framework.js';
import type { NodeCounts } from '../node-counts.js';
import type { NodeInfo } from '../node-info.js';
import { requiredNodeAffinity } from '../required-node-affinity.js';
import { isRepelled } from '../taints.js';

interface PodTopologySpreadArgs {
  readonly defaultingType?: 'System' | 'List';
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
}

type Action = 'DoNotSchedule' | 'ScheduleAnyway';

interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelRequirements;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

const HOSTNAME = 'kubernetes.io/hostname';
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = Object.freeze([
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]);
const UNEVEN = resolvable("node(s) didn't match pod topology spread constraints");
const NO_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");
const NOT_SCORED = -1;

/** Spreads pods that belong together over the domains of a topology: as demanded, and as preferred. */
export const podTopologySpread = podTopologySpreadWith({});

function podTopologySpreadWith(args: PodTopologySpreadArgs): Plugin {
  const isSystem = args.defaultingType !== 'List';
  const defaults = isSystem ? SYSTEM_DEFAULTS : (args.defaultConstraints ?? []);
  const constraintsOf = (pod: Pod, world: SchedulingWorld, action: Action) =>
    effectiveConstraints({ pod, world, defaults, action });
  return definePlugin({
    name: 'PodTopologySpread',
    weight: 2,
    configure: (given) => podTopologySpreadWith(given as PodTopologySpreadArgs),
    retryOn: [
      {
        on: ['Pod/Add', 'Pod/UpdateLabel', 'Pod/UpdateToleration', 'Pod/Delete'],
        isWorth: (pod, change, world) => isWorthAfterPod(pod, change, constraintsOf(pod, world, 'DoNotSchedule')),
      },
      {
        on: ['Node/Add', 'Node/Delete', 'Node/UpdateLabel', 'Node/UpdateTaint'],
        isWorth: (pod, change, world) => isWorthAfterNode(change, constraintsOf(pod, world, 'DoNotSchedule')),
      },
    ],

    filter(cycle) {
      const constraints = constraintsOf(cycle.pod, cycle, 'DoNotSchedule');
      return constraints.length === 0 ? undefined : filterOf(cycle, constraints);
    },

    score(cycle, nodes) {
      const constraints = constraintsOf(cycle.pod, cycle, 'ScheduleAnyway');
      if (constraints.length === 0) return undefined;
      const needsAllKeys = !isSystem || (cycle.pod.spec.topologySpreadConstraints?.length ?? 0) > 0;
      return scorerOf({ cycle, constraints, needsAllKeys }, nodes);
    },
  });
}

interface Asked {
  readonly pod: Pod;
  readonly world: SchedulingWorld;
  readonly defaults: readonly TopologySpreadConstraint[];
  readonly action: Action;
}

/** The pod's own constraints of this kind or, where it has none of any kind, the default ones over its workload. */
function effectiveConstraints({ pod, world, defaults, action }: Asked): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) {
    return own
      .filter((each) => each.whenUnsatisfiable === action)
      .map((each) => constraintOf(each, ownSelector(each, pod)));
  }
  const wanted = defaults.filter((each) => each.whenUnsatisfiable === action);
  if (wanted.length === 0) return [];
  const selector = world.selectors.of(pod);
  return selector.length === 0 ? [] : wanted.map((each) => constraintOf(each, selector));
}

function ownSelector({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod): LabelRequirements {
  const { labels = {} } = pod.metadata;
  const added = matchLabelKeys.flatMap((key): LabelRequirements => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: '=', values: [value] }];
  });
  const selector = fromLabelSelector(labelSelector);
  return added.length === 0 ? selector : [...added, ...selector];
}

const constraintOf = (given: TopologySpreadConstraint, selector: LabelRequirements): Constraint => ({
  maxSkew: given.maxSkew,
  topologyKey: given.topologyKey,
  selector,
  minDomains: given.minDomains ?? 1,
  honorsAffinity: (given.nodeAffinityPolicy ?? 'Honor') === 'Honor',
  honorsTaints: (given.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
});

/** The pod's fellows by node: an empty selector means nobody, and who is on the way out does not count. */
function fellows({ cache, pod }: Cycle, { selector }: Constraint): NodeCounts | undefined {
  if (selector.length === 0) return undefined;
  const namespaces = [pod.metadata.namespace ?? ''];
  const id = `spread ${JSON.stringify([namespaces, selector])}`;
  return cache.podCounts({ id, namespaces, selector, countsTerminating: false });
}

/** Nodes count that have all the keys and that the pod could go to, as far as the constraint's policies heed that. */
function domainRule(pod: Pod, constraint: Constraint, keys: readonly string[]): DomainRule {
  const { topologyKey, honorsAffinity, honorsTaints } = constraint;
  const fits = honorsAffinity ? requiredNodeAffinity(pod) : undefined;
  const { nodeSelector, affinity, tolerations } = pod.spec;
  const demands = fits === undefined ? undefined : [nodeSelector, affinity?.nodeAffinity];
  const id = `${topologyKey} ${JSON.stringify([keys, demands, honorsTaints ? (tolerations ?? []) : undefined])}`;
  return {
    id,
    domainOf(node) {
      const { labels = {} } = node.metadata;
      const domain = labels[topologyKey];
      if (domain === undefined && keys.length > 0) return undefined;
      if (keys.some((key) => labels[key] === undefined)) return undefined;
      if (fits?.(node) === false) return undefined;
      return honorsTaints && isRepelled(node, tolerations) ? undefined : (domain ?? '');
    },
  };
}

function filterOf(cycle: Cycle, constraints: readonly Constraint[]): NodeFilter {
  const { cache, pod } = cycle;
  const keys = Array.from(new Set(constraints.map(({ topologyKey }) => topologyKey)));
  const spreads = constraints.map((constraint) => {
    const counts = fellows(cycle, constraint);
    return {
      ...constraint,
      domains: cache.byDomain(counts ?? nobody(cycle), domainRule(pod, constraint, keys)),
      self: matches(constraint.selector, pod.metadata.labels) ? 1 : 0,
    };
  });
  return {
    check(node) {
      for (const { topologyKey, domains, self, minDomains, maxSkew } of spreads) {
        const domain = node.labels[topologyKey];
        if (domain === undefined) return NO_LABEL;
        const least = domains.size < minDomains ? 0 : leastOf(domains);
        if (domains.in(domain) + self - least > maxSkew) return UNEVEN;
      }
      return undefined;
    },
  };
}

/** Upstream's stand-in where no domain exists. */
const NO_DOMAIN_COUNT = 2_147_483_647;

const leastOf = (domains: DomainCounts): number => (domains.size === 0 ? NO_DOMAIN_COUNT : domains.least);

const nobody = ({ cache }: Cycle): NodeCounts =>
  cache.podCounts({ id: 'nobody', namespaces: [], selector: [], countsTerminating: false });

interface Scoring {
  readonly cycle: Cycle;
  readonly constraints: readonly Constraint[];
  readonly needsAllKeys: boolean;
}

function scorerOf({ cycle, constraints, needsAllKeys }: Scoring, nodes: readonly NodeInfo[]): NodeScorer {
  const { cache, pod } = cycle;
  const keys = needsAllKeys ? Array.from(new Set(constraints.map(({ topologyKey }) => topologyKey))) : [];
  const isScored = ({ labels }: NodeInfo): boolean => keys.every((key) => labels[key] !== undefined);
  const scored = keys.length === 0 ? nodes : nodes.filter(isScored);
  const spreads = constraints.map((constraint) => {
    const { topologyKey, maxSkew } = constraint;
    const counts = fellows(cycle, constraint);
    const isByHost = topologyKey === HOSTNAME;
    const domains =
      isByHost || counts === undefined ? undefined : cache.byDomain(counts, domainRule(pod, constraint, keys));
    const size = isByHost ? scored.length : new Set(scored.map(({ labels }) => labels[topologyKey])).size;
    return { topologyKey, maxSkew, counts, domains, weight: Math.log(size + 2) };
  });
  return {
    score(node) {
      if (!isScored(node)) return NOT_SCORED;
      let sum = 0;
      for (const { topologyKey, maxSkew, counts, domains, weight } of spreads) {
        const domain = node.labels[topologyKey];
        if (domain === undefined) continue;
        const count = topologyKey === HOSTNAME ? counts?.on(node) : domains?.in(domain);
        sum += (count ?? 0) * weight + (maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize: fewestFirst,
  };
}

function fewestFirst(scores: number[]): void {
  let lowest = Infinity;
  let highest = 0;
  for (const score of scores) {
    if (score === NOT_SCORED) continue;
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? NOT_SCORED;
    if (score === NOT_SCORED) scores[index] = 0;
    else scores[index] = highest === 0 ? SCORE_MAX : Math.floor((SCORE_MAX * (highest + lowest - score)) / highest);
  }
}

function isWorthAfterPod(waiting: Pod, { object, previous }: Change, constraints: readonly Constraint[]): boolean {
  const [now, before] = [object as Pod | undefined, previous as Pod | undefined];
  const changed = now ?? before;
  const isOwn = changed?.metadata.uid === waiting.metadata.uid;
  const isPlaced = (changed?.spec.nodeName ?? '') !== '';
  if (!isOwn && !(isPlaced && changed?.metadata.namespace === waiting.metadata.namespace)) return false;
  const tolerationsDiffer = now !== undefined && before !== undefined && !sameTolerations(now, before);
  if (isOwn && tolerationsDiffer && constraints.some(({ honorsTaints }) => honorsTaints)) return true;
  return constraints.some(({ selector }) => {
    const [is, was] = [now, before].map((pod) => pod !== undefined && matches(selector, pod.metadata.labels));
    return is !== was;
  });
}

const sameTolerations = (a: Pod, b: Pod): boolean => deepEqual(a.spec.tolerations ?? [], b.spec.tolerations ?? []);

function isWorthAfterNode({ object, previous }: Change, constraints: readonly Constraint[]): boolean {
  const [now, before] = [object as Node | undefined, previous as Node | undefined];
  const hasKeys = (node: Node | undefined): boolean =>
    node !== undefined && constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
  if (now === undefined || before === undefined) return hasKeys(now ?? before);
  if (hasKeys(now) !== hasKeys(before)) return true;
  const isMoved = constraints.some(
    ({ topologyKey: key }) => now.metadata.labels?.[key] !== before.metadata.labels?.[key],
  );
  return hasKeys(now) && (isMoved || !deepEqual(now.spec.taints ?? [], before.spec.taints ?? []));
}
