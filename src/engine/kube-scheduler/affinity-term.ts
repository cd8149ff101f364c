import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../machinery/api/core-v1.js';
import { fromLabelSelector, matches, NOTHING, type LabelRequirements } from '../machinery/label-selector.js';

type Labels = Readonly<Record<string, string>>;

/** One term of inter-pod affinity, made ready for matching. Two terms with one `id` mean the same. */
export interface AffinityTerm {
  readonly id: string;
  readonly topologyKey: string;
  readonly namespaces: readonly string[];
  readonly selector: LabelRequirements;
  /** Of namespaces by their labels; `NOTHING` where the term has none, empty for all. */
  readonly namespaceSelector: LabelRequirements;
}

export interface WeightedAffinityTerm {
  readonly term: AffinityTerm;
  /** Negative for anti-affinity. */
  readonly weight: number;
}

/** What a pod asks about its neighbours. */
export interface PodAffinities {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedAffinityTerm[];
}

const NONE: PodAffinities = Object.freeze({ required: [], requiredAnti: [], preferred: [] });

export function podAffinities(pod: Pod): PodAffinities {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return NONE;
  const { namespace = '' } = pod.metadata;
  const terms = (list: readonly PodAffinityTerm[] = []) => list.map((each) => affinityTerm(each, namespace));
  const weighted = (list: readonly WeightedPodAffinityTerm[] = [], sign: 1 | -1 = 1) =>
    list.map(({ weight, podAffinityTerm }) => ({
      term: affinityTerm(podAffinityTerm, namespace),
      weight: sign * weight,
    }));
  return {
    required: terms(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: terms(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: [
      ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
      ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  };
}

/** Whether the term means this pod; `namespaceLabels` are those of the pod's namespace. */
export function meansPod(term: AffinityTerm, { metadata }: Pod, namespaceLabels: Labels): boolean {
  const isIn =
    term.namespaces.includes(metadata.namespace ?? '') ||
    (term.namespaceSelector !== NOTHING && matches(term.namespaceSelector, namespaceLabels));
  return isIn && matches(term.selector, metadata.labels);
}

/** Upstream's rule for affinity: one pod must meet all terms at once, and no terms are met by nobody. */
export const meetsAll = (terms: readonly AffinityTerm[], pod: Pod, namespaceLabels: Labels): boolean =>
  terms.length > 0 && terms.every((term) => meansPod(term, pod, namespaceLabels));

/** Without namespaces and a selector of them, a term means the pod's own namespace. */
function affinityTerm(term: PodAffinityTerm, ownNamespace: string): AffinityTerm {
  const listed = term.namespaces ?? [];
  const namespaces = listed.length === 0 && term.namespaceSelector === undefined ? [ownNamespace] : listed;
  const selector = fromLabelSelector(term.labelSelector);
  const namespaceSelector = fromLabelSelector(term.namespaceSelector);
  const { topologyKey } = term;
  const id = JSON.stringify([topologyKey, namespaces, selector, namespaceSelector]);
  return { id, topologyKey, namespaces, selector, namespaceSelector };
}
