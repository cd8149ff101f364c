// Mirrors a CRI runtime (containerd by default): pod sandboxes, containers, images and logs as timed state machines.
// It leaves out cgroups, namespaces, layers and real processes: what a process does is foreseen by its plan, or, in a shell
// that waits for input, told by whoever is attached. What such a shell prints is not kept in the log.
// Sandboxes, images and started containers lie on the node's disk, so a runtime that starts again finds them.
import { after, between, type Duration, type Instant } from '../kernel/clock.js';
import type { Random } from '../kernel/random.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { ContainerProcesses, type ExecRequest } from './container-processes.js';
import { resolveImage, type PullOutcome } from './image-reference.js';
import { drawn, type LatencyProfile } from './latency-profile.js';
import type { NodeDisk } from './node-disk.port.js';
import {
  converses,
  planProcess,
  waitingShell,
  type OutputLine,
  type ProcessPlan,
  type ProcessPurpose,
} from './process-plan.js';
import type { Sandbox } from './sandbox.js';
import type { SessionInput, SessionSink } from './session.js';
import { SharedShell } from './shared-shell.js';

const SIGKILL_EXIT_CODE = 137;
const TERM_EXIT_CODE = 0;

export interface ContainerConfig {
  readonly podKey: string;
  readonly name: string;
  /** How many containers of this name the pod had before. */
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  /** Command and arguments together; empty for the image's own entry point. */
  readonly argv: readonly string[];
  readonly purpose: ProcessPurpose;
}

export interface Container extends ContainerConfig {
  readonly id: string;
  readonly createdAt: Instant;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly exitCode?: number;
}

export interface LogLine {
  readonly at: Instant;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface LogFollower {
  line(line: LogLine): void;
  end(): void;
}

interface Following {
  end(): void;
  cancel(): void;
}

export interface ContainerRuntimeOptions {
  readonly simulation: Simulation;
  readonly random: Random;
  readonly disk: NodeDisk;
  readonly latency: LatencyProfile;
  readonly text: TextCodec;
  /** Called when a container of this pod ended by itself. */
  onExit(podKey: string): void;
}

interface StoredImage {
  readonly image: string;
  readonly imageId: string;
}

interface Process {
  readonly plan: ProcessPlan;
  timer: Timer | undefined;
  /** What is to be done when it ends. */
  end(code: number): void;
  /** Of a shell that somebody was attached to. */
  shell?: SharedShell;
}

export class ContainerRuntime {
  readonly #options: ContainerRuntimeOptions;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #containers = new Map<string, Container>();
  readonly #byPod = new Map<string, Set<string>>();
  readonly #images = new Map<string, string>();
  /** Who waits for which image that is being pulled. */
  readonly #pulls = new Map<string, ((outcome: PullOutcome) => void)[]>();
  readonly #processes = new Map<string, Process>();
  readonly #followers = new Map<string, Set<Following>>();
  readonly #clients: ContainerProcesses;
  /** Images are pulled one after another, as kubelets do by default. */
  #pullsEndAt: Instant;

  constructor(options: ContainerRuntimeOptions) {
    this.#options = options;
    this.#clients = new ContainerProcesses(options);
    this.#pullsEndAt = options.simulation.now;
    this.#recover();
  }

  imageId(image: string): string | undefined {
    return this.#images.get(image);
  }

  /** Asks the registry for an image; `done` hears of it when the pull has ended. Who asks while it is pulled joins in. */
  pull(image: string, done: (outcome: PullOutcome) => void): void {
    const joined = this.#pulls.get(image);
    if (joined !== undefined) {
      joined.push(done);
      return;
    }
    const waiting = [done];
    this.#pulls.set(image, waiting);
    const { simulation, random, latency, disk } = this.#options;
    const begin = simulation.now > this.#pullsEndAt ? simulation.now : this.#pullsEndAt;
    this.#pullsEndAt = after(begin, drawn(latency.imagePull, random));
    simulation.after(between(simulation.now, this.#pullsEndAt), () => {
      this.#pulls.delete(image);
      const outcome = resolveImage(image);
      if (outcome.imageId !== undefined && !this.#images.has(image)) {
        this.#images.set(image, outcome.imageId);
        disk.put(`images/${encodeURIComponent(image)}`, { image, imageId: outcome.imageId });
      }
      for (const each of waiting) each(outcome);
    });
  }

  sandboxOf(podKey: string): Sandbox | undefined {
    return this.#sandboxes.get(podKey);
  }

  createSandbox(podKey: string, ip: string, done: () => void): void {
    const { simulation, random, latency } = this.#options;
    simulation.after(drawn(latency.sandboxCreate, random), () => {
      this.#keepSandbox({ id: this.#newId(), podKey, ip, createdAt: simulation.now });
      done();
    });
  }

  /** The containers have ended: they stay to be looked at, the address is free for others. */
  stopSandbox(podKey: string): void {
    const sandbox = this.#sandboxes.get(podKey);
    if (sandbox !== undefined) this.#keepSandbox({ ...sandbox, isStopped: true });
  }

  #keepSandbox(sandbox: Sandbox): void {
    this.#sandboxes.set(sandbox.podKey, sandbox);
    this.#options.disk.put(`sandboxes/${sandbox.id}`, sandbox);
  }

  get sandboxes(): Iterable<Sandbox> {
    return this.#sandboxes.values();
  }

  /** All containers of a pod that are not yet removed, oldest first. */
  containersOf(podKey: string): readonly Container[] {
    const ids = this.#byPod.get(podKey);
    if (ids === undefined) return [];
    return Array.from(ids, (id) => this.#containers.get(id)).filter((each) => each !== undefined);
  }

  createContainer(config: ContainerConfig, done: (id: string) => void): void {
    const { simulation, random, latency } = this.#options;
    simulation.after(drawn(latency.containerCreate, random), () => {
      const container: Container = { ...config, id: this.#newId(), createdAt: simulation.now };
      this.#keep(container);
      done(container.id);
    });
  }

  /** `done` is called once the process runs; not if the container was removed meanwhile. */
  startContainer(id: string, done: () => void): void {
    const { simulation, random, latency } = this.#options;
    simulation.after(drawn(latency.containerStart, random), () => {
      const container = this.#containers.get(id);
      if (container === undefined) return;
      this.#write({ ...container, startedAt: simulation.now });
      this.#run(id);
      done();
    });
  }

  /** Sends SIGTERM, and SIGKILL when `grace` is over; `done` is called when the process has ended. */
  stopContainer(id: string, grace: Duration, done: () => void): void {
    const { simulation, random, latency } = this.#options;
    const process = this.#processes.get(id);
    if (process === undefined) {
      simulation.soon(done);
      return;
    }
    const natural = drawn(latency.processExit, random);
    const heeds = process.plan.heedsTerm && natural <= grace;
    process.timer?.cancel();
    process.end = (code) => {
      this.#finish(id, code);
      done();
    };
    process.timer = simulation.after(heeds ? natural : grace, () =>
      process.end(heeds ? TERM_EXIT_CODE : SIGKILL_EXIT_CODE),
    );
  }

  removeContainer(id: string): void {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    this.#processes.get(id)?.timer?.cancel();
    this.#processes.delete(id);
    this.#containers.delete(id);
    this.#endFollowers(id);
    this.#clients.remove(id);
    const ids = this.#byPod.get(container.podKey);
    ids?.delete(id);
    if (ids?.size === 0) this.#byPod.delete(container.podKey);
    if (container.startedAt !== undefined) this.#options.disk.delete(`containers/${id}`);
  }

  /** Removes the sandbox of a pod and all its containers, whatever they are doing. */
  removePod(podKey: string): void {
    for (const { id } of this.containersOf(podKey)) this.removeContainer(id);
    const sandbox = this.#sandboxes.get(podKey);
    if (sandbox === undefined) return;
    this.#sandboxes.delete(podKey);
    this.#options.disk.delete(`sandboxes/${sandbox.id}`);
  }

  /** Runs a program beside the container's own process, which must be running. */
  exec(id: string, request: ExecRequest, sink: SessionSink): SessionInput {
    return this.#clients.exec(id, request, sink);
  }

  /**
   * Attaches to the container's own process where that is a shell that waits for input, in a world like that of a program
   * beside it; `undefined` where it is anything else, whose log is all that there is.
   */
  attach(id: string, world: Omit<ExecRequest, 'argv'>, sink: SessionSink): SessionInput | undefined {
    const container = this.#containers.get(id);
    const process = this.#processes.get(id);
    if (container === undefined || process === undefined || !converses(container.purpose)) return undefined;
    const argv = waitingShell(container.image, container.argv) ?? [];
    process.shell ??= new SharedShell(container.purpose === 'converse-once', (code) => this.#shellEnded(id, code));
    return process.shell.attach(sink, (shared) => this.#clients.exec(id, { ...world, argv }, shared));
  }

  /** The container ends after all who were attached have been told. */
  #shellEnded(id: string, code: number): void {
    const process = this.#processes.get(id);
    if (process === undefined) return;
    process.timer?.cancel();
    process.timer = this.#options.simulation.soon(() => process.end(code));
  }

  isRunning(id: string): boolean {
    return this.#processes.has(id);
  }

  /** Whether the container's process takes connections on the ports that it declares. */
  serves(id: string): boolean {
    return this.#processes.get(id)?.plan.serves === true;
  }

  /** What the process has written up to now, oldest first. */
  logOf(id: string): readonly LogLine[] {
    const container = this.#containers.get(id);
    const startedAt = container?.startedAt;
    if (container === undefined || startedAt === undefined) return [];
    const end = container.finishedAt ?? this.#options.simulation.now;
    return planOf(container)
      .output.filter((line) => after(startedAt, line.after) <= end)
      .map((line) => logLine(startedAt, line));
  }

  /** Calls `follower` for every line that the process writes from now on, and once when it has ended. */
  followLog(id: string, follower: LogFollower): { cancel(): void } {
    const container = this.#containers.get(id);
    if (container?.startedAt === undefined || container.exitCode !== undefined) {
      return this.#options.simulation.soon(() => follower.end());
    }
    const { simulation } = this.#options;
    const { startedAt } = container;
    const pending = planOf(container)
      .output.map((line) => logLine(startedAt, line))
      .filter(({ at }) => at > simulation.now);
    let sent = 0;
    const sendNext = (): void => {
      const line = pending[sent];
      sent++;
      if (line !== undefined) follower.line(line);
    };
    const timers = pending.map(({ at }) => simulation.after(between(simulation.now, at), sendNext));
    const followers = this.#followers.get(id) ?? new Set<Following>();
    const following: Following = {
      end: () => {
        for (const timer of timers) timer.cancel();
        // The process ends in the very instant in which it prints its last line.
        while ((pending[sent]?.at ?? Infinity) <= simulation.now) sendNext();
        follower.end();
      },
      cancel: () => {
        followers.delete(following);
        if (followers.size === 0) this.#followers.delete(id);
        for (const timer of timers) timer.cancel();
        sent = pending.length;
      },
    };
    followers.add(following);
    this.#followers.set(id, followers);
    return following;
  }

  #endFollowers(id: string): void {
    const followers = this.#followers.get(id);
    if (followers === undefined) return;
    this.#followers.delete(id);
    for (const following of followers) following.end();
  }

  /** Ends every timer: the node is switched off. What lies on the disk stays. */
  stop(): void {
    for (const { timer } of this.#processes.values()) timer?.cancel();
    this.#processes.clear();
  }

  #run(id: string): void {
    const container = this.#containers.get(id);
    if (container?.startedAt === undefined) return;
    const { simulation } = this.#options;
    const plan = planOf(container);
    const end = (code: number): void => {
      this.#finish(id, code);
      this.#options.onExit(container.podKey);
    };
    const process: Process = { plan, timer: undefined, end };
    this.#processes.set(id, process);
    const { exit } = plan;
    if (exit === undefined) return;
    const wait = Math.max(after(container.startedAt, exit.after) - simulation.now, 0) as Duration;
    process.timer = simulation.after(wait, () => process.end(exit.code));
  }

  #finish(id: string, exitCode: number): void {
    this.#processes.delete(id);
    const container = this.#containers.get(id);
    if (container === undefined) return;
    this.#write({ ...container, finishedAt: this.#options.simulation.now, exitCode });
    this.#clients.killAll(id);
    this.#endFollowers(id);
  }

  #write(container: Container): void {
    this.#containers.set(container.id, container);
    this.#options.disk.put(`containers/${container.id}`, container);
  }

  #keep(container: Container): void {
    this.#containers.set(container.id, container);
    const ids = this.#byPod.get(container.podKey) ?? new Set<string>();
    ids.add(container.id);
    this.#byPod.set(container.podKey, ids);
  }

  #recover(): void {
    const { disk } = this.#options;
    for (const [, { image, imageId }] of disk.entries<StoredImage>('images/')) this.#images.set(image, imageId);
    for (const [, sandbox] of disk.entries<Sandbox>('sandboxes/')) this.#sandboxes.set(sandbox.podKey, sandbox);
    const found = Array.from(disk.entries<Container>('containers/'), ([, container]) => container);
    for (const container of found.sort((a, b) => a.createdAt - b.createdAt || a.attempt - b.attempt)) {
      this.#keep(container);
      if (container.finishedAt === undefined) this.#run(container.id);
    }
  }

  #newId(): string {
    const { random } = this.#options;
    let id = '';
    while (id.length < 64) id += random.word().toString(16).padStart(8, '0');
    return id;
  }
}

const planOf = ({ image, argv, purpose }: ContainerConfig): ProcessPlan => planProcess(image, argv, purpose);

const logLine = (startedAt: Instant, line: OutputLine): LogLine => ({
  at: after(startedAt, line.after),
  stream: line.stream,
  text: line.text,
});
