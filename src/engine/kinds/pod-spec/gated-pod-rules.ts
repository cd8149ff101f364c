import type { Affinity, NodeAffinity, NodeSelectorTerm, PodSpec } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { internalForm } from './internal-form.js';
import { withField } from './with-field.js';

const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

/** Before its gates are gone a pod may still be narrowed to fewer nodes. Gives the spec with those changes undone. */
export function checkGatedChanges(report: Report, now: PodSpec, before: PodSpec): PodSpec {
  let rest = now;
  if (!deepEqual(now.nodeSelector, before.nodeSelector)) {
    const isNarrowed = Object.entries(before.nodeSelector ?? {}).every(
      ([key, value]) => now.nodeSelector?.[key] === value,
    );
    if (!isNarrowed) {
      const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
      report(invalid('spec.nodeSelector', now.nodeSelector, detail));
    }
    rest = withField(rest, 'nodeSelector', before.nodeSelector);
  }
  const [affinity, old] = [now.affinity?.nodeAffinity, before.affinity?.nodeAffinity];
  if (deepEqual(affinity, old)) return rest;
  checkNarrowedAffinity(report, affinity, old);
  return withField(rest, 'affinity', affinityWith(now.affinity, before.affinity));
}

/** The new affinity with the old one's rules for nodes. */
function affinityWith(now: Affinity | undefined, before: Affinity | undefined): Affinity | undefined {
  if (now === undefined) return before?.nodeAffinity === undefined ? undefined : { nodeAffinity: before.nodeAffinity };
  if (before === undefined && now.podAffinity === undefined && now.podAntiAffinity === undefined) return undefined;
  return withField(now, 'nodeAffinity', before?.nodeAffinity);
}

function checkNarrowedAffinity(report: Report, now: NodeAffinity | undefined, before: NodeAffinity | undefined): void {
  const olds = before?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (olds.length > 0 && olds.length !== terms.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    const value = terms.length === 0 ? undefined : terms.map((each) => internalForm('NodeSelectorTerm', each));
    return report(invalid(TERMS, value, detail));
  }
  for (const [index, old] of olds.entries()) {
    const term = terms[index] ?? {};
    if (isNarrower(term, old)) continue;
    const detail = 'only additions are allowed (no mutations or deletions)';
    report(invalid(`${TERMS}[${index}]`, internalForm('NodeSelectorTerm', term), detail));
  }
}

/** An empty term selects nothing, so whatever is added to it would widen it. */
function isNarrower(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const { matchExpressions = [], matchFields = [] } = before;
  if (matchExpressions.length === 0 && matchFields.length === 0) {
    return (now.matchExpressions ?? []).length === 0 && (now.matchFields ?? []).length === 0;
  }
  const startsWith = (list: readonly unknown[], head: readonly unknown[]): boolean =>
    list.length >= head.length && deepEqual(list.slice(0, head.length), head);
  return startsWith(now.matchExpressions ?? [], matchExpressions) && startsWith(now.matchFields ?? [], matchFields);
}
