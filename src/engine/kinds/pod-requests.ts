import type { Container, Pod, ResourceRequirements } from '../machinery/api/core-v1.js';
import { quantityMilliValue, quantityValue } from '../machinery/quantity.js';

/** Amounts by resource name: `cpu` in thousandths of a core, everything else in its own unit (bytes, pieces). */
export type ResourceAmounts = Readonly<Record<string, number>>;

/**
 * What a pod occupies on its node, as upstream's `resource.PodRequests` reckons: the sum of its containers and sidecars,
 * or the largest need of an init container beside the sidecars started before it, whichever is more, and the overhead.
 */
export function podRequests({ spec }: Pod): ResourceAmounts {
  const total: Record<string, number> = {};
  for (const container of spec.containers) add(total, requestsOf(container));
  const sidecars: Record<string, number> = {};
  const initPeak: Record<string, number> = {};
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      add(total, requests);
      add(sidecars, requests);
      raise(initPeak, sidecars);
    } else {
      raise(initPeak, sumOf(sidecars, requests));
    }
  }
  raise(total, initPeak);
  if (spec.resources?.requests !== undefined) Object.assign(total, amountsOf(spec.resources.requests));
  if (spec.overhead !== undefined) add(total, amountsOf(spec.overhead));
  return total;
}

/** A ResourceList in plain numbers. */
export function amountsOf(list: NonNullable<ResourceRequirements['requests']>): ResourceAmounts {
  const amounts: Record<string, number> = {};
  for (const name in list) {
    const quantity = list[name];
    if (quantity !== undefined) amounts[name] = name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
  }
  return amounts;
}

const NOTHING: ResourceAmounts = Object.freeze({});

const requestsOf = ({ resources }: Container): ResourceAmounts =>
  resources?.requests === undefined ? NOTHING : amountsOf(resources.requests);

function add(total: Record<string, number>, more: ResourceAmounts): void {
  for (const name in more) total[name] = (total[name] ?? 0) + (more[name] ?? 0);
}

function raise(total: Record<string, number>, least: ResourceAmounts): void {
  for (const name in least) total[name] = Math.max(total[name] ?? 0, least[name] ?? 0);
}

function sumOf(left: ResourceAmounts, right: ResourceAmounts): ResourceAmounts {
  const sum = { ...left };
  add(sum, right);
  return sum;
}
