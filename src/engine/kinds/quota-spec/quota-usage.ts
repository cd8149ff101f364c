import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../machinery/api/core-v1.js';
import type { KubeObject } from '../../machinery/object.js';
import {
  compareQuantity,
  formatQuantity,
  parseQuantity,
  quantityOf,
  subtractQuantity,
} from '../../machinery/quantity.js';
import { addQuantities, type Quantities } from '../shared/pod-totals.js';
import type { QuotaEvaluator } from './quota-evaluator.js';

type ResourceList = Readonly<Record<string, string>>;

const ZERO = quantityOf(0);

const scopesOf = ({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] => [
  ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
  ...(spec.scopeSelector?.matchExpressions ?? []),
];

export const isInScopes = (evaluator: QuotaEvaluator, quota: ResourceQuota, object: KubeObject): boolean =>
  scopesOf(quota).every((selector) => evaluator.isInScope(selector, object));

/** Only the entries with these names. */
export const masked = (quantities: Quantities, names: readonly string[]): Quantities =>
  Object.fromEntries(Object.entries(quantities).filter(([name]) => names.includes(name)));

export function sumOf(left: Quantities, right: Quantities): Quantities {
  const total = { ...left };
  addQuantities(total, right);
  return total;
}

/** What is more on the left; what is less counts as nothing. */
export const excessOf = (left: Quantities, right: Quantities): Quantities =>
  Object.fromEntries(
    Object.entries(left).map(([name, quantity]) => {
      const other = right[name] ?? ZERO;
      return [name, compareQuantity(quantity, other) > 0 ? subtractQuantity(quantity, other) : ZERO];
    }),
  );

export const withoutZeros = (quantities: Quantities): Quantities =>
  Object.fromEntries(Object.entries(quantities).filter(([, quantity]) => quantity.unscaled !== 0n));

/** Names whose quantity is above the limit. */
export const exceeding = (quantities: Quantities, limits: Quantities): readonly string[] =>
  Object.entries(quantities)
    .filter(([name, quantity]) => limits[name] !== undefined && compareQuantity(quantity, limits[name]) > 0)
    .map(([name]) => name);

export const textsOf = (quantities: Quantities): ResourceList =>
  Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, formatQuantity(quantity)]));

/** `cpu=1,memory=2Gi` */
export const listed = (quantities: Quantities): string =>
  Object.entries(textsOf(quantities))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}=${text}`)
    .join(',');

export const isSameList = (left: ResourceList | undefined, right: ResourceList | undefined): boolean => {
  const [a, b] = [Object.entries(left ?? {}), right ?? {}];
  return a.length === Object.keys(b).length && a.every(([name, text]) => sameQuantity(text, b[name]));
};

function sameQuantity(left: string, right: string | undefined): boolean {
  const [a, b] = [parseQuantity(left), parseQuantity(right ?? '')];
  return a !== undefined && b !== undefined && compareQuantity(a, b) === 0;
}
