import type { PodSpec } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { formatQuantity } from '../../machinery/quantity.js';
import { aggregateResources, isHugePages, isOvercommitAllowed } from './resource-lists.js';

/** The resources that a pod may name for all its containers together. */
export const isPodLevelResource = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/** Completes partly given resources of the pod itself: huge-page limits from the containers, requests from them or the limits. */
export function defaultPodResources(spec: Draft<PodSpec>): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (isAny(resources.limits) || isAny(resources.requests)) {
    const limits = resources.limits ?? {};
    for (const [name, quantity] of aggregateResources(spec, 'limits')) {
      if (!isHugePages(name) || resources.requests?.[name] !== undefined) continue;
      limits[name] ??= formatQuantity(quantity);
    }
    if (isAny(limits)) resources.limits = limits;
  }
  if (!isAny(resources.limits)) return;
  const requests = resources.requests ?? {};
  for (const [name, quantity] of aggregateResources(spec, 'requests')) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= formatQuantity(quantity);
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (isPodLevelResource(name)) requests[name] ??= limit;
  }
  if (isAny(requests)) resources.requests = requests;
}

const isAny = (list: Readonly<Record<string, string>> | undefined): boolean =>
  list !== undefined && Object.keys(list).length > 0;
