/**
 * Tells of requests what the cluster's audit policy says. Mirrors apiserver's `WithAudit` filter, with the trail in memory for
 * a backend. Left out: what components read, which is no request here, and latencies.
 */
import type { Instant } from '../../kernel/clock.js';
import { Random } from '../../kernel/random.js';
import type { Simulation } from '../../kernel/simulation.js';
import { node as nodeKind } from '../../kinds/node.js';
import type { ApiCall } from '../../machinery/resource-api.port.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { clusterAdministrator, type UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes, Authorizer } from '../authorizer.port.js';
import { requestAttributes } from '../authorization/request-attributes.js';
import type { Query } from '../query.js';
import { SERVED_VERSION, versionInfo } from '../version.js';
import type { ObjectWatchRequest } from '../watch/object-watch.js';
import type { WireRequest } from '../wire.js';
import type { AuditEvent } from './audit-event.js';
import type { AuditPolicy } from './audit-policy.js';
import { AuditRecord, type EventSink } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { callAttributes } from './call-attributes.js';
import { auditDecision } from './policy-rules.js';
import { sourceAddresses } from './source-addresses.js';

const ID_HEADER = 'audit-id';
const USER_AGENT_LENGTH_MAX = 1_024;
const TRUNCATED_SUFFIX = '...TRUNCATED';
const LONG_RUNNING_VERBS: readonly string[] = ['watch', 'proxy'];
const LONG_RUNNING_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'proxy', 'log', 'portforward'];
/** In place of what an HTTP client says of itself. */
const STREAM_AGENT = 'socket.io';
const NODE_USER_PREFIX = 'system:node:';
const LOOPBACK_USER = 'system:apiserver';
const LOOPBACK_ADDRESS = '127.0.0.1';
const DECISION_ANNOTATION = 'authorization.k8s.io/decision';
const REASON_ANNOTATION = 'authorization.k8s.io/reason';
/** Sets the identifiers of events apart from those of objects, which come from the same seed. */
const IDENTIFIERS = 0x61756469;
const NOBODY: UserInfo = Object.freeze({ username: '', groups: Object.freeze([]) });

export interface AuditOptions {
  /** Without one nothing is told. */
  readonly policy?: AuditPolicy | undefined;
  /** Where the components of the control plane send from. */
  readonly address?: string | undefined;
}

interface AuditorOptions extends AuditOptions {
  readonly simulation: Simulation;
  readonly reader: ResourceReader;
  readonly authorizer: Authorizer;
  revision(): number;
}

/** A request over HTTP, before it is routed. */
interface Arrival {
  readonly request: WireRequest;
  readonly query: Query;
}

export class Auditor implements EventSink {
  readonly #options: AuditorOptions;
  #policy: AuditPolicy | undefined;
  #trail: AuditTrail | undefined;
  #identifiers: Random | undefined;

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  get policy(): AuditPolicy | undefined {
    return this.#policy;
  }

  /** In effect with the next request. What was told already stays. */
  set policy(policy: AuditPolicy | undefined) {
    this.#policy = policy;
  }

  /** What was told since the cluster was started; made when somebody asks, or there is something to tell. */
  get trail(): AuditTrail {
    return (this.#trail ??= new AuditTrail(this.#random));
  }

  add(event: AuditEvent): void {
    this.trail.add(event, this.#options.revision());
  }

  now(): Instant {
    return this.#options.simulation.now;
  }

  /** `undefined` where nothing is to be told. The user is, where authentication has failed. */
  arrived({ request, query }: Arrival, user: UserInfo | undefined): AuditRecord | undefined {
    if (this.#policy === undefined) return undefined;
    const { headers, path } = request;
    const record = this.#record(requestAttributes(request, query, user ?? NOBODY), user, {
      // Without the door's own, as in process, there is still what the client gave.
      auditID: request.auditID ?? headers[ID_HEADER],
      requestURI: request.query === '' ? path : `${path}?${request.query}`,
      sourceIPs: sourceAddresses(request),
      userAgent: agentOf(headers['user-agent'] ?? ''),
    });
    if (user !== undefined) record?.received();
    return record;
  }

  /** The same for a watch below HTTP, which only the cluster's administrator has. */
  watched(request: ObjectWatchRequest): AuditRecord | undefined {
    if (this.#policy === undefined) return undefined;
    const { kind, ...selection } = request;
    const { namespace = '', labelSelector, fieldSelector, resourceVersion } = selection;
    const { group, version, plural: resource } = kind;
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const path = namespace === '' ? `${root}/${resource}` : `${root}/namespaces/${namespace}/${resource}`;
    const query = Object.entries({ watch: 'true', labelSelector, fieldSelector, resourceVersion })
      .filter(([, value]) => value !== undefined)
      .map(([key, value = '']) => `${key}=${encodeURIComponent(value)}`);
    const asked = { verb: 'watch', group, version, resource, subresource: '', namespace, name: '', path };
    const user = clusterAdministrator;
    const from = {
      auditID: undefined,
      requestURI: `${path}?${query.join('&')}`,
      sourceIPs: [],
      userAgent: STREAM_AGENT,
    };
    const record = this.#record({ ...asked, user, isResource: true }, user, from);
    if (record === undefined) return undefined;
    record.received();
    authorized(record, true, '');
    return record;
  }

  /** The same for a call of a component, which is not asked what it may do: it tells by what it may. */
  called(call: ApiCall): AuditRecord | undefined {
    if (this.#policy === undefined) return undefined;
    const { user, fieldManager } = call;
    const attributes = callAttributes(call);
    const record = this.#record(attributes, user, {
      auditID: undefined,
      requestURI: attributes.path,
      sourceIPs: this.#addressesOf(user),
      userAgent: `${fieldManager}/${SERVED_VERSION} (${versionInfo.platform}) kubernetes/${versionInfo.gitCommit.slice(0, 7)}`,
    });
    if (record === undefined) return undefined;
    record.received();
    const { isAllowed, reason } = this.#options.authorizer.authorize(attributes);
    authorized(record, true, isAllowed ? reason : '');
    return record;
  }

  #record(
    attributes: AuthorizationAttributes,
    user: UserInfo | undefined,
    from: {
      readonly auditID: string | undefined;
      readonly requestURI: string;
      readonly sourceIPs: readonly string[];
      readonly userAgent: string;
    },
  ): AuditRecord | undefined {
    if (this.#policy === undefined) return undefined;
    const decision = auditDecision(this.#policy, attributes, user);
    if (decision.level === 'None') return undefined;
    const {
      verb,
      group: apiGroup,
      version: apiVersion,
      resource,
      subresource,
      namespace,
      name,
      isResource,
    } = attributes;
    // Spelled out: spread literals are the dearest part of a request otherwise.
    const { requestURI, sourceIPs, userAgent, auditID: given } = from;
    const auditID = given === undefined || given === '' ? this.#random.uuid() : given;
    const objectRef = isResource
      ? { resource, namespace, name, uid: '', apiGroup, apiVersion, resourceVersion: '', subresource }
      : undefined;
    const isLongRunning =
      isResource && (LONG_RUNNING_VERBS.includes(verb) || LONG_RUNNING_SUBRESOURCES.includes(subresource));
    const received = this.now();
    const facts = { auditID, requestURI, verb, user, sourceIPs, userAgent, objectRef, isLongRunning, received };
    return new AuditRecord(facts, decision, this);
  }

  #addressesOf({ username }: UserInfo): readonly string[] {
    const { reader, address } = this.#options;
    if (username === LOOPBACK_USER) return [LOOPBACK_ADDRESS];
    if (!username.startsWith(NODE_USER_PREFIX)) return address === undefined ? [] : [address];
    const node = reader.get(nodeKind, username.slice(NODE_USER_PREFIX.length));
    const internal = node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    return internal === undefined ? [] : [internal];
  }

  /** Of its own: the cluster's history is the same whether somebody is told of it or not. */
  get #random(): Random {
    if (this.#identifiers === undefined) {
      const [a, b, c, counter] = this.#options.simulation.random.state;
      this.#identifiers = new Random([a ^ IDENTIFIERS, b, c, counter]);
    }
    return this.#identifiers;
  }
}

/** What an authoriser said. */
export function authorized(record: AuditRecord, isAllowed: boolean, reason: string): void {
  record.annotate(DECISION_ANNOTATION, isAllowed ? 'allow' : 'forbid');
  record.annotate(REASON_ANNOTATION, reason);
}

const agentOf = (given: string): string =>
  given.length > USER_AGENT_LENGTH_MAX ? `${given.slice(0, USER_AGENT_LENGTH_MAX)}${TRUNCATED_SUFFIX}` : given;
