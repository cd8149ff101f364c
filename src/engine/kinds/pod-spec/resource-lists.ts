/** What resource names and quantities are, as far as containers may ask for them (`core/helper`). */
import type { Container, PodSpec, ResourceList } from '../../machinery/api/core-v1.js';
import type { Quantity } from '../../machinery/quantity.js';
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  plainMilliValue,
  quantityOf,
  roundUpQuantity,
} from '../../machinery/quantity.js';
import { assert } from '../../kernel/assert.js';
import { qualifiedNameFaults } from '../../machinery/names.js';
import type { Draft } from '../../machinery/object.js';

const MILLI_SCALE = -3;
/** At most three decimals are written by an `m` or none; everything else may need rounding. */
const CANNOT_BE_FINER = /^\d+([mkMGTPE]|[KMGTPE]i)?$/;

const STANDARD_CONTAINER_RESOURCES: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const STANDARD_RESOURCES: readonly string[] = [
  ...STANDARD_CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
];
const COUNTED_RESOURCES: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
/** In Kubernetes' own domain: without a prefix, or with `kubernetes.io/` in it. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);
export const isStandardResource = (name: string): boolean =>
  STANDARD_RESOURCES.includes(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
export const isStandardContainerResource = (name: string): boolean =>
  STANDARD_CONTAINER_RESOURCES.includes(name) || isHugePages(name);
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) && !name.startsWith('requests.') && qualifiedNameFaults(`requests.${name}`).length === 0;
export const isCountedResource = (name: string): boolean =>
  COUNTED_RESOURCES.includes(name) || isExtendedResource(name);

/** A decoded quantity is canonical; anything else is a bug of the caller. */
export function quantityFrom(text: string | number): Quantity {
  const quantity = parseQuantity(text);
  assert(quantity !== undefined, `not a quantity: ${text}`);
  return quantity;
}

/** Thousandths are the finest step that resources have; what is finer is rounded up. */
export function roundResources(list: Draft<ResourceList> | undefined): void {
  if (list === undefined) return;
  for (const name in list) {
    const text = list[name];
    if (text === undefined || plainMilliValue(text) >= 0 || CANNOT_BE_FINER.test(text)) continue;
    list[name] = formatQuantity(roundUpQuantity(quantityFrom(text), MILLI_SCALE));
  }
}

const ZERO = quantityOf(0);
export const isPositive = (text: string): boolean =>
  plainMilliValue(text) > 0 || compareQuantity(quantityFrom(text), ZERO) > 0;

export type ResourceKind = 'requests' | 'limits';

/**
 * What the containers of a pod need together: sidecars and main containers at once, or the largest of the init steps, each
 * with the sidecars started before it.
 */
export function aggregateResources(spec: PodSpec, kind: ResourceKind): Map<string, Quantity> {
  const total = new Map<string, Quantity>();
  for (const container of spec.containers) addAll(total, listOf(container, kind));
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const list = listOf(container, kind);
    if (container.restartPolicy === 'Always') {
      addAll(total, list);
      addAll(sidecars, list);
      raiseAll(peak, sidecars);
    } else {
      const step = new Map(sidecars);
      addAll(step, list);
      raiseAll(peak, step);
    }
  }
  raiseAll(total, peak);
  return total;
}

const listOf = ({ resources }: Container, kind: ResourceKind): ResourceList => resources?.[kind] ?? {};

function addAll(total: Map<string, Quantity>, list: ResourceList): void {
  for (const name in list) {
    const quantity = quantityFrom(list[name] ?? '0');
    const sum = total.get(name);
    total.set(name, sum === undefined ? quantity : addQuantity(sum, quantity));
  }
}

function raiseAll(total: Map<string, Quantity>, floor: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of floor) {
    const present = total.get(name);
    if (present === undefined || compareQuantity(quantity, present) > 0) total.set(name, quantity);
  }
}
