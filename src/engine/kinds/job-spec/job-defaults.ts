import type { Job, JobSpec } from '../../machinery/api/batch-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { Draft } from '../../machinery/object.js';
import { defaultTemplate } from '../pod-spec/defaults.js';
import { JOB_LABELS } from './job-rules.js';

const BACKOFF_LIMIT = 6;
const NO_LIMIT = 2_147_483_647;

export function defaultJob(draft: Draft<Job>): void {
  const { spec, metadata } = draft;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : NO_LIMIT;
  const labels = spec.template.metadata?.labels;
  // One map for both, as upstream has it: labels that are generated for the template then show on the Job, too.
  if (labels !== undefined && isUnlabelled(metadata)) metadata.labels = labels;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
  defaultJobTemplate(spec);
}

/** What a CronJob's template gets, too: the rest waits for the Job that it makes. */
export function defaultJobTemplate(spec: Draft<JobSpec>): void {
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of onPodConditions ?? []) pattern.status ||= 'True';
  }
  defaultTemplate(spec.template);
}

const isUnlabelled = ({ labels }: Draft<ObjectMeta>): boolean => Object.keys(labels ?? {}).length === 0;

/** Pods are found by the Job's uid, unless the client answers for a selector of its own. */
export function generateSelector({ metadata, spec }: Draft<Job>): void {
  if (spec.manualSelector === true) return;
  const meta: Draft<Partial<ObjectMeta>> = (spec.template.metadata ??= {});
  const labels = (meta.labels ??= {});
  if (isUnlabelled(metadata)) metadata.labels = labels;
  const { uid = '' } = metadata;
  for (const key of [JOB_LABELS.legacyName, JOB_LABELS.name]) labels[key] ??= metadata.name;
  for (const key of [JOB_LABELS.legacyUid, JOB_LABELS.uid]) labels[key] ??= uid;
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  spec.selector.matchLabels[JOB_LABELS.uid] ??= uid;
}
