import { timestamp, type Instant } from '../../kernel/clock.js';
import type { NamespaceCondition } from '../../machinery/api/core-v1.js';

/** What is left in a namespace that is being emptied. */
export interface Remains {
  /** Counts by resource, as `configmaps.` or `deployments.apps`. */
  readonly resources: ReadonlyMap<string, number>;
  /** Counts by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Messages of deletes that failed. */
  readonly errors: readonly string[];
  /** Whether anything but pods was looked at: pods go first, and until they are gone nothing is said of the rest. */
  readonly isComplete: boolean;
}

interface Finding {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const GOOD: readonly Finding[] = [
  good('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
  good(
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ),
  good(
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ),
  good('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
  good('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
];

function good(type: string, reason: string, message: string): Finding {
  return { type, status: 'False', reason, message };
}

/** The conditions of a namespace that is being emptied, in upstream's order and words; `undefined` when nothing changes. */
export function namespaceConditions(
  former: readonly NamespaceCondition[],
  remains: Remains,
  now: Instant,
): readonly NamespaceCondition[] | undefined {
  const found = findingsOf(remains);
  const time = timestamp(now);
  let isChanged = false;
  const conditions = [...former];
  for (const fine of GOOD) {
    const finding = found.find(({ type }) => type === fine.type) ?? fine;
    const index = conditions.findIndex(({ type }) => type === finding.type);
    const old = conditions[index];
    if (old?.status === finding.status && old.reason === finding.reason && old.message === finding.message) continue;
    isChanged = true;
    const since = old?.status === finding.status ? (old.lastTransitionTime ?? time) : time;
    const { type, status, reason, message } = finding;
    const condition = { type, status, lastTransitionTime: since, reason, message };
    if (old === undefined) conditions.push(condition);
    else conditions[index] = condition;
  }
  return isChanged ? conditions : undefined;
}

function findingsOf({ resources, finalizers, errors, isComplete }: Remains): readonly Finding[] {
  const findings: Finding[] = [];
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`;
    findings.push(bad('NamespaceDeletionContentFailure', 'ContentDeletionFailed', message));
  }
  if (!isComplete) return findings;
  if (resources.size > 0) {
    const texts = [...resources].map(([resource, count]) => `${resource} has ${count} resource instances`).sort();
    const message = `Some resources are remaining: ${texts.join(', ')}`;
    findings.push(bad('NamespaceContentRemaining', 'SomeResourcesRemain', message));
  }
  if (finalizers.size > 0) {
    const texts = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort();
    const message = `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`;
    findings.push(bad('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', message));
  }
  return findings;
}

const bad = (type: string, reason: string, message: string): Finding => ({ type, status: 'True', reason, message });
