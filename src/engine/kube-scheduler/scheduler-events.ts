import type { Client } from '../client/client.js';
import { microTimestamp } from '../kernel/clock.js';
import { eventV1 } from '../kinds/event-v1.js';
import type { ObjectReference, Pod } from '../machinery/api/core-v1.js';

/** Refusals that are remembered so that a repeat continues a series; the longest unused is forgotten first. */
const SERIES_MAX = 512;
/** Longer notes are cut, as upstream does before the API server would refuse them. */
const NOTE_LENGTH_MAX = 1_024;
const CUT = ' ...';
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  /** The other pod that it has to do with. */
  readonly related?: Pod;
}

/** Records in the form of events.k8s.io, as upstream's scheduler does: repeats become one event's series. */
export class SchedulerEvents {
  readonly #client: Client;
  readonly #host: string;
  /** Keys of written events by what they say. */
  readonly #series = new Map<string, { readonly key: string; count: number }>();

  constructor(client: Client, host: string) {
    this.#client = client;
    this.#host = host;
  }

  record(pod: Pod, { type, reason, action, note: told, related }: Note): void {
    const note = told.length > NOTE_LENGTH_MAX ? `${told.slice(0, NOTE_LENGTH_MAX - CUT.length)}${CUT}` : told;
    const identity = [pod.metadata.uid, type, reason, action, note].join('\0');
    const known = this.#series.get(identity);
    const now = microTimestamp(this.#client.simulation.now);
    if (known !== undefined && this.#client.get(eventV1, known.key) !== undefined) {
      known.count++;
      this.#client.patch(eventV1, known.key, { series: { count: known.count, lastObservedTime: now } });
      return;
    }
    const { namespace = 'default', name } = pod.metadata;
    const eventName = `${name}.${this.#nanoseconds()}`;
    if (type === 'Warning') this.#remember(identity, `${namespace}/${eventName}`);
    const controller = pod.spec.schedulerName ?? '';
    this.#client.create(eventV1, namespace, {
      metadata: { name: eventName, namespace },
      eventTime: now,
      reportingController: controller,
      reportingInstance: this.#host === '' ? controller : `${controller}-${this.#host}`,
      action,
      reason,
      regarding: referenceTo(pod),
      ...(related === undefined ? {} : { related: referenceTo(related) }),
      note,
      type,
    });
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

function referenceTo({ metadata }: Pod): ObjectReference {
  const { namespace = 'default', name, uid, resourceVersion } = metadata;
  return {
    kind: 'Pod',
    namespace,
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion: 'v1',
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
