import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { namespace as namespaceKind } from '../../kinds/namespace.js';
import { matches, NOTHING } from '../../machinery/label-selector.js';
import { meetsAll, podAffinities, type AffinityTerm, type PodAffinities } from '../affinity-term.js';
import type { Change } from '../cluster-event.js';
import type { DomainCounts } from '../domain-counts.js';
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
import { labelDomain } from '../label-domain.js';
import type { NodeInfo } from '../node-info.js';
import type { PodRule } from '../pod-tallies.js';

interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight?: number;
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

const AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = resolvable("node(s) didn't match pod anti-affinity rules");
const EXISTING_ANTI_AFFINITY = resolvable("node(s) didn't satisfy existing pods anti-affinity rules");

/** Puts pods near to, or far from, other pods, and heeds what those say of newcomers. */
export const interPodAffinity = interPodAffinityWith({});

function interPodAffinityWith(args: InterPodAffinityArgs): Plugin {
  return definePlugin({
    name: 'InterPodAffinity',
    weight: 2,
    configure: (given) => interPodAffinityWith(given as InterPodAffinityArgs),
    retryOn: [
      { on: ['Pod/Add', 'Pod/UpdateLabel', 'Pod/Delete'], isWorth: isWorthAfterPod },
      { on: ['Node/Add', 'Node/UpdateLabel'], isWorth: (pod, change) => isWorthAfterNode(pod, change) },
    ],
    filter: filterOf,
    score: (cycle) => scorerOf(cycle, args),
  });
}

/** How many pods a term counts in the domain of a node. */
interface CountedTerm {
  readonly topologyKey: string;
  readonly domains: DomainCounts;
}

const inDomain = ({ topologyKey, domains }: CountedTerm, node: NodeInfo): number => {
  const domain = node.labels[topologyKey];
  return domain === undefined ? 0 : domains.in(domain);
};

function filterOf(cycle: Cycle): NodeFilter | undefined {
  const { cache, info, pod } = cycle;
  const { required, requiredAnti } = info.affinities;
  const ownLabels = namespaceLabels(cycle, pod);
  const existing = (): readonly CountedTerm[] =>
    cache.terms.about('requiredAnti', pod, ownLabels).map(({ term: { topologyKey }, counts }) => ({
      topologyKey,
      domains: cache.byDomain(counts, labelDomain(topologyKey)),
    }));
  let { version } = cache.terms;
  let hostile = existing();
  if (hostile.length === 0 && required.length === 0 && requiredAnti.length === 0) return undefined;
  const near = required.length === 0 ? [] : countedTogether(cycle, required);
  const far = requiredAnti.map((term) => counted(cycle, [term], term.topologyKey));
  const meetsItself = meetsAll(required, pod, ownLabels);
  return {
    check(node) {
      if (version !== cache.terms.version) {
        version = cache.terms.version;
        hostile = existing();
      }
      if (!isNear(node, near, meetsItself)) return AFFINITY;
      if (far.some((term) => inDomain(term, node) > 0)) return ANTI_AFFINITY;
      return hostile.some((term) => inDomain(term, node) > 0) ? EXISTING_ANTI_AFFINITY : undefined;
    },
  };
}

/** The first of a series of pods that want to be together may go anywhere: nobody is there yet whom it could join. */
function isNear(node: NodeInfo, near: readonly CountedTerm[], meetsItself: boolean): boolean {
  let isJoined = true;
  for (const term of near) {
    if (node.labels[term.topologyKey] === undefined) return false;
    if (inDomain(term, node) === 0) isJoined = false;
  }
  return isJoined || (meetsItself && near.every(({ domains }) => domains.total === 0));
}

/** Pods that meet all terms at once, counted in the topology of each. */
const countedTogether = (cycle: Cycle, terms: readonly AffinityTerm[]): readonly CountedTerm[] =>
  terms.map(({ topologyKey }) => counted(cycle, terms, topologyKey));

function counted(cycle: Cycle, terms: readonly AffinityTerm[], topologyKey: string): CountedTerm {
  const { cache } = cycle;
  return { topologyKey, domains: cache.byDomain(cache.podCounts(ruleOf(cycle, terms)), labelDomain(topologyKey)) };
}

function ruleOf(world: SchedulingWorld, terms: readonly AffinityTerm[]): PodRule {
  let namespaces: readonly string[] | undefined;
  for (const term of terms) {
    const meant = namespacesOf(world, term);
    const before: readonly string[] | undefined = namespaces;
    namespaces =
      before === undefined || meant === undefined ? (before ?? meant) : before.filter((each) => meant.includes(each));
  }
  const selector = terms.flatMap((term) => term.selector);
  const id = `affinity ${JSON.stringify([namespaces, selector])}`;
  return { id, namespaces, selector, countsTerminating: true };
}

/** The namespaces that a term means, by name and by what their labels are now; `undefined` for all. */
function namespacesOf({ objects }: SchedulingWorld, term: AffinityTerm): readonly string[] | undefined {
  const { namespaces, namespaceSelector } = term;
  if (namespaceSelector === NOTHING) return namespaces;
  if (namespaceSelector.length === 0) return undefined;
  const selected = objects
    .list(namespaceKind)
    .filter(({ metadata }) => matches(namespaceSelector, metadata.labels))
    .map(({ metadata }) => metadata.name);
  return Array.from(new Set([...namespaces, ...selected]));
}

const namespaceLabels = ({ objects }: SchedulingWorld, { metadata }: Pod): Readonly<Record<string, string>> =>
  objects.get(namespaceKind, metadata.namespace ?? '')?.metadata.labels ?? {};

interface Attraction extends CountedTerm {
  readonly weight: number;
}

function scorerOf(cycle: Cycle, args: InterPodAffinityArgs): NodeScorer | undefined {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = args;
  const { cache, info, pod } = cycle;
  const { preferred } = info.affinities;
  if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return undefined;
  const ownLabels = namespaceLabels(cycle, pod);
  const attractions: Attraction[] = preferred.map(({ term, weight }) => ({
    ...counted(cycle, [term], term.topologyKey),
    weight,
  }));
  const consider = (kind: 'required' | 'preferred'): void => {
    for (const { term, weight, counts } of cache.terms.about(kind, pod, ownLabels)) {
      const { topologyKey } = term;
      const domains = cache.byDomain(counts, labelDomain(topologyKey));
      attractions.push({ topologyKey, domains, weight: kind === 'required' ? hardPodAffinityWeight : weight });
    }
  };
  if (hardPodAffinityWeight > 0) consider('required');
  consider('preferred');
  const felt = attractions.filter(({ domains }) => domains.total > 0);
  if (felt.length === 0) return undefined;
  return {
    score(node) {
      let sum = 0;
      for (const attraction of felt) sum += attraction.weight * inDomain(attraction, node);
      return sum;
    },
    normalize: spreadBetweenExtremes,
  };
}

/** The lowest becomes 0, the highest `SCORE_MAX`; all are 0 where none differs. */
function spreadBetweenExtremes(scores: number[]): void {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const score of scores) {
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  const range = highest - lowest;
  for (let index = 0; index < scores.length; index++) {
    scores[index] = range > 0 ? Math.trunc(SCORE_MAX * (((scores[index] ?? 0) - lowest) / range)) : 0;
  }
}

/** A pod that one waits for has come or has become such; one that is avoided has gone. As upstream, not one that avoids the waiting pod. */
function isWorthAfterPod(waiting: Pod, { object, previous }: Change, world: SchedulingWorld): boolean {
  const [now, before] = [object as Pod | undefined, previous as Pod | undefined];
  if ((now?.spec.nodeName ?? before?.spec.nodeName ?? '') === '') return false;
  const affinities: PodAffinities = podAffinities(waiting);
  const meets = (terms: readonly AffinityTerm[], pod: Pod | undefined): boolean =>
    pod !== undefined && meetsAll(terms, pod, namespaceLabels(world, pod));
  if (now !== undefined && meets(affinities.required, now) && !meets(affinities.required, before)) return true;
  return meets(affinities.requiredAnti, before) && !meets(affinities.requiredAnti, now);
}

function isWorthAfterNode(pod: Pod, { object, previous }: Change): boolean {
  const { required, requiredAnti } = podAffinities(pod);
  const now = (object as Node | undefined)?.metadata.labels ?? {};
  const before = (previous as Node | undefined)?.metadata.labels;
  if (before === undefined) {
    return requiredAnti.length > 0 || required.some(({ topologyKey }) => now[topologyKey] !== undefined);
  }
  return (
    required.some(({ topologyKey: key }) => now[key] !== undefined && now[key] !== before[key]) ||
    requiredAnti.some(({ topologyKey: key }) => before[key] !== undefined && now[key] !== before[key])
  );
}
