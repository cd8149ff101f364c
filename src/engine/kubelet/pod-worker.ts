import type { Container as RuntimeContainer } from '../container-runtime/container-runtime.js';
import { drawn } from '../container-runtime/latency-profile.js';
import { after, between, parseTimestamp, seconds, type Duration, type Instant } from '../kernel/clock.js';
import type { Timer } from '../kernel/simulation.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Container, Pod } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';
import { partOf, purposeOf } from './container-role.js';
import { DEVICES_RETRY_AFTER, unpreparedDevices } from './device-claims.js';
import { ImagePuller, type WaitingReason } from './image-puller.js';
import { PodReport } from './pod-report.js';
import { rejectedStatus, statusOf, type ContainerView, type PodView, type Verdict } from './pod-status.js';
import type { PodWorkerContext } from './pod-worker-context.js';
import { readyTimes } from './readiness.js';
import { CrashRecord, goSeconds, restarts } from './restart-policy.js';

const GRACE_DEFAULT_SECONDS = 30;
const DELETE_RETRY_AFTER = seconds(1);
/** Nobody waits for the end of a pod that is forced out; where a finalizer keeps its object, it is told this much later. */
const FORCED_END_TOLD_AFTER = seconds(10);
const SANDBOX_RETRY_AFTER = seconds(10);
const NOT_FOUND = 404;

interface Waiting extends WaitingReason {
  readonly retryAt?: Instant;
}

/** Leads one pod from its binding to its end: looks at what there is, does the next thing, and reports what it sees. */
export class PodWorker {
  readonly key: string;
  readonly #context: PodWorkerContext;
  readonly #underWay = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #crashes = new Map<string, CrashRecord>();
  readonly #images: ImagePuller;
  readonly #said: PodReport;
  readonly #probeAnswers = new Map<string, Duration>();
  #pod: Pod;
  #wake: { readonly due: Instant; readonly timer: Timer } | undefined;
  #verdict: Verdict | undefined;
  #admitted: boolean;
  #stopping = false;
  #released = false;
  #endToldAt: Instant | undefined;
  #stopped = false;

  constructor(context: PodWorkerContext, key: string, pod: Pod) {
    this.#context = context;
    this.#images = new ImagePuller(context);
    this.#said = new PodReport(context.client);
    this.key = key;
    this.#pod = pod;
    this.#admitted = context.runtime.sandboxOf(key) !== undefined;
  }

  get pod(): Pod {
    return this.#pod;
  }

  update(pod: Pod): void {
    this.#pod = pod;
    this.sync();
  }

  /** The pod's object is gone, with or without this node's consent: its containers end at once. */
  discard(): void {
    this.halt();
    this.#context.runtime.removePod(this.key);
    this.#context.addresses.release(this.key);
    this.#context.ended();
  }

  /** The kubelet stops: its plans end, the containers run on. */
  halt(): void {
    this.#stopped = true;
    this.#wake?.timer.cancel();
  }

  sync(): void {
    if (this.#stopped) return;
    if (this.#pod.metadata.deletionTimestamp !== undefined) return this.#terminate();
    const { phase } = this.#pod.status ?? {};
    if (phase === 'Failed' || phase === 'Succeeded') return this.#endContainers(() => this.#context.finished());
    if (!this.#admit() || this.#isPastDeadline()) return;
    this.#advance();
    if (!this.#startsSoon) this.#report();
  }

  /** A start that waits for no pull reports by itself in a moment: what is seen until then goes along with that. */
  get #startsSoon(): boolean {
    const { initContainers = [], containers } = this.#pod.spec;
    const starting = [...initContainers, ...containers].filter(({ name }) => this.#underWay.has(name));
    if (this.#said.isEmpty || starting.length === 0) return false;
    return starting.every(({ image = '' }) => this.#context.runtime.imageId(image) !== undefined);
  }

  #admit(): boolean {
    if (this.#admitted) return true;
    const { simulation, recorder } = this.#context;
    const verdict = this.#context.reject(this.#pod);
    if (verdict === undefined) {
      this.#admitted = true;
      return true;
    }
    recorder.record(this.#pod, 'Warning', verdict.reason, verdict.message);
    this.#said.write(this.#pod, this.#pod, rejectedStatus(this.#pod, verdict, simulation.now));
    return false;
  }

  #isPastDeadline(): boolean {
    const { activeDeadlineSeconds } = this.#pod.spec;
    const startTime = this.#pod.status?.startTime;
    const started = startTime ? parseTimestamp(startTime) : undefined;
    if (activeDeadlineSeconds === undefined || started === undefined) return false;
    const deadline = after(started, seconds(activeDeadlineSeconds));
    if (this.#context.simulation.now < deadline) {
      this.#wakeAt(deadline);
      return false;
    }
    this.#verdict ??= {
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    this.#context.recorder.record(this.#pod, 'Normal', this.#verdict.reason, this.#verdict.message);
    this.#endContainers(() => this.#report());
    return true;
  }

  #createSandbox(): void {
    const { runtime, addresses, client } = this.#context;
    const lack = unpreparedDevices(client, this.#pod);
    if (lack !== undefined) return this.#putOff('FailedPrepareDynamicResources', lack, DEVICES_RETRY_AFTER);
    const address = addresses.take(this.key, this.#pod);
    if (address === undefined) return this.#putOff('FailedCreatePodSandBox', addresses.shortage, SANDBOX_RETRY_AFTER);
    this.#once('sandbox', (done) => runtime.createSandbox(this.key, address, done));
  }

  #putOff(reason: string, message: string, wait: Duration): void {
    this.#context.recorder.record(this.#pod, 'Warning', reason, message);
    this.#wakeAt(after(this.#context.simulation.now, wait));
  }

  /** Does the next thing that the pod needs; comes back when that is done. */
  #advance(): void {
    const { runtime } = this.#context;
    if (runtime.sandboxOf(this.key) === undefined) return this.#createSandbox();
    // Before the others, so that a pod whose init containers fail can be looked into; never a second time.
    for (const container of this.#pod.spec.ephemeralContainers ?? []) {
      if (this.#currentOf(container.name) === undefined) this.#start(container, 0);
    }
    for (const container of this.#pod.spec.initContainers ?? []) {
      if (!this.#isInitDone(container)) return;
    }
    for (const container of this.#pod.spec.containers) this.#ensureRuns(container);
  }

  /** An init container is done when it has succeeded; a sidecar when it has started up. */
  #isInitDone(container: Container): boolean {
    const current = this.#currentOf(container.name);
    const isSidecar = container.restartPolicy === 'Always';
    if (!isSidecar && current?.exitCode === 0) return true;
    if (current?.exitCode !== undefined && !restarts(container, this.#initPolicy, current.exitCode)) return false;
    this.#ensureRuns(container);
    return isSidecar && this.#viewOf(container, true).started;
  }

  /** Init containers of a pod that restarts always are retried on failure only. */
  get #initPolicy(): string {
    const policy = this.#pod.spec.restartPolicy ?? 'Always';
    return policy === 'Always' ? 'OnFailure' : policy;
  }

  #ensureRuns(container: Container): void {
    const { name } = container;
    const current = this.#currentOf(name);
    if (current?.startedAt !== undefined && current.exitCode === undefined) {
      this.#awaitReadiness(container, current.startedAt);
      return;
    }
    if (current?.exitCode === undefined) return this.#start(container, 0);
    const policy = this.#pod.spec.restartPolicy ?? 'Always';
    if (!restarts(container, policy, current.exitCode)) return;
    if (this.#mustBackOff(container, current)) return;
    this.#start(container, current.attempt + 1);
  }

  #mustBackOff(container: Container, { attempt, startedAt, finishedAt }: RuntimeContainer): boolean {
    if (startedAt === undefined || finishedAt === undefined) return false;
    const { simulation, recorder } = this.#context;
    const record = this.#crashes.get(container.name) ?? new CrashRecord(attempt);
    this.#crashes.set(container.name, record);
    const wait = record.waitSeconds(attempt, startedAt, finishedAt);
    const due = after(finishedAt, seconds(wait));
    if (simulation.now >= due) return false;
    this.#wakeAt(due);
    if (this.#waiting.get(container.name)?.reason === 'CrashLoopBackOff') return true;
    const podName = `${this.#pod.metadata.name}_${this.#pod.metadata.namespace}(${this.#pod.metadata.uid})`;
    this.#waiting.set(container.name, {
      reason: 'CrashLoopBackOff',
      message: `back-off ${goSeconds(wait)} restarting failed container=${container.name} pod=${podName}`,
    });
    const message = `Back-off restarting failed container ${container.name} in pod ${podName}`;
    recorder.record(partOf(this.#pod, container), 'Warning', 'BackOff', message);
    return true;
  }

  #start(container: Container, attempt: number): void {
    const waiting = this.#waiting.get(container.name);
    if (waiting?.retryAt !== undefined && this.#context.simulation.now < waiting.retryAt) {
      // One look after the failed pull turns ErrImagePull into ImagePullBackOff; then the retry is awaited.
      if (waiting.reason === 'ImagePullBackOff') return this.#wakeAt(waiting.retryAt);
    }
    this.#once(container.name, (done) => {
      const request = { container, about: partOf(this.#pod, container) };
      this.#images.obtain(request, (outcome) => {
        if (this.#stopped) return;
        if (outcome.imageId !== undefined) return this.#create(container, attempt, outcome.imageId, done);
        const { waiting: reason, retryAt } = outcome;
        this.#waiting.set(container.name, { ...reason, ...(retryAt === undefined ? {} : { retryAt }) });
        this.#report();
        this.#underWay.delete(container.name);
        if (retryAt !== undefined) this.#context.simulation.soon(() => this.sync());
      });
    });
  }

  #create(container: Container, attempt: number, imageId: string, done: () => void): void {
    const { runtime, recorder } = this.#context;
    const argv = [...(container.command ?? []), ...(container.args ?? [])];
    const { name, image = '' } = container;
    this.#dropOldContainers(name);
    const purpose = purposeOf(this.#pod, container);
    runtime.createContainer({ podKey: this.key, name, attempt, image, imageId, argv, purpose }, (id) => {
      if (this.#stopped) return;
      recorder.record(partOf(this.#pod, container), 'Normal', 'Created', 'Container created');
      runtime.startContainer(id, () => {
        if (this.#stopped) return;
        this.#waiting.delete(name);
        recorder.record(partOf(this.#pod, container), 'Normal', 'Started', 'Container started');
        done();
      });
    });
  }

  /** Of the dead ones only the last is kept, for its state and its log. */
  #dropOldContainers(name: string): void {
    const { runtime } = this.#context;
    const dead = runtime.containersOf(this.key).filter((each) => each.name === name && each.exitCode !== undefined);
    for (const { id } of dead.slice(0, -1)) runtime.removeContainer(id);
  }

  #awaitReadiness(container: Container, startedAt: Instant): void {
    const { startedUp, ready } = readyTimes(container, startedAt, this.#probeAnswer(container.name));
    const { now } = this.#context.simulation;
    if (startedUp > now) this.#wakeAt(startedUp);
    else if (ready > now) this.#wakeAt(ready);
  }

  #probeAnswer(name: string): Duration {
    const known = this.#probeAnswers.get(name);
    if (known !== undefined) return known;
    const { latency, simulation } = this.#context;
    const answer = drawn(latency.probe, simulation.random);
    this.#probeAnswers.set(name, answer);
    return answer;
  }

  /** Stops what runs, reports how it ended, then lets go of the object. */
  #terminate(): void {
    const { client, simulation, finished } = this.#context;
    if (this.#endToldAt !== undefined && this.#endToldAt <= simulation.now) this.#report();
    if (this.#released) return;
    this.#endContainers(() => {
      finished();
      const isForced = this.#pod.metadata.deletionGracePeriodSeconds === 0;
      if (!isForced) this.#report();
      this.#released = true;
      client.delete(podKind, this.#pod, { gracePeriodSeconds: 0 }, ({ error }) => {
        if (this.#stopped || error?.status.code === NOT_FOUND) return;
        if (error === undefined && !isForced) return;
        this.#released = error === undefined;
        this.#endToldAt = isForced ? after(simulation.now, FORCED_END_TOLD_AFTER) : undefined;
        this.#wakeAt(this.#endToldAt ?? after(simulation.now, DELETE_RETRY_AFTER));
      });
    });
  }

  #endContainers(ended: () => void): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const { runtime, recorder } = this.#context;
    const running = runtime
      .containersOf(this.key)
      .filter((each) => each.startedAt !== undefined && each.exitCode === undefined);
    let left = running.length;
    const oneEnded = (): void => {
      left--;
      if (left > 0 || this.#stopped) return;
      this.#stopping = false;
      ended();
    };
    if (running.length === 0) {
      left = 1;
      oneEnded();
      return;
    }
    for (const { id, name } of running) {
      const about = { whole: this.#pod, fieldPath: `spec.containers{${name}}` };
      recorder.record(about, 'Normal', 'Killing', `Stopping container ${name}`);
      runtime.stopContainer(id, this.#grace, oneEnded);
    }
  }

  get #grace(): Duration {
    const { metadata, spec } = this.#pod;
    return seconds(metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? GRACE_DEFAULT_SECONDS);
  }

  #report(): void {
    const newest = this.#context.client.get(podKind, keyOf(this.#pod));
    if (newest === undefined || newest.metadata.uid !== this.#pod.metadata.uid) return;
    this.#pod = newest;
    const seen = this.#said.seen(newest);
    this.#said.write(newest, seen, statusOf(this.#view(seen), this.#verdict));
  }

  #view(pod: Pod): PodView {
    const { runtime, runtimeName, hostIp, simulation } = this.#context;
    const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
    const sandbox = runtime.sandboxOf(this.key);
    return {
      pod,
      containers: [
        ...initContainers.map((each) => this.#viewOf(each, true)),
        ...containers.map((each) => this.#viewOf(each, false)),
      ],
      ephemeral: ephemeralContainers.map((each) => this.#viewOf(each, false)),
      hasSandbox: sandbox !== undefined,
      podIp: sandbox?.ip,
      hostIp,
      runtimeName,
      now: simulation.now,
    };
  }

  #viewOf(spec: Container, isInit: boolean): ContainerView {
    const all = this.#context.runtime.containersOf(this.key).filter(({ name }) => name === spec.name);
    const started = all.filter(({ startedAt }) => startedAt !== undefined);
    const current = started.at(-1);
    const { now } = this.#context.simulation;
    const isRunning = current?.startedAt !== undefined && current.exitCode === undefined;
    const times =
      isRunning && current.startedAt !== undefined
        ? readyTimes(spec, current.startedAt, this.#probeAnswer(spec.name))
        : undefined;
    const isSequential = isInit && spec.restartPolicy !== 'Always';
    const policy = isInit ? this.#initPolicy : (this.#pod.spec.restartPolicy ?? 'Always');
    return {
      spec,
      isInit,
      current,
      previous: started.at(-2),
      waiting: isRunning ? undefined : this.#waiting.get(spec.name),
      started: times !== undefined && times.startedUp <= now,
      ready: isSequential ? current?.exitCode === 0 : times !== undefined && times.ready <= now,
      restarts:
        current?.exitCode === undefined ||
        (this.#pod.metadata.deletionTimestamp === undefined && restarts(spec, policy, current.exitCode)),
    };
  }

  #currentOf(name: string): RuntimeContainer | undefined {
    return this.#context.runtime
      .containersOf(this.key)
      .findLast((each) => each.name === name && each.startedAt !== undefined);
  }

  /** Begins `work` unless it is under way; what comes after it is decided by looking again. */
  #once(name: string, work: (done: () => void) => void): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    work(() => {
      this.#underWay.delete(name);
      this.sync();
    });
  }

  #wakeAt(due: Instant): void {
    const { simulation } = this.#context;
    if (this.#wake !== undefined && this.#wake.due <= due && this.#wake.due > simulation.now) return;
    this.#wake?.timer.cancel();
    const wait = Math.max(between(simulation.now, due), 0) as Duration;
    const timer = simulation.after(wait, () => {
      this.#wake = undefined;
      this.sync();
    });
    this.#wake = { due, timer };
  }
}
