import { between, parseTimestamp } from '../../kernel/clock.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import { humanDuration } from '../../machinery/human-duration.js';
import type { ColumnContext } from '../../machinery/kind.js';

const STATUS_BEFORE_TERMINATING: readonly string[] = ['Complete', 'Failed'];
const STATUS_AFTER_TERMINATING: readonly string[] = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

export function jobStatusText({ metadata, status }: Job): string {
  const holds = (type: string): boolean =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  const finished = STATUS_BEFORE_TERMINATING.find(holds);
  if (finished !== undefined) return finished;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return STATUS_AFTER_TERMINATING.find(holds) ?? 'Running';
}

export function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

/** How long the job ran, or has been running; empty before it starts. */
export function durationText({ status }: Job, { now }: ColumnContext): string {
  const start = parseTimestamp(status?.startTime ?? '');
  if (start === undefined) return '';
  return humanDuration(between(start, parseTimestamp(status?.completionTime ?? '') ?? now));
}
