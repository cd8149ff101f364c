// Mirrors kube-scheduler: a queue of pending pods, one scheduling cycle at a time through the plugins of a profile, an
// assumed placement and a Binding, and preemption where a pod fits nowhere. A cycle runs without a break, so it works on
// the live cache and not on a snapshot. It leaves out extenders, permit plugins, gang scheduling and batching.
import type { Client } from '../client/client.js';
import type { Component } from '../client/component.js';
import { seconds } from '../kernel/clock.js';
import type { Timer } from '../kernel/simulation.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { AssumedVolumes } from './assumed-volumes.js';
import { BindingCycle } from './binding-cycle.js';
import { ClusterWatch } from './cluster-watch.js';
import type { SchedulerConfiguration } from './configuration.js';
import { decisionReport, type DecisionReport } from './decision-report.js';
import { AssumedDevices } from './devices/assumed-devices.js';
import { ClaimWriter } from './devices/claim-writer.js';
import { consideredBy, DecisionRing, type Decision, type DecisionResult } from './decision-ring.js';
import type { Cycle, Plugin, SchedulingWorld } from './framework.js';
import { makeRoom } from './make-room.js';
import { Nominator } from './nominator.js';
import { PluginFailure } from './plugin-failure.js';
import { podInfo } from './pod-info.js';
import { plugins } from './plugins/registry.js';
import { defaultPreemption } from './plugins/default-preemption.js';
import { Evictions } from './preemption/evictions.js';
import { Preemption, type PreemptionOutcome } from './preemption/preemption.js';
import { profilesOf, type Profile } from './profile.js';
import type { QueuedPod } from './queued-pod.js';
import { refusalMessage } from './refusal-message.js';
import { SchedulerCache } from './scheduler-cache.js';
import { SchedulerEvents } from './scheduler-events.js';
import { schedulerReport, type SchedulerReport } from './scheduler-report.js';
import { SchedulingCycle, type Search } from './scheduling-cycle.js';
import { BACKOFF_DEFAULTS, SchedulingQueue } from './scheduling-queue.js';
import { volumeWriter } from './volume-writer.js';
import { UnscheduledStatus } from './unscheduled-status.js';
import { WorkloadSelectors } from './workload-selectors.js';

export interface SchedulerOptions {
  readonly client: Client;
  readonly configuration?: SchedulerConfiguration;
  /** The machine that it runs on, as events tell it. */
  readonly host?: string;
  readonly onDecision?: (decision: Decision) => void;
}

export class Scheduler implements Component {
  readonly name = 'kube-scheduler';
  readonly #client: Client;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #world: SchedulingWorld;
  readonly #nominator = new Nominator();
  readonly #queue: SchedulingQueue;
  readonly #cycle: SchedulingCycle;
  readonly #preemption: Preemption;
  readonly #evictions: Evictions;
  readonly #binding: BindingCycle;
  readonly #events: SchedulerEvents;
  readonly #status: UnscheduledStatus;
  readonly #decisions: DecisionRing;
  readonly #watch: ClusterWatch;
  #turn: Timer | undefined;

  constructor({ client, configuration = {}, host = '', onDecision }: SchedulerOptions) {
    const { simulation } = client;
    this.#client = client;
    this.#decisions = new DecisionRing(onDecision);
    this.#profiles = profilesOf(configuration, plugins);
    this.#world = {
      cache: new SchedulerCache(),
      objects: client,
      selectors: new WorkloadSelectors(client),
      volumes: new AssumedVolumes(client, volumeWriter(client)),
      devices: new AssumedDevices(client),
      claimWriter: new ClaimWriter(client),
    };
    const { podInitialBackoffSeconds, podMaxBackoffSeconds } = configuration;
    this.#queue = new SchedulingQueue({
      simulation,
      world: this.#world,
      backoff: {
        initial: podInitialBackoffSeconds === undefined ? BACKOFF_DEFAULTS.initial : seconds(podInitialBackoffSeconds),
        max: podMaxBackoffSeconds === undefined ? BACKOFF_DEFAULTS.max : seconds(podMaxBackoffSeconds),
      },
      gateOf: (pod) => this.#gateOf(pod),
      ready: () => this.#planTurn(),
    });
    this.#cycle = new SchedulingCycle(this.#nominator, simulation.random);
    this.#preemption = new Preemption(simulation);
    this.#events = new SchedulerEvents(client, host);
    this.#status = new UnscheduledStatus(client);
    this.#evictions = new Evictions({
      client,
      events: this.#events,
      nominator: this.#nominator,
      onDone: (uid, hasFailed) => {
        if (hasFailed || this.#queue.get(uid)?.gatedBy === defaultPreemption) this.#queue.activate(uid);
      },
    });
    this.#binding = new BindingCycle({
      client,
      world: this.#world,
      onBound: (queued, pod, nodeName) => this.#bound(queued, pod, nodeName),
      onFailure: (queued, pod, message) => this.#failed(queued, pod, message),
    });
    this.#watch = new ClusterWatch({
      client,
      world: this.#world,
      queue: this.#queue,
      nominator: this.#nominator,
      isOwn: ({ spec }) => this.#profiles.has(spec.schedulerName ?? ''),
    });
  }

  /** What it is doing now. */
  get report(): SchedulerReport {
    return schedulerReport({
      queueFigures: this.#queue.figures,
      queuedPods: this.#queue.pods,
      profiles: this.#profiles.values(),
      cache: this.#world.cache,
    });
  }

  /** What was decided about a pod, oldest first; `key` is `namespace/name`. */
  decisions(key: string): readonly DecisionReport[] {
    return this.#decisions.about(key).map(decisionReport);
  }

  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
    this.#binding.stop();
    this.#turn?.cancel();
    this.#queue.stop();
  }

  #gateOf(pod: Pod): Plugin | undefined {
    const profile = this.#profiles.get(pod.spec.schedulerName ?? '');
    if (this.#evictions.isRunning(pod.metadata.uid ?? '')) return defaultPreemption;
    return profile?.gates.find((plugin) => plugin.preEnqueue?.(pod, this.#world) !== undefined);
  }

  #planTurn(): void {
    this.#turn ??= this.#client.simulation.soon(() => {
      this.#turn = undefined;
      this.#scheduleOne();
      if (this.#queue.isReady) this.#planTurn();
    });
  }

  #scheduleOne(): void {
    const queued = this.#queue.take();
    if (queued === undefined) return;
    const pod = this.#client.get(podKind, queued.key);
    const profile = this.#profiles.get(pod?.spec.schedulerName ?? '');
    const isGone = pod?.metadata.uid !== queued.uid || (pod.spec.nodeName ?? '') !== '';
    if (isGone || profile === undefined || pod.metadata.deletionTimestamp !== undefined) {
      return this.#queue.remove(queued.uid);
    }
    const cycle: Cycle = { ...this.#world, pod, info: podInfo(pod) };
    const search = this.#search(queued, cycle, profile);
    if (search === undefined) return;
    if (search.node === undefined) return this.#refuse({ queued, search, profile });
    const { name } = search.node;
    this.#record({ queued, pod, search }, { result: 'Scheduled', nodeName: name, message: '' });
    this.#nominator.remove(queued.uid);
    this.#binding.begin({ queued, cycle, node: search.node, reservers: profile.reservers });
  }

  /** `undefined` where something is wrong with what the pod asks for; that is told then. */
  #search(queued: QueuedPod, cycle: Cycle, profile: Profile): Search | undefined {
    try {
      return this.#cycle.search(cycle, profile);
    } catch (error) {
      if (!(error instanceof PluginFailure)) throw error;
      this.#retryLater(queued, cycle.pod, error.message);
      return undefined;
    }
  }

  #bound(queued: QueuedPod, pod: Pod, nodeName: string): void {
    this.#queue.remove(queued.uid);
    const note = `Successfully assigned ${queued.key} to ${nodeName}`;
    this.#events.record(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
  }

  /** Placing the pod went wrong after the decision: what it held is free again, and others may want it. */
  #failed(queued: QueuedPod, pod: Pod, message: string): void {
    this.#queue.happened({ event: 'Pod/Delete', object: undefined, previous: pod }, ({ uid }) => uid !== queued.uid);
    const current = this.#client.get(podKind, queued.key);
    if (current?.metadata.uid !== queued.uid || (current.spec.nodeName ?? '') !== '')
      return this.#queue.remove(queued.uid);
    this.#retryLater(queued, current, message);
  }

  #retryLater(queued: QueuedPod, pod: Pod, message: string): void {
    this.#queue.retry(queued);
    this.#record({ queued, pod, search: undefined }, { result: 'Error', nodeName: undefined, message });
    this.#tell(pod, message, { reason: 'SchedulerError', nominated: '' });
  }

  #refuse({ queued, search, profile }: Refused): void {
    const { pod, info } = search.run.cycle;
    const { preemption, remedy } = makeRoom(search, profile, () =>
      this.#preemption.attempt(search, profile.preemption),
    );
    const { nodeCount, everywhere, rejections } = search;
    const message = refusalMessage(search, remedy);
    const rejectedBy = new Set<Plugin>([...rejections.plugins, ...search.run.onlyBy]);
    if (everywhere !== undefined) rejectedBy.add(everywhere.plugin);
    this.#queue.park(queued, rejectedBy);
    if (preemption?.nominated !== undefined) this.#nominator.set(info, preemption.nominated);
    this.#record({ queued, pod, search, preemption }, { result: 'Unschedulable', nodeName: undefined, message });
    this.#tell(pod, message, { reason: 'Unschedulable', nominated: nodeCount === 0 ? '' : preemption?.nominated });
    if (preemption?.chosen !== undefined) this.#evictions.begin(pod, preemption.chosen);
  }

  #tell(pod: Pod, message: string, { reason, nominated }: Verdict): void {
    this.#events.record(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message });
    this.#status.write(pod, { reason, message, nominated });
  }

  #record(
    { queued, pod, search, preemption }: Attempt,
    told: { readonly result: DecisionResult; readonly nodeName: string | undefined; readonly message: string },
  ): void {
    this.#decisions.record({
      at: this.#client.simulation.now,
      pod: { key: queued.key, uid: queued.uid },
      schedulerName: pod.spec.schedulerName ?? '',
      attempt: queued.attempts,
      ...told,
      considered: search === undefined ? undefined : consideredBy(search),
      preemption,
    });
  }
}

interface Refused {
  readonly queued: QueuedPod;
  readonly search: Search;
  readonly profile: Profile;
}

interface Attempt {
  readonly queued: QueuedPod;
  readonly pod: Pod;
  readonly search: Search | undefined;
  readonly preemption?: PreemptionOutcome | undefined;
}

interface Verdict {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly nominated: string | undefined;
}
