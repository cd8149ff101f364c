import type { Client } from '../client/client.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { KubeObject } from '../machinery/object.js';
import type { Cycle, Plugin, Reservation, SchedulingWorld } from './framework.js';
import type { NodeInfo } from './node-info.js';
import type { QueuedPod } from './queued-pod.js';

export interface BindingCycleOptions {
  readonly client: Client;
  readonly world: SchedulingWorld;
  onBound(queued: QueuedPod, pod: Pod, nodeName: string): void;
  onFailure(queued: QueuedPod, pod: Pod, message: string): void;
}

export interface Placement {
  readonly queued: QueuedPod;
  readonly cycle: Cycle;
  readonly node: NodeInfo;
  readonly reservers: readonly Plugin[];
}

/** Carries a decision out: the pod counts on its node at once, is prepared for if need be, and is bound. */
export class BindingCycle {
  readonly #options: BindingCycleOptions;
  #isStopped = false;

  constructor(options: BindingCycleOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  begin(placement: Placement): void {
    const { cycle, node, reservers } = placement;
    cycle.cache.place(cycle.info, node.name);
    const reservations: { readonly plugin: Plugin; readonly reservation: Reservation }[] = [];
    for (const plugin of reservers) {
      const reservation = plugin.reserve?.(cycle, node);
      if (reservation !== undefined) reservations.push({ plugin, reservation });
    }
    const needsTime = reservations.some(({ reservation }) => reservation.prepare !== undefined);
    if (needsTime) this.#announce(placement);
    const undo = (): void => {
      for (const { reservation } of reservations.toReversed()) reservation.undo();
    };
    const prepareNext = (index: number): void => {
      const next = reservations[index];
      if (next === undefined) return this.#bind(placement, undo);
      if (next.reservation.prepare === undefined) return prepareNext(index + 1);
      next.reservation.prepare((failure) => {
        if (this.#isStopped) return;
        if (failure === undefined) return prepareNext(index + 1);
        this.#fail(placement, undo, `running PreBind plugin "${next.plugin.name}": ${failure}`);
      });
    };
    prepareNext(0);
  }

  /** Tells others, such as autoscalers, where a pod is about to go that is not bound at once. */
  #announce({ queued, node }: Placement): void {
    const status = { nominatedNodeName: node.name };
    this.#options.client.patchStatus(podKind, queued.key, { status }, () => undefined);
  }

  #bind(placement: Placement, undo: () => void): void {
    const { queued, cycle, node } = placement;
    const { name, namespace, uid } = cycle.pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { kind: 'Node', name: node.name },
    };
    const { client } = this.#options;
    client.post<KubeObject>(podKind, { key: queued.key, subresource: 'binding' }, binding, ({ error }) => {
      if (this.#isStopped) return;
      if (error === undefined) return this.#options.onBound(queued, cycle.pod, node.name);
      this.#fail(placement, undo, `running Bind plugin "DefaultBinder": ${error.message}`);
    });
  }

  #fail({ queued, cycle }: Placement, undo: () => void, message: string): void {
    undo();
    cycle.cache.removePod(queued.uid);
    this.#options.onFailure(queued, cycle.pod, message);
  }
}
