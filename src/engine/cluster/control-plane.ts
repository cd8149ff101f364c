import type { Client, ClientIdentity } from '../client/client.js';
import { LeaderLease } from '../client/leader-lease.js';
import { assert } from '../kernel/assert.js';
import type { Instant } from '../kernel/clock.js';
import type { Random } from '../kernel/random.js';
import { lease } from '../kinds/lease.js';
import { ControllerManager, type ControllerReport } from '../kube-controller-manager/controller-manager.js';
import { controllerOptions, switched } from '../kube-controller-manager/controller-options.js';
import type { Credentials } from '../kube-controller-manager/credentials.port.js';
import type { NodeHeartbeats } from '../kube-controller-manager/heartbeats.port.js';
import type { Decision } from '../kube-scheduler/decision-ring.js';
import { decisionReport, type DecisionReport } from '../kube-scheduler/decision-report.js';
import { Scheduler } from '../kube-scheduler/scheduler.js';
import type { SchedulerReport } from '../kube-scheduler/scheduler-report.js';
import type { NodeConfig } from '../kubelet/node-config.js';
import type { Subscription } from '../machinery/resource-api.port.js';
import type { ClusterSpec } from './cluster-spec.js';
import { controllerManagerIdentity, loopbackIdentity, schedulerIdentity } from './component-identities.js';
import type { DecisionListener } from './decision-listener.js';
import type { NodeDisks } from './node-disks.js';

const LEADER_NAMESPACE = 'kube-system';
const SCHEDULER = 'kube-scheduler';
const CONTROLLER_MANAGER = 'kube-controller-manager';

export interface ControlPlaneOptions {
  readonly spec: Pick<ClusterSpec, 'controllers' | 'scheduler'>;
  readonly machines: readonly NodeConfig[];
  readonly disks: NodeDisks;
  readonly random: Random;
  readonly heartbeats: NodeHeartbeats;
  clientOf(identity: ClientIdentity): Client;
}

/**
 * The components that lead a cluster, on its first control plane. What was changed about them while they ran stands on
 * that machine's disk, as their manifests would: a restart finds it there.
 */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #leaders = new Map<string, LeaderLease>();
  readonly #followers = new Set<DecisionListener>();
  #controllerManager: ControllerManager | undefined;
  #scheduler: Scheduler | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  /** Without credentials Secrets get no tokens. */
  start(credentials: Credentials | undefined): void {
    const { spec, machines, heartbeats, clientOf } = this.#options;
    for (const { name } of machines) this.#hold(`apiserver-${name}`, name);
    const controllers = this.#changed<{ controllers: readonly string[] }>(CONTROLLER_MANAGER)?.controllers;
    const chosen = controllers ?? spec.controllers;
    this.#controllerManager = new ControllerManager({
      client: clientOf(controllerManagerIdentity),
      heartbeats,
      credentials,
      ...(chosen === undefined ? {} : { controllers: chosen }),
    });
    this.#hold(CONTROLLER_MANAGER, this.#leader.name);
    this.#controllerManager.start();
    const isOn = this.#changed<{ isOn: boolean }>(SCHEDULER)?.isOn ?? spec.scheduler !== 'off';
    if (isOn) this.#startScheduler();
  }

  get controllers(): readonly ControllerReport[] {
    return this.#controllerManager?.report ?? [];
  }

  /** The controller manager starts anew with the choice, which outlives it. Whether there is such a controller. */
  switchController(name: string, isOn: boolean): boolean {
    const manager = this.#controllerManager;
    if (manager === undefined || !controllerOptions.includes(name)) return false;
    const controllers = switched(manager.controllers, name, isOn);
    this.#change(CONTROLLER_MANAGER, { controllers });
    manager.controllers = controllers;
    return true;
  }

  get scheduler(): SchedulerReport | undefined {
    return this.#scheduler?.report;
  }

  switchScheduler(isOn: boolean): void {
    if (isOn === (this.#scheduler !== undefined)) return;
    this.#change(SCHEDULER, { isOn });
    if (isOn) return this.#startScheduler();
    this.#scheduler?.stop();
    this.#scheduler = undefined;
    this.#leaders.get(`${LEADER_NAMESPACE}/${SCHEDULER}`)?.release();
  }

  /** `key` is `namespace/name`. */
  decisions(key: string): readonly DecisionReport[] {
    return this.#scheduler?.decisions(key) ?? [];
  }

  /** Every decision from now on, whichever scheduler makes it; its report is made when asked for. */
  followDecisions(listener: DecisionListener): Subscription {
    this.#followers.add(listener);
    return { cancel: () => void this.#followers.delete(listener) };
  }

  /** Of a component that leads by a Lease; `undefined` where there is none. */
  lastRenewal(leaseKey: string): Instant | undefined {
    return this.#leaders.get(leaseKey)?.lastRenewal;
  }

  #startScheduler(): void {
    const { spec, clientOf } = this.#options;
    const { scheduler = {} } = spec;
    this.#scheduler = new Scheduler({
      client: clientOf(schedulerIdentity),
      configuration: scheduler === 'off' ? {} : scheduler,
      host: this.#leader.name,
      onDecision: (decision) => this.#tell(decision),
    });
    this.#hold(SCHEDULER, this.#leader.name);
    this.#scheduler.start();
  }

  #tell(decision: Decision): void {
    for (const listener of this.#followers) listener(decision.pod.key, () => decisionReport(decision));
  }

  /** Takes the Lease of a component of the control plane. */
  #hold(name: string, host: string): void {
    const { clientOf, random } = this.#options;
    const leader = new LeaderLease({
      client: clientOf(loopbackIdentity),
      kind: lease,
      namespace: LEADER_NAMESPACE,
      name,
      holder: `${host}_${random.uuid()}`,
    });
    this.#leaders.set(leader.key, leader);
    leader.acquire();
  }

  #changed<T extends object>(component: string): T | undefined {
    const [entry] = this.#options.disks.disk(this.#leader.name).entries<T>(pathOf(component));
    return entry?.[1];
  }

  #change(component: string, change: object): void {
    this.#options.disks.disk(this.#leader.name).put(pathOf(component), change);
  }

  get #leader(): NodeConfig {
    const [leader] = this.#options.machines;
    assert(leader !== undefined, 'a cluster has a control plane');
    return leader;
  }
}

const pathOf = (component: string): string => `components/${component}`;
