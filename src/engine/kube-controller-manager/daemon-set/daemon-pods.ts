import { parseTimestamp } from '../../kernel/clock.js';
import type { Pod } from '../../machinery/api/core-v1.js';

export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

/** Pods by the node that they run on or are meant for; those on their way out after their end are over. */
export function podsByTarget(pods: readonly Pod[]): PodsByNode {
  const byNode = new Map<string, Pod[]>();
  for (const each of pods) {
    const { phase } = each.status ?? {};
    const hasEnded = phase === 'Succeeded' || phase === 'Failed';
    const target = targetOf(each);
    if (target === undefined || (hasEnded && each.metadata.deletionTimestamp !== undefined)) continue;
    const others = byNode.get(target);
    if (others === undefined) byNode.set(target, [each]);
    else others.push(each);
  }
  return byNode;
}

function targetOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (field !== undefined) return field.values?.length === 1 ? field.values[0] : undefined;
  }
  return undefined;
}

/** Scheduled pods first, then the oldest. */
export function oldestFirst(a: Pod, b: Pod): number {
  const isScheduled = ({ spec }: Pod): boolean => (spec.nodeName ?? '') !== '';
  if (isScheduled(a) !== isScheduled(b)) return isScheduled(a) ? -1 : 1;
  const createdAt = ({ metadata }: Pod): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;
  return createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
