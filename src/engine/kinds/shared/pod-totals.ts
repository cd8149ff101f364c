/** What a pod asks for in all, in exact quantities, for who must show or compare them. Mirrors `resourcehelper.PodRequests`. */
import type { Container, PodSpec } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { addQuantity, compareQuantity, parseQuantity, type Quantity } from '../../machinery/quantity.js';

export type Quantities = Readonly<Record<string, Quantity>>;

/** Resources that a pod can ask for as a whole. */
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** A ResourceList, read. What is no quantity is left out: the validation says so. */
export function quantitiesOf(list: Readonly<Record<string, string | number>> | undefined): Quantities {
  const quantities: Record<string, Quantity> = {};
  for (const [name, text] of Object.entries(list ?? {})) {
    const quantity = parseQuantity(text);
    if (quantity !== undefined) quantities[name] = quantity;
  }
  return quantities;
}

/**
 * The sum of containers and sidecars, or the largest need of an init container beside the sidecars before it, whichever
 * is more; what the pod asks for as a whole stands instead. Overhead is not counted.
 */
export function podTotals(spec: PodSpec | Draft<PodSpec>, what: 'requests' | 'limits'): Quantities {
  const of = ({ resources }: Pick<Container, 'resources'>): Quantities => quantitiesOf(resources?.[what]);
  const total: Record<string, Quantity> = {};
  for (const container of spec.containers ?? []) addQuantities(total, of(container));
  const sidecars: Record<string, Quantity> = {};
  const peak: Record<string, Quantity> = {};
  for (const container of spec.initContainers ?? []) {
    const own = of(container);
    if (container.restartPolicy === 'Always') {
      addQuantities(total, own);
      addQuantities(sidecars, own);
      raiseQuantities(peak, sidecars);
    } else {
      const beside = { ...own };
      addQuantities(beside, sidecars);
      raiseQuantities(peak, beside);
    }
  }
  raiseQuantities(total, peak);
  for (const [name, quantity] of Object.entries(quantitiesOf(spec.resources?.[what]))) {
    if (isPodLevel(name)) total[name] = quantity;
  }
  return total;
}

export function addQuantities(total: Record<string, Quantity>, more: Quantities): void {
  for (const [name, quantity] of Object.entries(more)) {
    const before = total[name];
    total[name] = before === undefined ? quantity : addQuantity(before, quantity);
  }
}

function raiseQuantities(total: Record<string, Quantity>, least: Quantities): void {
  for (const [name, quantity] of Object.entries(least)) {
    const before = total[name];
    if (before === undefined || compareQuantity(quantity, before) > 0) total[name] = quantity;
  }
}
