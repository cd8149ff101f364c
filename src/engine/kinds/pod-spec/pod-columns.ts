import { between, parseTimestamp } from '../../kernel/clock.js';
import type { Instant } from '../../kernel/clock.js';
import type { Container, ContainerStatus, Pod } from '../../machinery/api/core-v1.js';
import { humanDuration } from '../../machinery/human-duration.js';
import type { ColumnContext, RowCondition } from '../../machinery/kind.js';

/** What `kubectl get pods` says of a pod in one line. */
interface PodSummary {
  /** Ready and all containers, sidecars among them: `1/2`. */
  readonly ready: string;
  /** The phase, or what keeps the pod from it: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string;
  readonly restarts: number;
  readonly lastRestart: Instant | undefined;
}

export function podSummary(pod: Pod): PodSummary {
  const counts = initCounts(pod);
  const main = counts.initializing === undefined || isInitialized(pod) ? mainCounts(pod, counts) : undefined;
  const total = pod.spec.containers.length + (pod.spec.initContainers ?? []).filter(isSidecar).length;
  const { restarts, lastRestart } = main ?? counts;
  return {
    ready: `${main?.ready ?? counts.ready}/${total}`,
    status: statusText(pod, main?.reason ?? counts.initializing ?? phaseText(pod)),
    restarts,
    lastRestart,
  };
}

/** `3 (5m ago)`; the bare count while nothing tells when the last restart was. */
export const restartsText = ({ restarts, lastRestart }: PodSummary, { now }: ColumnContext): string =>
  restarts === 0 || lastRestart === undefined
    ? String(restarts)
    : `${restarts} (${humanDuration(between(lastRestart, now))} ago)`;

export function readinessGatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const open = gates.filter(
    ({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status === 'True',
  );
  return `${open.length}/${gates.length}`;
}

const SUCCEEDED: readonly RowCondition[] = Object.freeze([
  { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
]);
const FAILED: readonly RowCondition[] = Object.freeze([
  { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
]);

/** By which a table's reader can leave finished pods out. */
export function finishedConditions(phase: string | undefined): readonly RowCondition[] | undefined {
  if (phase === 'Succeeded') return SUCCEEDED;
  return phase === 'Failed' ? FAILED : undefined;
}

interface Counts {
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: Instant | undefined;
}
interface InitCounts extends Counts {
  /** What the first unfinished init container is doing; `undefined` when none holds the pod up. */
  readonly initializing: string | undefined;
  readonly sidecars: { restarts: number; lastRestart: Instant | undefined };
}

function initCounts({ spec, status }: Pod): InitCounts {
  const containers = new Map((spec.initContainers ?? []).map((each) => [each.name, each]));
  const sidecars: { restarts: number; lastRestart: Instant | undefined } = { restarts: 0, lastRestart: undefined };
  let [ready, restarts, lastRestart]: [number, number, Instant | undefined] = [0, 0, undefined];
  for (const [index, each] of (status?.initContainerStatuses ?? []).entries()) {
    restarts += each.restartCount;
    lastRestart = later(lastRestart, restartOf(each));
    const sidecar = isSidecar(containers.get(each.name));
    if (sidecar) {
      sidecars.restarts += each.restartCount;
      sidecars.lastRestart = later(sidecars.lastRestart, restartOf(each));
    }
    if (each.state?.terminated?.exitCode === 0) continue;
    if (sidecar && each.started === true) {
      if (each.ready) ready++;
      continue;
    }
    const initializing = initReason(each, index, spec.initContainers?.length ?? 0);
    return { ready, restarts, lastRestart, sidecars, initializing };
  }
  return { ready, restarts, lastRestart, sidecars, initializing: undefined };
}

function initReason({ state }: ContainerStatus, index: number, total: number): string {
  if (state?.terminated !== undefined) return `Init:${terminationText(state.terminated)}`;
  const waiting = state?.waiting?.reason ?? '';
  return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
}

function mainCounts(pod: Pod, init: InitCounts): Counts & { readonly reason: string | undefined } {
  let [ready, restarts, lastRestart] = [init.ready, init.sidecars.restarts, init.sidecars.lastRestart];
  let [reason, failure]: [string | undefined, string | undefined] = [init.initializing, undefined];
  let running = false;
  for (const each of (pod.status?.containerStatuses ?? []).toReversed()) {
    restarts += each.restartCount;
    lastRestart = later(lastRestart, restartOf(each));
    const { waiting, terminated } = each.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== '') reason = waiting.reason;
    else if (terminated !== undefined) {
      reason = terminationText(terminated);
      if (terminated.exitCode !== 0) failure = reason;
    } else if (each.ready && each.state?.running !== undefined) {
      running = true;
      ready++;
    }
  }
  if ((reason ?? phaseText(pod)) === 'Completed') {
    if (running && isReady(pod)) reason = 'Running';
    else if (failure !== undefined) reason = failure;
    else if (running) reason = 'NotReady';
  }
  return { ready, restarts, lastRestart, reason };
}

function phaseText({ status }: Pod): string {
  if (status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')) {
    return 'SchedulingGated';
  }
  return status?.reason || (status?.phase ?? '');
}

function statusText({ metadata, status }: Pod, reason: string): string {
  if (metadata.deletionTimestamp === undefined) return reason;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Failed' || status?.phase === 'Succeeded' ? reason : 'Terminating';
}

const terminationText = ({
  reason = '',
  signal = 0,
  exitCode,
}: {
  readonly reason?: string;
  readonly signal?: number;
  readonly exitCode: number;
}): string => (reason !== '' ? reason : signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`);

const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always';

const isInitialized = ({ status }: Pod): boolean =>
  status?.conditions?.find(({ type }) => type === 'Initialized')?.status === 'True';

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

const restartOf = ({ lastState }: ContainerStatus): Instant | undefined =>
  parseTimestamp(lastState?.terminated?.finishedAt ?? '');

const later = (left: Instant | undefined, right: Instant | undefined): Instant | undefined =>
  left === undefined || (right !== undefined && right > left) ? right : left;
