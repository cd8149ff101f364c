/** `audit.k8s.io/v1` Event: what is told of one request at one stage of it. */
import { microTimestamp, type Instant } from '../../kernel/clock.js';
import type { Status } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import { AUDIT_API_VERSION, type AuditLevel, type AuditStage } from './audit-policy.js';

export interface ObjectReference {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resourceVersion: string;
  readonly subresource: string;
}

/** Only what is known of it: an answer that is no Status has a code alone. */
export type ResponseStatus = Partial<Pick<Status, 'status' | 'message' | 'reason' | 'details' | 'code'>>;

/** As it is kept; `shownEvent` is what others see. */
export interface AuditEvent {
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  /** `undefined` where nobody could be made out. */
  readonly user: UserInfo | undefined;
  readonly impersonatedUser: UserInfo | undefined;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  readonly objectRef: ObjectReference | undefined;
  readonly responseStatus: ResponseStatus | undefined;
  /** JSON text. */
  readonly requestObject: string | undefined;
  /** JSON text. */
  readonly responseObject: string | undefined;
  readonly requestReceivedTimestamp: Instant;
  readonly stageTimestamp: Instant;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** What an event takes besides its texts, roughly. */
const FIXED_BYTES = 800;

/** About how many bytes an event takes in memory. */
export function sizeOfEvent(event: AuditEvent): number {
  const { requestURI, userAgent, requestObject = '', responseObject = '', responseStatus, annotations } = event;
  let size = FIXED_BYTES + requestURI.length + userAgent.length + requestObject.length + responseObject.length;
  if (responseStatus?.message !== undefined) size += 2 * responseStatus.message.length;
  for (const key in annotations) size += key.length + (annotations[key]?.length ?? 0);
  return size;
}

/** The event in the form of `audit.k8s.io/v1`, without what is empty. */
export function shownEvent(event: AuditEvent): object {
  const { level, auditID, stage, requestURI, verb, user, impersonatedUser, sourceIPs, userAgent } = event;
  const { objectRef, responseStatus, requestObject, responseObject, annotations } = event;
  return {
    kind: 'Event',
    apiVersion: AUDIT_API_VERSION,
    level,
    auditID,
    stage,
    requestURI,
    verb,
    user: user === undefined ? {} : shownUser(user),
    ...(impersonatedUser === undefined ? {} : { impersonatedUser: shownUser(impersonatedUser) }),
    ...(sourceIPs.length === 0 ? {} : { sourceIPs }),
    ...(userAgent === '' ? {} : { userAgent }),
    ...(objectRef === undefined ? {} : { objectRef: withoutEmpty(objectRef) }),
    ...(responseStatus === undefined ? {} : { responseStatus: { metadata: {}, ...responseStatus } }),
    ...(requestObject === undefined ? {} : { requestObject: JSON.parse(requestObject) as unknown }),
    ...(responseObject === undefined ? {} : { responseObject: JSON.parse(responseObject) as unknown }),
    requestReceivedTimestamp: microTimestamp(event.requestReceivedTimestamp),
    stageTimestamp: microTimestamp(event.stageTimestamp),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

const shownUser = ({ username, uid = '', groups, extra = {} }: UserInfo): object => ({
  username,
  ...(uid === '' ? {} : { uid }),
  ...(groups.length === 0 ? {} : { groups }),
  ...(Object.keys(extra).length === 0 ? {} : { extra }),
});

const withoutEmpty = (reference: ObjectReference): object =>
  Object.fromEntries(Object.entries(reference).filter(([, value]) => value !== ''));
