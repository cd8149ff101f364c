// Mirrors kube-controller-manager: runs all controllers, each as its own ServiceAccount, over one set of shared informers.
// It leaves out resyncs and rate limits of its clients; its leader Lease is held by whoever starts it.
import type { Client } from '../client/client.js';
import type { Component } from '../client/component.js';
import { EventRecorder } from '../client/event-recorder.js';
import { event } from '../kinds/event.js';
import { kinds as builtInKinds } from '../kinds/registry.js';
import type { Kind } from '../machinery/kind.js';
import type { Controller, ControllerFigures, ControllerSettings, RunningController } from './controller.js';
import { controllerOptions, isEnabled } from './controller-options.js';
import { controllers } from './controllers/registry.js';
import type { Credentials } from './credentials.port.js';
import type { NodeHeartbeats } from './heartbeats.port.js';
import type { PodMetrics } from './pod-metrics.port.js';
import { SharedInformers } from './shared-informers.js';

const FIELD_MANAGER = 'kube-controller-manager';
const ACCOUNT_NAMESPACE = 'kube-system';
const ALL: readonly string[] = Object.freeze(['*']);

export interface ControllerManagerOptions {
  /** Speaks as `system:kube-controller-manager`; the controllers speak through it as themselves. */
  readonly client: Client;
  /** Without it no node counts as healthy but by what is stored. */
  readonly heartbeats?: NodeHeartbeats;
  readonly podMetrics?: PodMetrics;
  /** PEM; without it `kube-root-ca.crt` of kube-system is copied into other namespaces. */
  readonly caCertificate?: string;
  /** Without it Secrets get no tokens. */
  readonly credentials?: Credentials | undefined;
  /** The kinds that namespaces hold and that are collected as garbage; all built-in ones unless given. */
  readonly kinds?: readonly Kind[];
  /** As upstream's `--controllers`: `*` for all, `name` for one, `-name` for all but that one; all unless given. */
  readonly controllers?: readonly string[];
}

/** A controller as upstream counts them. */
export interface ControllerReport {
  /** What `--controllers` calls it. */
  readonly name: string;
  readonly isEnabled: boolean;
  /** The loops that make it up, since they were started last; empty while it does not run. */
  readonly loops: readonly ControllerFigures[];
}

interface Started {
  readonly option: string;
  readonly running: RunningController;
}

export class ControllerManager implements Component {
  readonly name = 'kube-controller-manager';
  readonly #client: Client;
  readonly #settings: ControllerSettings;
  #controllers: readonly string[];
  #informers: SharedInformers | undefined;
  #running: readonly Started[] = [];

  constructor(options: ControllerManagerOptions) {
    const { client, heartbeats, podMetrics, caCertificate, credentials, kinds } = options;
    this.#client = client;
    this.#controllers = options.controllers ?? ALL;
    this.#settings = {
      kinds: kinds ?? builtInKinds,
      heartbeats: heartbeats ?? { nodeHeartbeat: () => undefined },
      podMetrics,
      caCertificate,
      credentials,
    };
  }

  /** What each controller has done and what waits for it, in the controllers' order; empty while stopped. */
  get figures(): readonly ControllerFigures[] {
    return this.#running.map(({ running }) => running.figures);
  }

  /** Every controller there is, in the controllers' order. */
  get report(): readonly ControllerReport[] {
    return controllerOptions.map((name) => ({
      name,
      isEnabled: isEnabled(this.#controllers, name),
      loops: this.#running.filter(({ option }) => option === name).map(({ running }) => running.figures),
    }));
  }

  /** Which controllers are to run, as upstream's `--controllers` says it. */
  get controllers(): readonly string[] {
    return this.#controllers;
  }

  /** A running manager starts anew, as upstream's does with other arguments. */
  set controllers(controllers: readonly string[]) {
    this.#controllers = controllers;
    if (this.#informers === undefined) return;
    this.stop();
    this.start();
  }

  start(): void {
    if (this.#informers !== undefined) return;
    const informers = new SharedInformers(this.#client);
    this.#informers = informers;
    this.#running = controllers
      .filter(({ option }) => isEnabled(this.#controllers, option))
      .map((controller) => ({ option: controller.option, running: this.#run(controller, informers) }));
    informers.start();
  }

  stop(): void {
    this.#informers?.stop();
    this.#informers = undefined;
    for (const { running } of this.#running) running.stop();
    this.#running = [];
  }

  #run(controller: Controller, informers: SharedInformers): RunningController {
    const client = this.#client.as({
      user: {
        username: `system:serviceaccount:${ACCOUNT_NAMESPACE}:${controller.serviceAccount}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${ACCOUNT_NAMESPACE}`, 'system:authenticated'],
      },
      fieldManager: FIELD_MANAGER,
    });
    const recorder = new EventRecorder(client, event, { component: controller.name });
    const { simulation } = client;
    return controller.start({ client, recorder, simulation, informers, settings: this.#settings });
  }
}
