import type {
  Node,
  NodeSelectorRequirement,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../../src/engine/machinery/api/core-v1.js';
import type { LabelSelector } from '../../src/engine/machinery/api/meta-v1.js';

/** All that there is: nodes, pods with the names of their nodes, and the labels of namespaces. */
export interface ModelWorld {
  readonly nodes: readonly Node[];
  readonly placed: readonly Pod[];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Labels = Readonly<Record<string, string>>;
type Verdict = string | undefined;

/**
 * The documented rules of each plugin, written down once more in the plainest way: every question looks at every pod and
 * node anew. Nothing here is shared with the scheduler.
 */
export const modelFilters: Readonly<Record<string, (world: ModelWorld, pod: Pod, node: Node) => Verdict>> = {
  NodeUnschedulable: (_, pod, { spec }) =>
    spec.unschedulable === true && !covers(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
      ? 'node(s) were unschedulable'
      : undefined,

  TaintToleration: (_, pod, { spec }) =>
    (spec.taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule' && !covers(pod, taint))
      ? 'node(s) had untolerated taint(s)'
      : undefined,

  NodeAffinity: (_, pod, node) => (wants(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"),

  NodePorts(world, pod, node) {
    const taken = on(world, node).flatMap(ports);
    const clash = ports(pod).some((a) =>
      taken.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || !a.ip || !b.ip)),
    );
    return clash ? "node(s) didn't have free ports for the requested pod ports" : undefined;
  },

  NodeResourcesFit(world, pod, node) {
    const reasons: string[] = [];
    if (on(world, node).length + 1 > amount(node, 'pods')) reasons.push('Too many pods');
    for (const name of ['cpu', 'memory', 'example.com/gpu']) {
      const used = on(world, node).reduce((sum, each) => sum + request(each, name), 0);
      const wanted = request(pod, name);
      if (wanted > 0 && wanted > amount(node, name) - used) reasons.push(`Insufficient ${name}`);
    }
    return reasons.length === 0 ? undefined : reasons.join(', ');
  },

  InterPodAffinity(world, pod, node) {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
    const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const meetsAll = (each: Pod): boolean => near.every((term) => means(world, term, pod, each));
    const isJoined = near.every((term) =>
      world.placed.some((each) => meetsAll(each) && together(world, term, each, node)),
    );
    const isAlone = !world.placed.some((each) => meetsAll(each) && near.some((term) => hasKey(world, term, each)));
    const hasKeys = near.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined);
    if (!hasKeys || (!isJoined && !(isAlone && near.length > 0 && meetsAll(pod))))
      return "node(s) didn't match pod affinity rules";
    const far = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const isRepelled = far.some((term) =>
      world.placed.some((each) => means(world, term, pod, each) && together(world, term, each, node)),
    );
    if (isRepelled) return "node(s) didn't match pod anti-affinity rules";
    const repels = world.placed.some((each) =>
      (each.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
        (term) => means(world, term, each, pod) && together(world, term, each, node),
      ),
    );
    return repels ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
  },

  PodTopologySpread(world, pod, node) {
    const hard = (pod.spec.topologySpreadConstraints ?? []).filter(
      (each) => each.whenUnsatisfiable === 'DoNotSchedule',
    );
    const keys = hard.map(({ topologyKey }) => topologyKey);
    for (const constraint of hard) {
      const { topologyKey, minDomains = 1, maxSkew } = constraint;
      const own = labelsOf(node)[topologyKey];
      if (own === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
      const counts = domainCounts({ world, pod, constraint, keys });
      const least = counts.size < minDomains ? 0 : counts.size === 0 ? Infinity : Math.min(...counts.values());
      const self = selects(constraint.labelSelector, pod.metadata.labels ?? {}) ? 1 : 0;
      if ((counts.get(own) ?? 0) + self - least > maxSkew)
        return "node(s) didn't match pod topology spread constraints";
    }
    return undefined;
  },
};

/** Scores of the given nodes, normalised; `undefined` where the plugin has no say. */
export const modelScores: Readonly<
  Record<string, (world: ModelWorld, pod: Pod, nodes: readonly Node[]) => readonly number[] | undefined>
> = {
  TaintToleration(_, pod, nodes) {
    const raw = nodes.map(
      ({ spec }) =>
        (spec.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !covers(pod, taint)).length,
    );
    const highest = Math.max(...raw);
    return raw.map((count) => (highest === 0 ? 100 : 100 - Math.floor((100 * count) / highest)));
  },

  NodeAffinity(_, pod, nodes) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    const raw = nodes.map((node) =>
      preferred.reduce(
        (sum, { weight, preference }) => sum + (holdsAll(preference.matchExpressions, node) ? weight : 0),
        0,
      ),
    );
    const highest = Math.max(...raw);
    return raw.map((score) => (highest === 0 ? score : Math.floor((100 * score) / highest)));
  },

  NodeResourcesFit: (world, pod, nodes) =>
    nodes.map((node) => {
      const shares = (['cpu', 'memory'] as const).flatMap((name) => {
        const capacity = amount(node, name);
        if (capacity === 0) return [];
        const used = [...on(world, node), pod].reduce((sum, each) => sum + atLeast(each, name), 0);
        return [used > capacity ? 0 : Math.floor(((capacity - used) * 100) / capacity)];
      });
      return shares.length === 0 ? 0 : Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length);
    }),

  NodeResourcesBalancedAllocation(world, pod, nodes) {
    if (request(pod, 'cpu') === 0 && request(pod, 'memory') === 0) return undefined;
    return nodes.map((node) => {
      const shares = ['cpu', 'memory'].flatMap((name) => {
        const capacity = amount(node, name);
        const used = [...on(world, node), pod].reduce((sum, each) => sum + request(each, name), 0);
        return capacity === 0 ? [] : [Math.min(used / capacity, 1)];
      });
      const [a = 0, b = a] = shares;
      return Math.trunc((1 - Math.abs((a - b) / 2)) * 100);
    });
  },

  InterPodAffinity(world, pod, nodes) {
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
  },

  PodTopologySpread(world, pod, nodes) {
    const soft = (pod.spec.topologySpreadConstraints ?? []).filter(
      (each) => each.whenUnsatisfiable === 'ScheduleAnyway',
    );
    if (soft.length === 0) return undefined;
    const keys = soft.map(({ topologyKey }) => topologyKey);
    const isScored = (node: Node): boolean => keys.every((key) => labelsOf(node)[key] !== undefined);
    const scored = nodes.filter(isScored);
    const raw = nodes.map((node) => {
      if (!isScored(node)) return undefined;
      let sum = 0;
      for (const constraint of soft) {
        const { topologyKey, maxSkew } = constraint;
        const own = labelsOf(node)[topologyKey] ?? '';
        const isHost = topologyKey === 'kubernetes.io/hostname';
        const size = isHost ? scored.length : new Set(scored.map((each) => labelsOf(each)[topologyKey])).size;
        const count = isHost
          ? on(world, node).filter((each) => isFellow(constraint, pod, each)).length
          : (domainCounts({ world, pod, constraint, keys }).get(own) ?? 0);
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
  },
};

const labelsOf = ({ metadata }: Node): Labels => metadata.labels ?? {};

const on = ({ placed }: ModelWorld, { metadata }: Node): readonly Pod[] =>
  placed.filter(({ spec }) => spec.nodeName === metadata.name);

const covers = ({ spec }: Pod, taint: Taint): boolean =>
  (spec.tolerations ?? []).some(({ key, operator = 'Equal', value = '', effect }: Toleration) => {
    if (effect !== undefined && effect !== taint.effect) return false;
    if (key === undefined) return operator === 'Exists';
    return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
  });

function holds(node: Node, { key, operator, values = [] }: NodeSelectorRequirement): boolean {
  const value = labelsOf(node)[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  return operator === 'In'
    ? value !== undefined && values.includes(value)
    : value === undefined || !values.includes(value);
}

const holdsAll = (requirements: readonly NodeSelectorRequirement[] | undefined, node: Node): boolean =>
  requirements !== undefined && requirements.length > 0 && requirements.every((each) => holds(node, each));

function wants({ spec }: Pod, node: Node): boolean {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labelsOf(node)[key] === value);
  return isSelected && (terms === undefined || terms.some((term) => holdsAll(term.matchExpressions, node)));
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly ip: string;
}

const ports = ({ spec }: Pod): readonly HostPort[] =>
  spec.containers.flatMap((container) =>
    (container.ports ?? [])
      .filter(({ hostPort }) => (hostPort ?? 0) > 0)
      .map(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) => ({ port: hostPort, protocol, ip: hostIP })),
  );

/** CPU in thousandths; amounts in the generated worlds are whole numbers, or thousandths with an `m`. */
function parsed(text: unknown, name: string): number {
  if (typeof text !== 'string') return 0;
  if (text.endsWith('m')) return Number(text.slice(0, -1));
  return Number(text) * (name === 'cpu' ? 1_000 : 1);
}

const amount = ({ status }: Node, name: string): number => parsed(status?.allocatable?.[name], name);

const request = ({ spec }: Pod, name: string): number =>
  spec.containers.reduce((sum, { resources }) => sum + parsed(resources?.requests?.[name], name), 0);

/** With what upstream takes a container for that does not say. */
const atLeast = ({ spec }: Pod, name: 'cpu' | 'memory'): number =>
  spec.containers.reduce((sum, { resources }) => {
    const asked = resources?.requests?.[name];
    return sum + (asked === undefined ? { cpu: 100, memory: 200 * 1_024 * 1_024 }[name] : parsed(asked, name));
  }, 0);

function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const isExact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const isRest = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isListed = value !== undefined && values.includes(value);
    return operator === 'In' ? isListed : !isListed;
  });
  return isExact && isRest;
}

/** Whether a term of `owner` means `other`. */
function means({ namespaces }: ModelWorld, term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const { namespace = '' } = other.metadata;
  const listed = term.namespaces ?? [];
  const isDefault = listed.length === 0 && term.namespaceSelector === undefined;
  const isIn = isDefault ? namespace === owner.metadata.namespace : listed.includes(namespace);
  const isSelected =
    term.namespaceSelector !== undefined && selects(term.namespaceSelector, namespaces[namespace] ?? {});
  return (isIn || isSelected) && selects(term.labelSelector, other.metadata.labels ?? {});
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
  const preferred = (owner: Pod) => [
    ...(owner.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => ({
      term: one.podAffinityTerm,
      weight: one.weight,
    })),
    ...(owner.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => ({
      term: one.podAffinityTerm,
      weight: -one.weight,
    })),
  ];
  const required = (each.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(
    (term) => ({
      term,
      weight: 1,
    }),
  );
  return [
    ...preferred(pod).map((one) => ({ ...one, from: pod, to: each })),
    ...[...preferred(each), ...required].map((one) => ({ ...one, from: each, to: pod })),
  ];
}

const isFellow = ({ labelSelector }: TopologySpreadConstraint, pod: Pod, { metadata }: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace &&
  metadata.deletionTimestamp === undefined &&
  Object.keys(labelSelector?.matchLabels ?? {}).length + (labelSelector?.matchExpressions?.length ?? 0) > 0 &&
  selects(labelSelector, metadata.labels ?? {});

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
    if (nodeTaintsPolicy === 'Honor' && modelFilters['TaintToleration']?.(world, pod, node) !== undefined) continue;
    const domain = labelsOf(node)[topologyKey] ?? '';
    const fellows = on(world, node).filter((each) => isFellow(constraint, pod, each)).length;
    counts.set(domain, (counts.get(domain) ?? 0) + fellows);
  }
  return counts;
}
