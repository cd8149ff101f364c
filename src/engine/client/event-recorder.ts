import { timestamp, type Instant } from '../kernel/clock.js';
import type { Event, ObjectReference } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { Client } from './client.js';

/** Events that are remembered so that a repeat raises a count; the longest unused is forgotten first. */
const REMEMBERED_MAX = 512;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const DEFAULT_NAMESPACE = 'default';

export interface EventSource {
  /** Such as `kubelet` or `deployment-controller`. */
  readonly component: string;
  /** The node that it runs on, where that matters. */
  readonly host?: string;
}

interface Remembered {
  readonly key: string;
  count: number;
}

/** Tells the users of a cluster what a component did and why, as client-go's recorder does: equal events are counted. */
export class EventRecorder {
  readonly #client: Client;
  readonly #kind: Kind<Event>;
  readonly #source: EventSource;
  readonly #remembered = new Map<string, Remembered>();

  constructor(client: Client, kind: Kind<Event>, source: EventSource) {
    this.#client = client;
    this.#kind = kind;
    this.#source = source;
  }

  /** `fieldPath` names the part that it is about, such as `spec.containers{app}`. */
  record(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): void {
    const involvedObject = referenceTo(about, fieldPath);
    const key = [involvedObject.uid, fieldPath, type, reason, message].join('\0');
    const known = this.#remembered.get(key);
    if (known !== undefined && this.#client.get(this.#kind, known.key) !== undefined) {
      this.#remembered.delete(key);
      this.#remembered.set(key, known);
      known.count++;
      this.#client.patch(this.#kind, known.key, { count: known.count, lastTimestamp: this.#now });
      return;
    }
    const namespace = about.metadata.namespace ?? DEFAULT_NAMESPACE;
    const name = `${about.metadata.name}.${this.#nanoseconds(this.#client.simulation.now)}`;
    this.#remember(key, { key: `${namespace}/${name}`, count: 1 });
    this.#client.create(this.#kind, namespace, {
      metadata: { name, namespace },
      involvedObject,
      reason,
      message,
      source: this.#source,
      firstTimestamp: this.#now,
      lastTimestamp: this.#now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    });
  }

  get #now(): string {
    return timestamp(this.#client.simulation.now);
  }

  #remember(key: string, entry: Remembered): void {
    this.#remembered.set(key, entry);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    const oldest = this.#remembered.keys().next();
    if (oldest.done !== true) this.#remembered.delete(oldest.value);
  }

  /** The present as upstream puts it into an event's name: nanoseconds in hexadecimal. Chance fills in what is below a millisecond. */
  #nanoseconds(now: Instant): string {
    const fraction = this.#client.simulation.random.below(NANOSECONDS_PER_MILLISECOND);
    return (BigInt(now) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(fraction)).toString(16);
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject, fieldPath: string | undefined): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}
