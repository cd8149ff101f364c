import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { Container, Pod } from '../../machinery/api/core-v1.js';
import { quantityMilliValue } from '../../machinery/quantity.js';
import { conditionOf, isReady } from '../pods.js';

/** While a pod starts, what it uses of the processor says little. */
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_DELAY_MS = 30_000;
const PERCENT = 100;
const REPLICAS_MAX = 2_147_483_647;
const NO_PODS = 'no pods returned by selector while calculating replica count';

export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface ScaleQuestion {
  /** Of the target. */
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  readonly now: Instant;
}

export interface UsageQuestion extends ScaleQuestion {
  /** In thousandths; `undefined` where nothing is known of the pod. */
  usageOf(object: Pod): number | undefined;
  /** Empty where the metric is of no resource. */
  readonly resource: string;
  readonly container: string | undefined;
}

export interface Proposal {
  readonly replicas: number;
  /** What a pod uses on average, in thousandths. */
  readonly average: number;
  /** The same as a percentage of what is requested, where that is the target. */
  readonly utilization?: number;
}

export interface CalculationFault {
  readonly fault: string;
}

/** How many pods it takes to bring the average use to the target, a percentage of what the pods request. */
export function replicasForUtilization(question: UsageQuestion, target: number): Proposal | CalculationFault {
  const requests = requestsOf(question);
  if ('fault' in requests) return requests;
  const ratioOf = (usages: ReadonlyMap<string, number>): Ratio | CalculationFault => {
    let used = 0;
    let requested = 0;
    for (const [name, usage] of usages) {
      used += usage;
      requested += requests.get(name) ?? 0;
    }
    if (requested === 0) return { fault: 'no metrics returned matched known pods' };
    const utilization = Math.trunc((used * PERCENT) / requested);
    return { ratio: utilization / target, average: Math.trunc(used / usages.size), utilization };
  };
  const fallback = Math.max(PERCENT, target);
  return propose(question, ratioOf, (name) => Math.trunc(((requests.get(name) ?? 0) * fallback) / PERCENT));
}

/** The same for a target in thousandths of the resource's unit. */
export function replicasForAverage(question: UsageQuestion, target: number): Proposal | CalculationFault {
  const ratioOf = (usages: ReadonlyMap<string, number>): Ratio => {
    const average = Math.trunc([...usages.values()].reduce((sum, each) => sum + each, 0) / usages.size);
    return { ratio: average / target, average };
  };
  return propose(question, ratioOf, () => target);
}

/** How many it takes to bring one value of them all to the target; both in thousandths. */
export function replicasForValue(question: ScaleQuestion, value: number, target: number): Proposal | CalculationFault {
  const { currentReplicas, pods, tolerances } = question;
  const ratio = value / target;
  if (currentReplicas === 0) return { replicas: Math.ceil(ratio), average: value };
  if (isWithin(ratio, tolerances)) return { replicas: currentReplicas, average: value };
  if (pods.length === 0) {
    return { fault: `unable to calculate ready pods: ${NO_PODS}` };
  }
  const ready = pods.filter((each) => each.status?.phase === 'Running' && isReady(each)).length;
  return { replicas: Math.min(Math.ceil(ratio * ready), REPLICAS_MAX), average: value };
}

/** How many it takes to bring each one's share of the value to the target. `statusReplicas` is how many there are. */
export function replicasForShare(
  { tolerances }: Pick<ScaleQuestion, 'tolerances'>,
  statusReplicas: number,
  value: number,
  target: number,
): Proposal {
  const ratio = value / (target * statusReplicas);
  const replicas = isWithin(ratio, tolerances) ? statusReplicas : Math.min(Math.ceil(value / target), REPLICAS_MAX);
  return { replicas, average: Math.ceil(value / statusReplicas) };
}

interface Ratio {
  readonly ratio: number;
  readonly average: number;
  readonly utilization?: number;
}

/** Pods of which nothing is known count against the change, whichever way it goes. */
function propose(
  question: UsageQuestion,
  ratioOf: (usages: ReadonlyMap<string, number>) => Ratio | CalculationFault,
  assumedUsage: (podName: string) => number,
): Proposal | CalculationFault {
  const { currentReplicas, tolerances } = question;
  if (question.pods.length === 0) return { fault: NO_PODS };
  const { usages, unready, missing } = group(question);
  if (usages.size === 0) return { fault: 'did not receive metrics for targeted pods (pods might be unready)' };
  const ready = usages.size;
  const first = ratioOf(usages);
  if ('fault' in first) return first;
  const { ratio, ...told } = first;
  const isUp = unready.length > 0 && ratio > 1;
  if (!isUp && missing.length === 0) {
    return { replicas: isWithin(ratio, tolerances) ? currentReplicas : Math.ceil(ratio * ready), ...told };
  }
  const all = new Map(usages);
  if (ratio !== 1) for (const name of missing) all.set(name, ratio < 1 ? assumedUsage(name) : 0);
  if (isUp) for (const name of unready) all.set(name, 0);
  const second = ratioOf(all);
  if ('fault' in second) return second;
  const turned = (ratio < 1 && second.ratio > 1) || (ratio > 1 && second.ratio < 1);
  if (turned || isWithin(second.ratio, tolerances)) return { replicas: currentReplicas, ...told };
  const replicas = Math.ceil(second.ratio * all.size);
  const isAgainst =
    (second.ratio < 1 && replicas > currentReplicas) || (second.ratio > 1 && replicas < currentReplicas);
  return { replicas: isAgainst ? currentReplicas : replicas, ...told };
}

const isWithin = (ratio: number, { up, down }: Tolerances): boolean => 1 - down <= ratio && ratio <= 1 + up;

function group({ usageOf, pods, resource, now }: UsageQuestion) {
  const usages = new Map<string, number>();
  const unready: string[] = [];
  const missing: string[] = [];
  for (const each of pods) {
    const { name, deletionTimestamp } = each.metadata;
    if (deletionTimestamp !== undefined || each.status?.phase === 'Failed') continue;
    const usage = usageOf(each);
    if (each.status?.phase === 'Pending') unready.push(name);
    else if (usage === undefined) missing.push(name);
    else if (resource === 'cpu' && isStarting(each, now)) unready.push(name);
    else usages.set(name, usage);
  }
  return { usages, unready, missing };
}

/** Not ready in its first minutes, or never ready so far. */
function isStarting(object: Pod, now: Instant): boolean {
  const ready = conditionOf(object, 'Ready');
  const started = parseTimestamp(object.status?.startTime ?? '');
  if (ready === undefined || started === undefined) return true;
  if (isReady(object)) return false;
  if (now < started + CPU_INITIALIZATION_MS) return true;
  const changed = parseTimestamp(ready.lastTransitionTime ?? '') ?? started;
  return changed < started + INITIAL_READINESS_DELAY_MS;
}

function requestsOf({ pods, resource, container }: UsageQuestion): ReadonlyMap<string, number> | CalculationFault {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const whole = container === undefined ? spec.resources?.requests?.[resource] : undefined;
    if (whole !== undefined) {
      requests.set(metadata.name, quantityMilliValue(whole));
      continue;
    }
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    const all: readonly Container[] = [...spec.containers, ...sidecars];
    const counted = container === undefined ? all : all.filter(({ name }) => name === container);
    if (counted.length === 0) return { fault: `container ${container ?? ''} not found in Pod ${metadata.name}` };
    let sum = 0;
    for (const each of counted) {
      const request = each.resources?.requests?.[resource];
      if (request === undefined) {
        return { fault: `missing request for ${resource} in container ${each.name} of Pod ${metadata.name}` };
      }
      sum += quantityMilliValue(request);
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}
