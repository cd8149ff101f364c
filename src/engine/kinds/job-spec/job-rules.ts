import type { Job, JobSpec } from '../../machinery/api/batch-v1.js';
import { byteLength, goQuote } from '../../machinery/go-text.js';
import { invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkLabelSelector, checkNonNegative, isEmpty, reportFaults } from '../pod-spec/checks.js';
import { internalForm, sortedMap } from '../pod-spec/internal-form.js';
import { checkPodTemplate, requirementsOf } from '../pod-spec/pod-template-rules.js';
import { checkPodFailurePolicy, checkSuccessPolicy } from './job-policy-rules.js';

export const JOB_LABELS = {
  uid: 'batch.kubernetes.io/controller-uid',
  name: 'batch.kubernetes.io/job-name',
  legacyUid: 'controller-uid',
  legacyName: 'job-name',
} as const;
const INDEXED_PARALLELISM_MAX = 100_000;
const FAILED_INDEXES_MAX = 100_000;
const COMPLETIONS_SOFT_MAX = 100_000;
const HIGH_COMPLETIONS_MAX = 10_000;
const MANAGED_BY_BYTES_MAX = 63;
const COMPLETION_MODES = ['NonIndexed', 'Indexed'];
const REPLACEMENT_POLICIES = ['Failed', 'TerminatingOrFailed'];
const PATH_SOURCE = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const PATH = new RegExp(`^${PATH_SOURCE}$`);

/** A Job as a whole. `old` is what its template was, on updates. */
export function checkJob(report: Report, object: Job, old?: Job): void {
  const { metadata, spec } = object;
  checkGeneratedSelector(report, object, old);
  checkWholeSpec(report, spec, old?.spec);
  const { completions = 0, completionMode } = spec;
  if (completionMode !== 'Indexed' || completions <= 0) return;
  const hostname = `${metadata.name}-${completions - 1}`;
  if (dns1123LabelFaults(hostname).length === 0) return;
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
  report(invalid('metadata.name', metadata.name, detail));
}

/** The spec of a Job that is no template: it has a selector. */
export function checkWholeSpec(report: Report, spec: JobSpec, old: JobSpec | undefined): void {
  checkJobSpec(report, 'spec', spec, old);
  if (spec.selector === undefined) report(required('spec.selector'));
  else checkLabelSelector(report, 'spec.selector', spec.selector);
  const requirements = requirementsOf(spec.selector);
  if (requirements !== undefined && !matches(requirements, spec.template.metadata?.labels)) {
    const detail = '`selector` does not match template `labels`';
    report(invalid('spec.template.metadata.labels', sortedMap(spec.template.metadata?.labels), detail));
  }
}

/** The rules of the spec wherever one stands: in a Job, or in a CronJob's template. */
export function checkJobSpec(report: Report, path: string, spec: JobSpec, old: JobSpec | undefined): void {
  checkNumbers(report, path, spec);
  const { managedBy, completionMode, podFailurePolicy, successPolicy, podReplacementPolicy } = spec;
  if (managedBy !== undefined) checkManagedBy(report, `${path}.managedBy`, managedBy);
  if (completionMode !== undefined && !COMPLETION_MODES.includes(completionMode)) {
    report(notSupported(`${path}.completionMode`, completionMode, COMPLETION_MODES));
  }
  if (completionMode === 'Indexed') checkIndexed(report, path, spec);
  if (completionMode === undefined || completionMode === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] !== undefined) {
        report(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
      }
    }
  }
  if (podFailurePolicy !== undefined) checkPodFailurePolicy(report, `${path}.podFailurePolicy`, spec);
  if (successPolicy !== undefined) {
    if (completionMode === 'Indexed') checkSuccessPolicy(report, `${path}.successPolicy`, spec);
    else {
      const value = internalForm('SuccessPolicy', successPolicy);
      report(invalid(`${path}.successPolicy`, value, 'requires indexed completion mode'));
    }
  }
  if (podReplacementPolicy !== undefined) {
    const supported = podFailurePolicy === undefined ? REPLACEMENT_POLICIES : ['Failed'];
    if (!supported.includes(podReplacementPolicy)) {
      report(notSupported(`${path}.podReplacementPolicy`, podReplacementPolicy, supported));
    }
  }
  checkPodTemplate(report, `${path}.template`, spec.template, old?.template);
  checkRestartPolicy(report, `${path}.template.spec.restartPolicy`, spec);
}

function checkNumbers(report: Report, path: string, spec: JobSpec): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    checkNonNegative(report, `${path}.${field}`, spec[field]);
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    report(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
}

function checkManagedBy(report: Report, at: string, managedBy: string): void {
  const slash = managedBy.indexOf('/');
  if (managedBy === '') report(required(at));
  else if (slash <= 0 || slash === managedBy.length - 1) {
    report(invalid(at, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  } else {
    const [host, path] = [managedBy.slice(0, slash), managedBy.slice(slash + 1)];
    reportFaults(report, at, host, dns1123SubdomainFaults(host));
    if (!PATH.test(path)) {
      report(invalid(at, path, `Invalid path (regex used for validation is '${PATH_SOURCE}')`));
    }
  }
  if (byteLength(managedBy) > MANAGED_BY_BYTES_MAX) report(tooLong(at, MANAGED_BY_BYTES_MAX));
}

function checkIndexed(report: Report, path: string, spec: JobSpec): void {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const tooMany = (field: 'parallelism' | 'maxFailedIndexes', detail: string): void =>
    report(invalid(`${path}.${field}`, spec[field], `must be less than or equal to ${detail}`));
  if (completions === undefined) report(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > INDEXED_PARALLELISM_MAX) {
    tooMany('parallelism', `${INDEXED_PARALLELISM_MAX} when completion mode is Indexed`);
  }
  if (completions !== undefined && (maxFailedIndexes ?? 0) > completions) tooMany('maxFailedIndexes', 'completions');
  if ((maxFailedIndexes ?? 0) > FAILED_INDEXES_MAX) tooMany('maxFailedIndexes', String(FAILED_INDEXES_MAX));
  if ((completions ?? 0) <= COMPLETIONS_SOFT_MAX || backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined) {
    const detail = `must be specified when completions is above ${COMPLETIONS_SOFT_MAX}`;
    report(required(`${path}.maxFailedIndexes`, detail));
  }
  const high = `${HIGH_COMPLETIONS_MAX} when completions are above ${COMPLETIONS_SOFT_MAX} and used with backoff limit per index`;
  if (parallelism > HIGH_COMPLETIONS_MAX) tooMany('parallelism', high);
  if ((maxFailedIndexes ?? 0) > HIGH_COMPLETIONS_MAX) tooMany('maxFailedIndexes', high);
}

function checkRestartPolicy(report: Report, path: string, { template, podFailurePolicy }: JobSpec): void {
  const policy = template.spec?.restartPolicy;
  if (isEmpty(policy) || policy === 'Always') report(required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') {
    report(notSupported(path, policy, ['OnFailure', 'Never']));
  } else if (podFailurePolicy !== undefined && policy !== 'Never') {
    const detail = `only ${goQuote('Never')} is supported when podFailurePolicy is specified`;
    report(invalid(path, policy, detail));
  }
}

/** The server made the selector and the labels; a client that sent others must be told. */
function checkGeneratedSelector(report: Report, { metadata, spec }: Job, old: Job | undefined): void {
  if (spec.manualSelector === true || spec.selector === undefined) return;
  const { uid = '', name } = metadata;
  if (uid === '') report(required('metadata.uid'));
  const labels = spec.template.metadata?.labels ?? {};
  const oldLabels = old?.spec.template.metadata?.labels;
  const prefixed = oldLabels === undefined || (JOB_LABELS.name in oldLabels && JOB_LABELS.uid in oldLabels);
  const expected: Record<string, string> = { [JOB_LABELS.legacyUid]: uid, [JOB_LABELS.legacyName]: name };
  if (prefixed) {
    expected[JOB_LABELS.uid] = uid;
    expected[JOB_LABELS.name] = name;
  }
  for (const [key, value] of Object.entries(expected)) {
    const found = labels[key];
    const path = `spec.template.metadata.labels[${key}]`;
    if (found === undefined) report(required(path, `must be '${value}'`));
    else if (found !== value) report(invalid(path, sortedMap(labels), `must be '${value}'`));
  }
  if (requirementsOf(spec.selector) === undefined) return;
  if (!matches(fromLabelSelector(spec.selector), expected)) {
    report(invalid('spec.selector', sortedMap(spec.selector), '`selector` not auto-generated'));
  }
}
