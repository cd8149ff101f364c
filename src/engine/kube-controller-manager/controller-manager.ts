// Mirrors kube-controller-manager: runs all controllers, each as its own ServiceAccount, over one set of shared informers.
// It leaves out resyncs and rate limits of its clients; its leader Lease is held by whoever starts it.
import type { Client } from '../client/client.js';
import type { Component } from '../client/component.js';
import { EventRecorder } from '../client/event-recorder.js';
import { event } from '../kinds/event.js';
import { kinds as builtInKinds } from '../kinds/registry.js';
import type { Kind } from '../machinery/kind.js';
import type { Controller, ControllerFigures, ControllerSettings, RunningController } from './controller.js';
import { controllers } from './controllers/registry.js';
import type { NodeHeartbeats } from './heartbeats.port.js';
import { SharedInformers } from './shared-informers.js';

const FIELD_MANAGER = 'kube-controller-manager';
const ACCOUNT_NAMESPACE = 'kube-system';

export interface ControllerManagerOptions {
  /** Speaks as `system:kube-controller-manager`; the controllers speak through it as themselves. */
  readonly client: Client;
  /** Without it no node counts as healthy but by what is stored. */
  readonly heartbeats?: NodeHeartbeats;
  /** PEM; without it `kube-root-ca.crt` of kube-system is copied into other namespaces. */
  readonly caCertificate?: string;
  /** The kinds that namespaces hold and that are collected as garbage; all built-in ones unless given. */
  readonly kinds?: readonly Kind[];
}

export class ControllerManager implements Component {
  readonly name = 'kube-controller-manager';
  readonly #client: Client;
  readonly #settings: ControllerSettings;
  #informers: SharedInformers | undefined;
  #running: readonly RunningController[] = [];

  constructor({ client, heartbeats, caCertificate, kinds }: ControllerManagerOptions) {
    this.#client = client;
    this.#settings = {
      kinds: kinds ?? builtInKinds,
      heartbeats: heartbeats ?? { nodeHeartbeat: () => undefined },
      caCertificate,
    };
  }

  /** What each controller has done and what waits for it, in the controllers' order; empty while stopped. */
  get figures(): readonly ControllerFigures[] {
    return this.#running.map(({ figures }) => figures);
  }

  start(): void {
    if (this.#informers !== undefined) return;
    const informers = new SharedInformers(this.#client);
    this.#informers = informers;
    this.#running = controllers.map((controller) => this.#run(controller, informers));
    informers.start();
  }

  stop(): void {
    this.#informers?.stop();
    this.#informers = undefined;
    for (const each of this.#running) each.stop();
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
