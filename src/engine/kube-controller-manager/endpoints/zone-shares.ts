import type { Node } from '../../machinery/api/core-v1.js';
import { quantityMilliValue } from '../../machinery/quantity.js';
import { readyConditionOf } from '../nodes/node-taints.js';

const ZONE_LABEL = 'topology.kubernetes.io/zone';
const EXCLUDED_LABELS: readonly string[] = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** What each zone has of the processors of all Ready workers: from 0 to 1. */
export type ZoneShares = ReadonlyMap<string, number>;

/** `undefined` where a worker says no zone or no processors, or all are in one zone. */
export function zoneShares(nodes: readonly Node[]): ZoneShares | undefined {
  const byZone = new Map<string, number>();
  let total = 0;
  for (const each of nodes) {
    const { labels = {} } = each.metadata;
    if (EXCLUDED_LABELS.some((label) => label in labels) || readyConditionOf(each)?.status !== 'True') continue;
    const zone = labels[ZONE_LABEL] ?? '';
    const processors = quantityMilliValue(each.status?.allocatable?.['cpu'] ?? '0');
    if (zone === '' || processors === 0) return undefined;
    byZone.set(zone, (byZone.get(zone) ?? 0) + processors);
    total += processors;
  }
  if (byZone.size < 2) return undefined;
  return new Map(Array.from(byZone, ([zone, processors]) => [zone, processors / total]));
}
