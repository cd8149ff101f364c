import type { Job, JobSpec } from '../../machinery/api/batch-v1.js';
import type { Affinity, PodSpec, PodTemplateSpec } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { internalForm, sortedMap } from '../pod-spec/internal-form.js';
import { withField } from '../pod-spec/with-field.js';
import { checkJob, checkWholeSpec } from './job-rules.js';

const IMMUTABLE = 'field is immutable';
const IMMUTABLE_FIELDS = [
  ['completionMode', ''],
  ['podFailurePolicy', 'PodFailurePolicy'],
  ['backoffLimitPerIndex', ''],
  ['managedBy', ''],
  ['successPolicy', 'SuccessPolicy'],
] as const;

export function checkJobUpdate(report: Report, object: Job, old: Job): void {
  checkJob(report, object, old);
  const [now, before] = [object.spec, old.spec];
  // Upstream looks at the spec once more when it compares the two: what is wrong is said twice.
  checkWholeSpec(report, now, before);
  checkCompletions(report, now, before);
  if (!deepEqual(now.selector, before.selector)) report(invalid('spec.selector', sortedMap(now.selector), IMMUTABLE));
  checkTemplate(report, now, old);
  for (const [field, type] of IMMUTABLE_FIELDS) {
    const value = now[field];
    if (deepEqual(value, before[field])) continue;
    report(invalid(`spec.${field}`, typeof value === 'object' ? internalForm(type, value) : value, IMMUTABLE));
  }
}

/** An indexed Job may grow and shrink, with its parallelism. */
function checkCompletions(report: Report, now: JobSpec, before: JobSpec): void {
  if (now.completions === before.completions) return;
  if (now.completionMode !== 'Indexed') return report(invalid('spec.completions', now.completions, IMMUTABLE));
  if (now.completions === undefined || now.completions === now.parallelism) return;
  report(invalid('spec.completions', now.completions, 'can only be modified in tandem with spec.parallelism'));
}

/** Until a suspended Job first starts, it may still be told where its pods go. */
function checkTemplate(report: Report, now: JobSpec, { spec: before, status }: Job): void {
  const isOpen = before.suspend === true && status?.startTime === undefined;
  const allowed = isOpen ? withSchedulingOf(before.template, now.template) : before.template;
  if (deepEqual(now.template, allowed)) return;
  report(invalid('spec.template', internalForm('PodTemplateSpec', now.template), IMMUTABLE));
}

function withSchedulingOf(before: PodTemplateSpec, now: PodTemplateSpec): PodTemplateSpec {
  const spec: PodSpec = before.spec ?? { containers: [] };
  const wanted: PodSpec = now.spec ?? { containers: [] };
  let open = withField(spec, 'affinity', affinityOf(spec.affinity, wanted.affinity));
  open = withField(open, 'nodeSelector', wanted.nodeSelector);
  open = withField(open, 'tolerations', wanted.tolerations);
  open = withField(open, 'schedulingGates', wanted.schedulingGates);
  let metadata = before.metadata ?? {};
  metadata = withField(metadata, 'annotations', now.metadata?.annotations);
  metadata = withField(metadata, 'labels', now.metadata?.labels);
  return { ...before, metadata, spec: open };
}

/** The old affinity with the new one's rules for nodes. */
function affinityOf(before: Affinity | undefined, now: Affinity | undefined): Affinity | undefined {
  if (before === undefined && now === undefined) return undefined;
  const affinity = withField(before ?? {}, 'nodeAffinity', now?.nodeAffinity);
  return now === undefined && Object.keys(affinity).length === 0 ? undefined : affinity;
}
