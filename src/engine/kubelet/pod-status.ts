import type { Container as RuntimeContainer } from '../container-runtime/container-runtime.js';
import { timestamp, type Instant } from '../kernel/clock.js';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from '../machinery/api/core-v1.js';

/** The conditions that are the kubelet's to set; others are left as they are. */
export const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]);

/** What the kubelet knows of one container of a pod. */
export interface ContainerView {
  readonly spec: Container;
  readonly isInit: boolean;
  /** The newest one, and the one before it. */
  readonly current: RuntimeContainer | undefined;
  readonly previous: RuntimeContainer | undefined;
  /** Why it does not run, where it is to be started but cannot be. */
  readonly waiting: { readonly reason: string; readonly message?: string } | undefined;
  readonly started: boolean;
  readonly ready: boolean;
  /** Whether it will be started again, should it have ended. */
  readonly restarts: boolean;
}

export interface PodView {
  readonly pod: Pod;
  readonly containers: readonly ContainerView[];
  /** They decide nothing about the pod. */
  readonly ephemeral: readonly ContainerView[];
  readonly hasSandbox: boolean;
  readonly podIp: string | undefined;
  readonly hostIp: string;
  readonly runtimeName: string;
  readonly now: Instant;
}

/** A verdict that ends a pod whatever its containers do. */
export interface Verdict {
  readonly phase: 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** The status that a kubelet reports, made from what its runtime holds and what it reported before. */
export function statusOf(view: PodView, verdict: Verdict | undefined): PodStatus {
  const { pod, podIp, hostIp } = view;
  const { status = {} } = pod;
  const init = view.containers.filter(({ isInit }) => isInit);
  const main = view.containers.filter(({ isInit }) => !isInit);
  const phase = verdict?.phase ?? phaseOf(pod, init, main);
  const { generation } = pod.metadata;
  return {
    ...status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    ...(verdict === undefined ? {} : { reason: verdict.reason, message: verdict.message }),
    conditions: conditionsOf(view, phase, init, main),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: status.startTime ?? timestamp(view.now),
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map((each) => containerStatus(each, view)) }),
    containerStatuses: main.map((each) => containerStatus(each, view)),
    ...(view.ephemeral.length === 0
      ? {}
      : { ephemeralContainerStatuses: view.ephemeral.map((each) => ephemeralStatus(each, view)) }),
  };
}

/** A pod that was never admitted: no addresses, no containers. */
export const rejectedStatus = (pod: Pod, verdict: Verdict, now: Instant): PodStatus => ({
  ...pod.status,
  ...verdict,
  startTime: pod.status?.startTime ?? timestamp(now),
});

function phaseOf(pod: Pod, init: readonly ContainerView[], main: readonly ContainerView[]): string {
  const failedInit = init.some((each) => exitOf(each) !== undefined && exitOf(each) !== 0 && !each.restarts);
  if (failedInit) return 'Failed';
  const sequential = init.filter(({ spec }) => spec.restartPolicy !== 'Always');
  if (!sequential.every((each) => exitOf(each) === 0)) return pod.status?.phase === 'Running' ? 'Running' : 'Pending';
  if (main.some(({ current }) => current?.startedAt === undefined)) {
    return main.some(({ previous }) => previous !== undefined) ? 'Running' : 'Pending';
  }
  if (main.some((each) => exitOf(each) === undefined || each.restarts)) return 'Running';
  return main.every((each) => exitOf(each) === 0) ? 'Succeeded' : 'Failed';
}

const exitOf = ({ current }: ContainerView): number | undefined => current?.exitCode;

function conditionsOf(
  view: PodView,
  phase: string,
  init: readonly ContainerView[],
  main: readonly ContainerView[],
): readonly PodCondition[] {
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const incomplete = init.filter((each) => (each.spec.restartPolicy === 'Always' ? !each.started : exitOf(each) !== 0));
  const sidecars = init.filter(({ spec }) => spec.restartPolicy === 'Always');
  const unready = [...sidecars, ...main].filter(({ ready }) => !ready);
  const completed = { status: 'False', reason: 'PodCompleted' };
  const containersReady = phase === 'Succeeded' ? completed : verdictOn(unready, 'unready', 'ContainersNotReady');
  const gatesMissing = (view.pod.spec.readinessGates ?? []).filter(
    ({ conditionType }) => existing(view.pod, conditionType)?.status !== 'True',
  );
  const ready =
    containersReady.status === 'True' && gatesMissing.length > 0
      ? {
          status: 'False',
          reason: 'ReadinessGatesNotReady',
          message: gatesMissing
            .map(
              ({ conditionType }) => `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
            )
            .join(', '),
        }
      : containersReady;
  const initialized =
    incomplete.length > 0 ? verdictOn(incomplete, 'incomplete', 'ContainersNotInitialized') : { status: 'True' };
  const wanted: readonly Finding[] = [
    { type: 'PodReadyToStartContainers', status: view.hasSandbox && !isOver ? 'True' : 'False' },
    { type: 'Initialized', ...(phase === 'Succeeded' ? { status: 'True', reason: 'PodCompleted' } : initialized) },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' },
  ];
  const others = (view.pod.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.has(type));
  return wanted.map((each) => condition(view, each)).concat(others);
}

interface Finding {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

function verdictOn(lacking: readonly ContainerView[], what: string, reason: string): Omit<Finding, 'type'> {
  if (lacking.length === 0) return { status: 'True' };
  const names = lacking.map(({ spec }) => spec.name).join(' ');
  return { status: 'False', reason, message: `containers with ${what} status: [${names}]` };
}

function condition({ pod, now }: PodView, { type, status, reason, message }: Finding): PodCondition {
  const before = existing(pod, type);
  const { generation } = pod.metadata;
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status,
    lastProbeTime: null,
    lastTransitionTime:
      before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : timestamp(now),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

const existing = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((each) => each.type === type);

function containerStatus(each: ContainerView, { containers, runtimeName }: PodView): ContainerStatus {
  const { spec, current, previous, waiting } = each;
  const shown = current ?? previous;
  const isWaiting = waiting !== undefined || current?.startedAt === undefined;
  const hasInit = containers.some(({ isInit }) => isInit);
  const last = isWaiting && current?.exitCode !== undefined ? current : previous;
  return {
    name: spec.name,
    state: isWaiting
      ? { waiting: waiting ?? { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } }
      : stateOf(current, runtimeName),
    lastState: last?.exitCode === undefined ? {} : stateOf(last, runtimeName),
    ready: each.ready,
    restartCount: shown?.attempt ?? 0,
    image: shown?.image ?? spec.image ?? '',
    imageID: shown?.imageId ?? '',
    ...(shown?.startedAt === undefined ? {} : { containerID: `${runtimeName}://${shown.id}` }),
    started: each.started,
    ...(spec.resources?.requests === undefined ? {} : { allocatedResources: spec.resources.requests }),
    ...(spec.resources === undefined ? {} : { resources: spec.resources }),
  };
}

/** Nobody waits for it to be ready. */
function ephemeralStatus(each: ContainerView, view: PodView): ContainerStatus {
  const { started: _never, ...status } = containerStatus(each, view);
  return { ...status, ready: false };
}

function stateOf(container: RuntimeContainer, runtimeName: string): ContainerState {
  const startedAt = container.startedAt === undefined ? null : timestamp(container.startedAt);
  if (container.exitCode === undefined || container.finishedAt === undefined) return { running: { startedAt } };
  return {
    terminated: {
      exitCode: container.exitCode,
      reason: container.exitCode === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: timestamp(container.finishedAt),
      containerID: `${runtimeName}://${container.id}`,
    },
  };
}
