import { parseTimestamp } from '../../kernel/clock.js';
import type {
  Container,
  Pod,
  PodAffinityTerm,
  ScopedResourceSelectorRequirement,
} from '../../machinery/api/core-v1.js';
import { quantityOf, type Quantity } from '../../machinery/quantity.js';
import { qosClassOf } from '../pod-spec/qos-class.js';
import { addQuantities, podTotals, quantitiesOf, type Quantities } from '../shared/pod-totals.js';
import type { QuotaEvaluator } from './quota-evaluator.js';
import { matchesScopeValues } from './scope-values.js';

const COUNT = 'count/pods';
const NAMES: ReadonlySet<string> = new Set([
  COUNT,
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
const MUST_BE_SAID: ReadonlySet<string> = new Set(
  ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
);
const MS_PER_SECOND = 1_000;
const PLAIN: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

export const podEvaluator: QuotaEvaluator = Object.freeze({
  handles({ operation, subresource, object, old }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource !== undefined) return false;
    if (operation === 'CREATE') return true;
    return old !== undefined && hasDeadline(object as Pod) !== hasDeadline(old as Pod);
  },

  matching: (names) =>
    names.filter(
      (name) =>
        NAMES.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-') || isExtended(name),
    ),

  isInScope: (selector, object) => isInScope(selector, object as Pod),

  usage(object, now) {
    const pod = object as Pod;
    if (isOver(pod, now)) return { [COUNT]: quantityOf(1) };
    const used: Record<string, Quantity> = { [COUNT]: quantityOf(1) };
    return Object.assign(used, usageOf(requestsOf(pod), limitsOf(pod)));
  },

  fault(required, object) {
    const { spec } = object as Pod;
    if (Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0) return undefined;
    const wanted = required.filter((name) => MUST_BE_SAID.has(name)).toSorted();
    const faults = wanted.flatMap((name) => {
      const lacking = [...spec.containers, ...(spec.initContainers ?? [])].filter((each) => !says(each, name));
      const names = [...new Set(lacking.map((each) => each.name))].toSorted();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    });
    return faults.length === 0 ? undefined : `must specify ${faults.join('; ')}`;
  },

  frees(object, former) {
    const [pod, old] = [object as Pod, former as Pod];
    if (isFinished(pod) !== isFinished(old)) return isFinished(pod);
    return hasDeadline(pod) !== hasDeadline(old) || pod.spec.containers !== old.spec.containers;
  },
} satisfies QuotaEvaluator);

/** Resources from outside of Kubernetes are limited by what is requested of them. */
const isExtended = (name: string): boolean =>
  name.startsWith('requests.') &&
  ((name.includes('/') && !name.includes('kubernetes.io/')) ||
    name.startsWith('requests.deviceclass.resource.kubernetes.io/'));

const says = ({ resources }: Container, name: string): boolean =>
  usageOf(quantitiesOf(resources?.requests), quantitiesOf(resources?.limits))[name] !== undefined;

function usageOf(requests: Quantities, limits: Quantities): Record<string, Quantity> {
  const used: Record<string, Quantity> = { pods: quantityOf(1) };
  for (const [name, quantity] of Object.entries(requests)) {
    const isPlain = PLAIN.includes(name) || name.startsWith('hugepages-');
    if (isPlain) used[name] = quantity;
    if (isPlain || isExtended(`requests.${name}`)) used[`requests.${name}`] = quantity;
  }
  for (const [name, quantity] of Object.entries(limits)) if (PLAIN.includes(name)) used[`limits.${name}`] = quantity;
  return used;
}

function requestsOf({ spec }: Pod): Quantities {
  const total = { ...podTotals(spec, 'requests') };
  addQuantities(total, quantitiesOf(spec.overhead));
  return total;
}

/** Overhead adds to a limit that there is. */
function limitsOf({ spec }: Pod): Quantities {
  const total = { ...podTotals(spec, 'limits') };
  const overhead = Object.entries(quantitiesOf(spec.overhead)).filter(([name]) => total[name] !== undefined);
  addQuantities(total, Object.fromEntries(overhead));
  return total;
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Finished, or so long on its way out that its node must be gone. */
function isOver(pod: Pod, now: number): boolean {
  if (isFinished(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  const end = parseTimestamp(deletionTimestamp ?? '');
  return end !== undefined && now > end + deletionGracePeriodSeconds * MS_PER_SECOND;
}

const hasDeadline = ({ spec }: Pod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0;

function isInScope(selector: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (selector.scopeName) {
    case 'Terminating':
      return hasDeadline(pod);
    case 'NotTerminating':
      return !hasDeadline(pod);
    case 'BestEffort':
      return qosClassOf(pod.spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod.spec) !== 'BestEffort';
    case 'PriorityClass': {
      const { priorityClassName = '' } = pod.spec;
      return matchesScopeValues(selector, priorityClassName === '' ? [] : [priorityClassName]);
    }
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some(
        ({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined,
      );
    default:
      return false;
  }
}

const affinityTerms = ({ spec: { affinity } }: Pod): readonly PodAffinityTerm[] =>
  [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
