import type { Client } from '../client/client.js';
import type { Informer } from '../client/informer.js';
import { persistentVolumeClaim } from '../kinds/persistent-volume-claim.js';
import { podsByClaim } from '../kinds/pod-claims.js';
import { podsByNode } from '../kinds/pod-indexes.js';
import { pod } from '../kinds/pod.js';
import { awaitsNode } from '../kinds/storage-spec/claim-resize.js';
import type { PersistentVolumeClaim, Pod } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';

export interface PodListener {
  changed(object: Pod): void;
  removed(object: Pod): void;
  /** A volume of the pod has grown, and what is on it has not. */
  volumeGrown(object: Pod): void;
}

/**
 * Deals the changes of pods to the kubelets that they are bound to, so that a change costs one look-up and not one call
 * for every node: the part of the API server's watch cache that serves watches on `spec.nodeName`.
 */
export class PodSource {
  readonly #client: Client;
  readonly #listeners = new Map<string, PodListener>();
  #informer: Informer<Pod> | undefined;
  #claims: Informer<PersistentVolumeClaim> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Calls the listener for every pod bound to the node now, then for every change of one. A node has one listener. */
  subscribe(nodeName: string, listener: PodListener): void {
    this.#listeners.set(nodeName, listener);
    this.#informer ??= this.#client.watch(pod, {
      added: (object) => this.#listenerOf(object)?.changed(object),
      modified: (object) => this.#listenerOf(object)?.changed(object),
      deleted: (object) => this.#listenerOf(object)?.removed(object),
    });
    this.#claims ??= this.#client.watch(persistentVolumeClaim, { modified: (claim) => this.#grown(claim) });
    for (const each of this.#client.indexed(pod, podsByNode, nodeName)) listener.changed(each);
  }

  unsubscribe(nodeName: string): void {
    this.#listeners.delete(nodeName);
    if (this.#listeners.size > 0) return;
    this.#informer?.stop();
    this.#informer = undefined;
    this.#claims?.stop();
    this.#claims = undefined;
  }

  #grown(claim: PersistentVolumeClaim): void {
    if (!awaitsNode(claim)) return;
    for (const each of this.#client.indexed(pod, podsByClaim, keyOf(claim))) this.#listenerOf(each)?.volumeGrown(each);
  }

  #listenerOf(object: Pod): PodListener | undefined {
    const { nodeName } = object.spec;
    return nodeName === undefined ? undefined : this.#listeners.get(nodeName);
  }
}
