import type { Client } from '../client/client.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Pod, PodStatus } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { OWN_CONDITIONS } from './pod-status.js';

const OWN_FIELDS = [
  'observedGeneration',
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

/**
 * What a kubelet has said of one pod. What others write over it stays until the pod itself changes; then all is said
 * anew. (Upstream's kubelet takes it back within ten seconds, by a poll.)
 */
export class PodReport {
  readonly #client: Client;
  #last: PodStatus | undefined;
  /** A mirror of a static pod may come back as another object. */
  #about: string | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  /** The pod as it was left here, with what others added: what the next status is made from. */
  seen(pod: Pod): Pod {
    const last = this.#last;
    if (last === undefined || this.#about !== pod.metadata.uid) return pod;
    const isOwn = ({ type }: { readonly type: string }): boolean => OWN_CONDITIONS.has(type);
    const conditions = [
      ...(last.conditions ?? []).filter(isOwn),
      ...(pod.status?.conditions ?? []).filter((each) => !isOwn(each)),
    ];
    const own = Object.fromEntries(OWN_FIELDS.flatMap((field) => (field in last ? [[field, last[field]]] : [])));
    return { ...pod, status: { ...pod.status, ...own, conditions } };
  }

  /** Writes a status that was made from `seen`, where it says anything new. */
  write(pod: Pod, seen: Pod, status: PodStatus): void {
    if (deepEqual(status, seen.status)) return;
    this.#last = status;
    this.#about = pod.metadata.uid;
    this.#client.updateStatus(podKind, { ...pod, status });
  }
}
