import type { JobSpec } from '../../machinery/api/batch-v1.js';
import { podWarnings } from '../pod-spec/pod-warnings.js';

const COMPLETIONS_SOFT_MAX = 100_000;
const PARALLELISM_SOFT_MAX = 10_000;

/** `path` is the spec's: `spec`, or `spec.jobTemplate.spec`. */
export function jobSpecWarnings(path: string, spec: JobSpec): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isHuge = completions > COMPLETIONS_SOFT_MAX && parallelism > PARALLELISM_SOFT_MAX;
  const detail =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [
    ...(completionMode === 'Indexed' && isHuge ? [`${path}: ${detail}`] : []),
    ...podWarnings(template.spec ?? { containers: [] }, template.metadata, `${path}.template.`),
  ];
}
