import type { Client } from '../client/client.js';
import { microTimestamp } from '../kernel/clock.js';
import { event as eventKind } from '../kinds/event.js';
import type { Event, Pod } from '../machinery/api/core-v1.js';

/** Refusals that are remembered so that a repeat continues a series; the longest unused is forgotten first. */
const SERIES_MAX = 512;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** Records in the form of events.k8s.io, as upstream's scheduler does: repeats become one event's series. */
export class SchedulerEvents {
  readonly #client: Client;
  readonly #controller: string;
  /** Keys of written events by what they say. */
  readonly #series = new Map<string, { readonly key: string; count: number }>();

  constructor(client: Client, controller: string) {
    this.#client = client;
    this.#controller = controller;
  }

  record(pod: Pod, { type, reason, action, note }: Note): void {
    const identity = [pod.metadata.uid, type, reason, action, note].join('\0');
    const known = this.#series.get(identity);
    const now = microTimestamp(this.#client.simulation.now);
    if (known !== undefined && this.#client.get(eventKind, known.key) !== undefined) {
      known.count++;
      this.#client.patch(eventKind, known.key, { series: { count: known.count, lastObservedTime: now } });
      return;
    }
    const { namespace = 'default', name, uid, resourceVersion } = pod.metadata;
    const eventName = `${name}.${this.#nanoseconds()}`;
    if (type === 'Warning') this.#remember(identity, `${namespace}/${eventName}`);
    const object: Omit<Event, 'apiVersion' | 'kind' | 'metadata'> = {
      involvedObject: {
        kind: 'Pod',
        namespace,
        name,
        apiVersion: 'v1',
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      reason,
      message: note,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime: now,
      action,
      reportingComponent: this.#controller,
      reportingInstance: this.#controller,
    };
    this.#client.create(eventKind, namespace, { metadata: { name: eventName, namespace }, ...object });
  }

  #remember(identity: string, key: string): void {
    this.#series.set(identity, { key, count: 1 });
    if (this.#series.size <= SERIES_MAX) return;
    const oldest = this.#series.keys().next();
    if (oldest.done !== true) this.#series.delete(oldest.value);
  }

  #nanoseconds(): string {
    const { now, random } = this.#client.simulation;
    return (
      BigInt(now) * BigInt(NANOSECONDS_PER_MILLISECOND) +
      BigInt(random.below(NANOSECONDS_PER_MILLISECOND))
    ).toString(16);
  }
}
