import type { Node, Pod, PodAffinityTerm } from '../../../src/engine/machinery/api/core-v1.js';
import { labelsOf, taken, unfit, type FilterRule, type ModelWorld, type ScoreRule } from './model-world.js';
import { selects } from './selectors.js';

export const podAffinityRule: FilterRule = (world, pod, node) => {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const meetsAll = (each: Pod): boolean => near.every((term) => means(world, term, pod, each));
  const isJoined = near.every((term) =>
    world.placed.some((each) => meetsAll(each) && together(world, term, each, node)),
  );
  const isAlone = !world.placed.some((each) => meetsAll(each) && near.some((term) => hasKey(world, term, each)));
  const hasKeys = near.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined);
  if (!hasKeys || (!isJoined && !(isAlone && near.length > 0 && meetsAll(pod))))
    return unfit("node(s) didn't match pod affinity rules");
  const far = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const isRepelled = far.some((term) =>
    world.placed.some((each) => means(world, term, pod, each) && together(world, term, each, node)),
  );
  if (isRepelled) return taken("node(s) didn't match pod anti-affinity rules");
  const repels = world.placed.some((each) =>
    (each.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
      (term) => means(world, term, each, pod) && together(world, term, each, node),
    ),
  );
  return repels ? taken("node(s) didn't satisfy existing pods anti-affinity rules") : undefined;
};

export const podAffinityScores: ScoreRule = (world, pod, nodes) => {
  let isFelt = false;
  const raw = nodes.map((node) => {
    let sum = 0;
    for (const each of world.placed) {
      for (const { term, weight, from, to } of attractions(pod, each)) {
        if (!means(world, term, from, to) || !hasKey(world, term, each)) continue;
        isFelt = true;
        if (together(world, term, each, node)) sum += weight;
      }
    }
    return sum;
  });
  if (!isFelt) return undefined;
  const [lowest, highest] = [Math.min(...raw), Math.max(...raw)];
  return raw.map((score) => (highest === lowest ? 0 : Math.trunc(100 * ((score - lowest) / (highest - lowest)))));
};

/** Whether a term of `owner` means `other`. */
function means({ namespaces }: ModelWorld, term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const { namespace = '' } = other.metadata;
  const listed = term.namespaces ?? [];
  const isDefault = listed.length === 0 && term.namespaceSelector === undefined;
  const isIn = isDefault ? namespace === owner.metadata.namespace : listed.includes(namespace);
  const isSelected =
    term.namespaceSelector !== undefined && selects(term.namespaceSelector, namespaces[namespace] ?? {});
  return (isIn || isSelected) && selects(term.labelSelector, labelsOf(other));
}

const placeOf = ({ nodes }: ModelWorld, { topologyKey }: PodAffinityTerm, { spec }: Pod): string | undefined => {
  const node = nodes.find(({ metadata }) => metadata.name === spec.nodeName);
  return node === undefined ? undefined : labelsOf(node)[topologyKey];
};

const hasKey = (world: ModelWorld, term: PodAffinityTerm, pod: Pod): boolean => placeOf(world, term, pod) !== undefined;

function together(world: ModelWorld, term: PodAffinityTerm, pod: Pod, node: Node): boolean {
  const place = placeOf(world, term, pod);
  return place !== undefined && place === labelsOf(node)[term.topologyKey];
}

/** Everything between a newcomer and a pod that is there which draws it near, or keeps it away. */
function attractions(pod: Pod, each: Pod) {
  const preferred = ({ spec }: Pod) => {
    const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
    const near = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const far = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return [
      ...near.map(({ weight, podAffinityTerm: term }) => ({ term, weight })),
      ...far.map(({ weight, podAffinityTerm: term }) => ({ term, weight: -weight })),
    ];
  };
  const required = each.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...preferred(pod).map((one) => ({ ...one, from: pod, to: each })),
    ...preferred(each).map((one) => ({ ...one, from: each, to: pod })),
    ...required.map((term) => ({ term, weight: 1, from: each, to: pod })),
  ];
}
