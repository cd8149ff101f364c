import { between, minutes, timestamp, type Instant } from '../kernel/clock.js';
import type { Event, ObjectReference } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { Client } from './client.js';
import { EventBudget } from './event-budget.js';

/** Events that are remembered so that a repeat raises a count; the longest unused is forgotten first. */
const REMEMBERED_MAX = 512;
/** So many events alike but for their message are told apart within the interval; further ones are told as one. */
const SIMILAR_MAX = 10;
const SIMILAR_INTERVAL = minutes(10);
const COMBINED_PREFIX = '(combined from similar events): ';
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const DEFAULT_NAMESPACE = 'default';

export interface EventSource {
  /** Such as `kubelet` or `deployment-controller`. */
  readonly component: string;
  /** The node that it runs on, where that matters. */
  readonly host?: string;
}

/** A part of an object that an event is about, such as one container of a pod. */
export interface PartOfObject {
  readonly whole: KubeObject;
  /** Such as `spec.containers{app}`. */
  readonly fieldPath: string;
}

interface Remembered {
  readonly key: string;
  count: number;
}

/** Events alike but for their message: how many different messages there were since the last pause. */
interface Similar {
  readonly messages: Set<string>;
  last: Instant;
}

interface Occurrence {
  readonly about: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly fieldPath: string | undefined;
}

/**
 * Tells the users of a cluster what a component did and why, as client-go's recorder and correlator do: equal events are
 * counted, many alike are combined into one, and one object's events are limited to a burst and then a trickle.
 */
export class EventRecorder {
  readonly #client: Client;
  readonly #kind: Kind<Event>;
  readonly #source: EventSource;
  readonly #remembered = new Map<string, Remembered>();
  readonly #similar = new Map<string, Similar>();
  readonly #budget = new EventBudget();
  #lastName = 0n;

  constructor(client: Client, kind: Kind<Event>, source: EventSource) {
    this.#client = client;
    this.#kind = kind;
    this.#source = source;
  }

  record(what: KubeObject | PartOfObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { whole: about, fieldPath } = 'whole' in what ? what : { whole: what, fieldPath: undefined };
    const occurrence = { about, type, reason, message, fieldPath };
    const { uid = '' } = about.metadata;
    const group = [uid, fieldPath, type, reason].join('\0');
    const isCombined = this.#isOneOfMany(group, message);
    if (!this.#budget.spend(uid, this.#client.simulation.now)) return;
    if (isCombined) this.#write(group, { ...occurrence, message: `${COMBINED_PREFIX}${message}` });
    else this.#write(`${group}\0${message}`, occurrence);
  }

  /** Writes an event under a name of its own, or raises the count of the one that stands there under this identity. */
  #write(identity: string, occurrence: Occurrence): void {
    const known = this.#remembered.get(identity);
    if (known !== undefined && this.#client.get(this.#kind, known.key) !== undefined) {
      keepNewest(this.#remembered, identity, known);
      known.count++;
      const { message } = occurrence;
      this.#client.patch(this.#kind, known.key, { count: known.count, lastTimestamp: this.#now, message });
      return;
    }
    const { name, namespace = DEFAULT_NAMESPACE } = occurrence.about.metadata;
    const eventName = `${name}.${this.#nanoseconds()}`;
    keepNewest(this.#remembered, identity, { key: `${namespace}/${eventName}`, count: 1 });
    this.#create(namespace, eventName, occurrence);
  }

  #create(namespace: string, name: string, { about, type, reason, message, fieldPath }: Occurrence): void {
    this.#client.create(this.#kind, namespace, {
      metadata: { name, namespace },
      involvedObject: referenceTo(about, fieldPath),
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

  /** Notes a message of the group; says whether the group has become too many to tell apart. */
  #isOneOfMany(group: string, message: string): boolean {
    const { now } = this.#client.simulation;
    const known = this.#similar.get(group);
    const isFresh = known === undefined || between(known.last, now) > SIMILAR_INTERVAL;
    const similar: Similar = isFresh ? { messages: new Set(), last: now } : known;
    similar.last = now;
    if (similar.messages.size < SIMILAR_MAX) similar.messages.add(message);
    keepNewest(this.#similar, group, similar);
    return similar.messages.size >= SIMILAR_MAX && !similar.messages.has(message);
  }

  get #now(): string {
    return timestamp(this.#client.simulation.now);
  }

  /**
   * The present as upstream puts it into an event's name: nanoseconds in hexadecimal. Chance fills in what is below a
   * millisecond, but what happened later has the later name.
   */
  #nanoseconds(): string {
    const { now, random } = this.#client.simulation;
    const fraction = random.below(NANOSECONDS_PER_MILLISECOND);
    const nanoseconds = BigInt(now) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(fraction);
    this.#lastName = nanoseconds > this.#lastName ? nanoseconds : this.#lastName + 1n;
    return this.#lastName.toString(16);
  }
}

/** Sets an entry as the newest one, and forgets the oldest where there are too many. */
function keepNewest<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= REMEMBERED_MAX) return;
  const oldest = entries.keys().next();
  if (oldest.done !== true) entries.delete(oldest.value);
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
