import type { PodSpec, ResourceRequirements } from '../../machinery/api/core-v1.js';
import type { Quantity } from '../../machinery/quantity.js';
import { addQuantity, compareQuantity, plainMilliValue } from '../../machinery/quantity.js';
import { isPositive, quantityFrom } from './resource-lists.js';

type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;
const NO_RESOURCES: ResourceRequirements = Object.freeze({});

/** How a pod fares when its node runs out: by the requests and limits for CPU and memory. Zero is like nothing. */
export function qosClassOf(spec: PodSpec): QosClass {
  const all =
    spec.resources === undefined
      ? [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? NO_RESOURCES)
      : [spec.resources];
  if (!all.some(asksForCompute)) return 'BestEffort';
  // The pod's own resources are guaranteed by its limits alone; those of containers by each container's.
  if (spec.resources !== undefined && Object.keys(spec.resources.limits ?? {}).length === 0) return burstableOr(all);
  if (!all.every(({ limits }) => COMPUTE.every((name) => isSet(limits?.[name])))) return 'Burstable';
  return burstableOr(all);
}

/** Guaranteed, if what is requested is what is allowed. */
function burstableOr(all: readonly ResourceRequirements[]): QosClass {
  for (const name of COMPUTE) {
    const [plainRequests, plainLimits] = [plainSum(all, 'requests', name), plainSum(all, 'limits', name)];
    if (plainRequests !== undefined && plainLimits !== undefined) {
      if (plainRequests !== plainLimits) return 'Burstable';
      continue;
    }
    const requests = sum(all.map(({ requests: list }) => list?.[name]));
    const limits = sum(all.map(({ limits: list }) => list?.[name]));
    if (requests === undefined && limits === undefined) continue;
    if (requests === undefined || limits === undefined || compareQuantity(requests, limits) !== 0) return 'Burstable';
  }
  return 'Guaranteed';
}

const asksForCompute = ({ requests, limits }: ResourceRequirements): boolean =>
  COMPUTE.some((name) => isSet(requests?.[name]) || isSet(limits?.[name]));

const isSet = (text: string | undefined): boolean => text !== undefined && isPositive(text);

/** In thousandths; `undefined` where a quantity is written in a way that asks for exact arithmetic. */
function plainSum(
  all: readonly ResourceRequirements[],
  kind: 'requests' | 'limits',
  name: 'cpu' | 'memory',
): number | undefined {
  let total = 0;
  for (const each of all) {
    const text = each[kind]?.[name];
    if (text === undefined) continue;
    const milli = plainMilliValue(text);
    if (milli < 0) return undefined;
    total += milli;
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

function sum(texts: readonly (string | undefined)[]): Quantity | undefined {
  let total: Quantity | undefined;
  for (const text of texts) {
    if (text === undefined || !isPositive(text)) continue;
    const quantity = quantityFrom(text);
    total = total === undefined ? quantity : addQuantity(total, quantity);
  }
  return total;
}
