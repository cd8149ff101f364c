import type { Instant } from '../../kernel/clock.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Status } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuditEvent, ObjectReference, ResponseStatus } from './audit-event.js';
import { isAtLeast, type AuditLevel, type AuditStage } from './audit-policy.js';
import type { AuditDecision } from './policy-rules.js';
import type { ResponseText } from './response-text.js';
import { withoutManagers } from './without-managers.js';

/** What an event's bodies may take together; beyond it they are left out, and that is told. */
export const AUDIT_BODIES_BYTES_MAX = 1_024 * 1_024;
const MESSAGE_LENGTH_MAX = 64 * 1_024;
const TRUNCATED_SUFFIX = '...TRUNCATED';
const TRUNCATED_ANNOTATION = 'audit.k8s.io/truncated';
const INTERNAL_ERROR = 500;
const OK = 200;

/** What is known of a request when it arrives. */
export interface RequestFacts {
  readonly auditID: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: UserInfo | undefined;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  /** `undefined` for what is no resource. */
  readonly objectRef: ObjectReference | undefined;
  /** Whether its answer lasts: a watch, a log, a connection. */
  readonly isLongRunning: boolean;
  readonly received: Instant;
}

export interface EventSink {
  add(event: AuditEvent): void;
  now(): Instant;
}

/** One request on its way, as the audit log tells of it. Mirrors apiserver's AuditContext. */
export class AuditRecord {
  readonly #facts: RequestFacts;
  readonly #decision: AuditDecision;
  readonly #sink: EventSink;
  #impersonated: UserInfo | undefined;
  #objectRef: ObjectReference | undefined;
  #status: ResponseStatus | undefined;
  #request: string | undefined;
  #response: string | undefined;
  #isTruncated = false;
  #annotations: Record<string, string> | undefined;
  /** An event holds the annotations as they are: they are not written to any more. */
  #isTold = false;
  #isHeaded = false;
  #isOver = false;

  constructor(facts: RequestFacts, decision: AuditDecision, sink: EventSink) {
    this.#facts = facts;
    this.#decision = decision;
    this.#sink = sink;
    this.#objectRef = facts.objectRef;
  }

  received(): void {
    this.#emit('RequestReceived');
  }

  impersonated(user: UserInfo): void {
    this.#impersonated = user;
  }

  /** What is said first of a key stays. Where a level is given, what tells less leaves it out. */
  annotate(key: string, value: string, level: AuditLevel = 'Metadata'): void {
    if (!isAtLeast(this.#decision.level, level) || this.#annotations?.[key] !== undefined) return;
    if (this.#annotations === undefined) this.#annotations = {};
    else if (this.#isTold) this.#annotations = { ...this.#annotations };
    this.#isTold = false;
    this.#annotations[key] = value;
  }

  /** The object that the request carries, before anything is made of it. */
  requested(object: KubeObject): void {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata ?? {};
    const known = this.#objectRef;
    if (known !== undefined) {
      this.#objectRef = {
        ...known,
        namespace: known.namespace || namespace,
        name: known.name || name,
        uid: known.uid || uid,
        resourceVersion: known.resourceVersion || resourceVersion,
      };
    }
    this.requestedWith(() => encodeJson(this.#shown(object) as object));
  }

  /** The same for what is no object with a name: a patch, the options of a deletion. */
  requestedWith(text: () => string): void {
    if (isAtLeast(this.#decision.level, 'Request')) this.#request = text();
  }

  /** What the request is answered with, where that is an object; `status` where it is a Status. */
  answered(response: ResponseText, status: Status | undefined): void {
    if (status !== undefined) this.#status = responseStatusOf(status);
    if (!isAtLeast(this.#decision.level, 'RequestResponse')) return;
    if (this.#facts.objectRef === undefined && status === undefined) return;
    if (response.length > AUDIT_BODIES_BYTES_MAX) this.#isTruncated = true;
    else if (this.#decision.omitManagedFields) this.#response = encodeJson(this.#shown(response.value) as object);
    else this.#response = response.text();
  }

  /** The head of the answer is on its way. */
  headed(code: number): void {
    if (this.#isHeaded) return;
    this.#isHeaded = true;
    this.#status = this.#status === undefined ? { code } : { ...this.#status, code };
    if (this.#facts.isLongRunning || this.#facts.user === undefined) this.#emit('ResponseStarted');
  }

  /** All of the answer is; or nobody wants it any more. */
  completed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#isHeaded) {
      this.#status = { status: 'Success', message: 'Connection closed early', code: OK };
      if (this.#facts.isLongRunning) this.#emit('ResponseStarted');
    }
    // Of whom nobody knows there is the refusal alone.
    if (this.#facts.user !== undefined) this.#emit('ResponseComplete');
  }

  /** The server itself is at fault. */
  panicked(fault: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const message = `APIServer panic'd: ${fault}`;
    this.#status = { status: 'Failure', message, reason: 'InternalError', code: INTERNAL_ERROR };
    this.#emit('Panic');
  }

  #shown(value: unknown): unknown {
    return this.#decision.omitManagedFields ? withoutManagers(value) : value;
  }

  #emit(stage: AuditStage): void {
    const { level, omitStages } = this.#decision;
    if (omitStages.includes(stage)) return;
    if ((this.#request?.length ?? 0) + (this.#response?.length ?? 0) > AUDIT_BODIES_BYTES_MAX) {
      this.#isTruncated = true;
    }
    if (this.#isTruncated) {
      this.#request = undefined;
      this.#response = undefined;
      this.annotate(TRUNCATED_ANNOTATION, 'true');
    }
    this.#isTold = true;
    const { auditID, requestURI, verb, user, sourceIPs, userAgent, received } = this.#facts;
    this.#sink.add({
      level,
      auditID,
      stage,
      requestURI,
      verb,
      user,
      impersonatedUser: this.#impersonated,
      sourceIPs,
      userAgent,
      objectRef: this.#objectRef,
      responseStatus: this.#status,
      requestObject: this.#request,
      responseObject: this.#response,
      requestReceivedTimestamp: received,
      stageTimestamp: this.#sink.now(),
      annotations: this.#annotations,
    });
  }
}

function responseStatusOf({ status, message, reason, details, code }: Status): ResponseStatus {
  if (message !== undefined && message.length > MESSAGE_LENGTH_MAX) {
    const shown = `${message.slice(0, MESSAGE_LENGTH_MAX)}${TRUNCATED_SUFFIX}`;
    return { status, message: shown, ...(reason === undefined ? {} : { reason }) };
  }
  return {
    status,
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    ...(code === undefined ? {} : { code }),
  };
}
