// Mirrors kube-scheduler: a queue of pending pods, one scheduling cycle at a time through the plugins of the framework,
// an assumed placement, and a Binding. It leaves out preemption, several profiles, extenders and permit plugins.
import type { Client } from '../client/client.js';
import type { Component } from '../client/component.js';
import type { Informer } from '../client/informer.js';
import { timestamp } from '../kernel/clock.js';
import type { Timer } from '../kernel/simulation.js';
import { node as nodeKind } from '../kinds/node.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Node, Pod, PodCondition } from '../machinery/api/core-v1.js';
import type { KubeObject } from '../machinery/object.js';
import { diagnosisMessage } from './diagnosis.js';
import type { ClusterEvent, Plugin } from './framework.js';
import { podInfo } from './node-info.js';
import { plugins } from './plugins/registry.js';
import { SchedulerCache } from './scheduler-cache.js';
import { SchedulerEvents } from './scheduler-events.js';
import { SchedulingCycle, type CycleOutcome } from './scheduling-cycle.js';
import { SchedulingQueue, type QueuedPod, type QueueFigures } from './scheduling-queue.js';

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

export interface SchedulerOptions {
  readonly client: Client;
  /** The pods that name it are its own. */
  readonly schedulerName?: string;
}

export class Scheduler implements Component {
  readonly name = 'kube-scheduler';
  readonly #client: Client;
  readonly #schedulerName: string;
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  readonly #cycle: SchedulingCycle;
  readonly #events: SchedulerEvents;
  #informers: { stop(): void }[] = [];
  #turn: Timer | undefined;

  constructor({ client, schedulerName = DEFAULT_SCHEDULER_NAME }: SchedulerOptions) {
    this.#client = client;
    this.#schedulerName = schedulerName;
    this.#queue = new SchedulingQueue(client.simulation, () => this.#planTurn());
    this.#cycle = new SchedulingCycle(plugins, client.simulation.random);
    this.#events = new SchedulerEvents(client, schedulerName);
  }

  get queueFigures(): QueueFigures {
    return this.#queue.figures;
  }

  start(): void {
    this.#informers = [this.#watchNodes(), this.#watchPods()];
  }

  stop(): void {
    for (const informer of this.#informers) informer.stop();
    this.#turn?.cancel();
    this.#queue.stop();
  }

  #watchNodes(): Informer<Node> {
    return this.#client.watch(nodeKind, {
      added: (node) => this.#nodeChanged(node, 'node-added'),
      modified: (node, previous) => {
        if (!isRelevantChange(node, previous)) return this.#cache.setNode(node);
        this.#nodeChanged(node, 'node-updated');
      },
      deleted: (node) => this.#cache.removeNode(node.metadata.name),
    });
  }

  #nodeChanged(node: Node, event: ClusterEvent): void {
    this.#cache.setNode(node);
    this.#queue.happened(event);
  }

  #watchPods(): Informer<Pod> {
    return this.#client.watch(podKind, {
      added: (pod) => this.#podChanged(pod, undefined),
      modified: (pod, previous) => this.#podChanged(pod, previous),
      deleted: (pod) => this.#podGone(pod),
    });
  }

  #podChanged(pod: Pod, previous: Pod | undefined): void {
    const { uid = '' } = pod.metadata;
    const { nodeName = '' } = pod.spec;
    if (isFinished(pod)) return this.#podGone(pod);
    if (nodeName !== '') {
      // Most changes of a bound pod are reports of its status: they move nothing.
      if (previous?.spec === pod.spec && this.#cache.has(uid)) return;
      this.#queue.remove(uid);
      this.#cache.addPod(pod, nodeName);
      return;
    }
    if (pod.spec.schedulerName !== this.#schedulerName || pod.metadata.deletionTimestamp !== undefined) {
      this.#queue.remove(uid);
      return;
    }
    if (this.#isGated(pod)) return;
    this.#queue.add(pod);
    if (previous !== undefined && previous.spec !== pod.spec) this.#queue.updated(uid);
  }

  #podGone(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    this.#queue.remove(uid);
    if (this.#cache.removePod(uid)) this.#queue.happened('assigned-pod-deleted');
  }

  #isGated(pod: Pod): boolean {
    return plugins.some((plugin) => plugin.preEnqueue?.(pod) !== undefined);
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
    if (pod?.metadata.uid !== queued.uid || (pod.spec.nodeName ?? '') !== '') return this.#queue.remove(queued.uid);
    const outcome = this.#cycle.run(pod, this.#cache.nodes);
    if (outcome.node === undefined) this.#refuse(queued, pod, outcome);
    else this.#bind(queued, pod, outcome.node.name);
  }

  #bind(queued: QueuedPod, pod: Pod, nodeName: string): void {
    this.#cache.addPod(pod, nodeName, podInfo(pod));
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      target: { kind: 'Node', name: nodeName },
    };
    this.#client.post<KubeObject>(podKind, { key: queued.key, subresource: 'binding' }, binding, ({ error }) => {
      if (error !== undefined) {
        this.#cache.removePod(queued.uid);
        this.#events.record(pod, {
          type: 'Warning',
          reason: 'FailedScheduling',
          action: 'Scheduling',
          note: error.message,
        });
        this.#queue.retry(queued);
        return;
      }
      this.#queue.remove(queued.uid);
      const note = `Successfully assigned ${queued.key} to ${nodeName}`;
      this.#events.record(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', note });
    });
  }

  #refuse(queued: QueuedPod, pod: Pod, { diagnosis, rejectedBy }: Extract<CycleOutcome, { node?: never }>): void {
    const message = diagnosisMessage(diagnosis);
    this.#queue.park(queued, eventsThatHelp(rejectedBy));
    this.#events.record(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message });
    const condition = this.#unschedulable(pod, message);
    if (condition === undefined) return;
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
    this.#client.updateStatus(podKind, { ...pod, status: { ...pod.status, conditions: [...others, condition] } });
  }

  /** The condition to write; `undefined` where it stands there already. */
  #unschedulable(pod: Pod, message: string): PodCondition | undefined {
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame = known?.status === 'False' && known.reason === 'Unschedulable';
    if (isSame && known.message === message) return undefined;
    const { generation } = pod.metadata;
    return {
      type: 'PodScheduled',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime:
        known?.status === 'False' ? (known.lastTransitionTime ?? null) : timestamp(this.#client.simulation.now),
      reason: 'Unschedulable',
      message,
    };
  }
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Whether a change of a node may let a pod fit that did not fit before. */
const isRelevantChange = (node: Node, previous: Node): boolean =>
  node.spec !== previous.spec ||
  node.metadata.labels !== previous.metadata.labels ||
  node.metadata.annotations !== previous.metadata.annotations ||
  node.status?.allocatable !== previous.status?.allocatable;

/** Without nodes nobody has rejected the pod: then only a node helps. */
function eventsThatHelp(rejectedBy: ReadonlySet<Plugin>): ReadonlySet<ClusterEvent> {
  const events = new Set<ClusterEvent>(['node-added']);
  for (const { retryOn = [] } of rejectedBy) for (const event of retryOn) events.add(event);
  return events;
}
