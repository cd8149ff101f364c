import type { Client } from '../client/client.js';
import { timestamp } from '../kernel/clock.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Pod, PodCondition } from '../machinery/api/core-v1.js';
import { withCondition } from './pod-condition.js';

export interface Unscheduled {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node that the pod is promised; empty takes a promise back, `undefined` leaves it. */
  readonly nominated: string | undefined;
}

/** Writes into pods why they have no node, where they do not say so already. */
export class UnscheduledStatus {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  write(pod: Pod, { reason, message, nominated }: Unscheduled): void {
    const condition = this.#condition(pod, reason, message);
    const promised = pod.status?.nominatedNodeName ?? '';
    const isPromiseKept = nominated === undefined || nominated === promised;
    if (condition === undefined && isPromiseKept) return;
    const told = condition === undefined ? pod : withCondition(pod, condition);
    const { nominatedNodeName: _before, ...status } = told.status ?? {};
    const nominatedNodeName = nominated ?? promised;
    const promise = nominatedNodeName === '' ? {} : { nominatedNodeName };
    this.#client.updateStatus(podKind, { ...told, status: { ...status, ...promise } });
  }

  /** The condition to write; `undefined` where it stands there already. */
  #condition({ metadata, status }: Pod, reason: string, message: string): PodCondition | undefined {
    const known = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.status === 'False' && known.reason === reason && known.message === message) return undefined;
    const { generation } = metadata;
    return {
      type: 'PodScheduled',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime:
        known?.status === 'False' ? (known.lastTransitionTime ?? null) : timestamp(this.#client.simulation.now),
      reason,
      message,
    };
  }
}
