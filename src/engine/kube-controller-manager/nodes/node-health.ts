import { after, parseTimestamp, seconds, timestamp, type Instant } from '../../kernel/clock.js';
import type { Lease } from '../../machinery/api/coordination-v1.js';
import type { Node, NodeCondition } from '../../machinery/api/core-v1.js';
import { readyConditionOf } from './node-taints.js';

/** Upstream's `--node-monitor-grace-period` since 1.32. */
const GRACE_PERIOD = seconds(50);
/** Upstream's `--node-startup-grace-period`: for a node that never told its state. */
const STARTUP_GRACE_PERIOD = seconds(60);
/** A kubelet renews its Lease every ten seconds. */
const RENEWAL_AGE_MAX_MS = 10_000;
const WATCHED_CONDITIONS: readonly string[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What was last seen of a node's signs of life, and when one counted last. */
export interface NodeProbe {
  readonly renewTime: string | undefined;
  readonly heartbeat: string | undefined;
  readonly at: Instant;
}

/**
 * Counts signs of life that are new. The last renewal that a stopped kubelet leaves behind counts by its own time; one whose
 * time is not ours (a client's heartbeat by another clock) counts as now, as upstream counts all.
 */
export function probed(former: NodeProbe | undefined, object: Node, lease: Lease | undefined, now: Instant): NodeProbe {
  const ready = readyConditionOf(object);
  const renewTime = lease?.spec.renewTime ?? undefined;
  const heartbeat = ready === undefined ? undefined : (ready.lastHeartbeatTime ?? '');
  if (former === undefined) {
    const texts = [object.metadata.creationTimestamp ?? '', renewTime ?? '', heartbeat ?? ''];
    const latest = Math.max(...texts.map((text) => parseTimestamp(text) ?? 0));
    return { renewTime, heartbeat, at: Math.min(latest, now) as Instant };
  }
  if (former.renewTime === renewTime && former.heartbeat === heartbeat) return former;
  let at: Instant = former.at;
  if (renewTime !== former.renewTime) at = Math.max(at, timeOfSign(renewTime, now)) as Instant;
  if (heartbeat !== former.heartbeat) at = Math.max(at, timeOfSign(heartbeat, now)) as Instant;
  return { renewTime, heartbeat, at };
}

function timeOfSign(text: string | undefined, now: Instant): Instant {
  const time = parseTimestamp(text ?? '');
  return time !== undefined && time <= now && now - time <= RENEWAL_AGE_MAX_MS ? time : now;
}

/** When a node without further signs of life is given up. */
export const deadlineOf = (object: Node, { at }: NodeProbe): Instant =>
  after(at, readyConditionOf(object) === undefined ? STARTUP_GRACE_PERIOD : GRACE_PERIOD);

/** The conditions of a node that nothing is known of any more; `undefined` when they say so already. */
export function unknownConditions({ metadata, status }: Node, now: Instant): readonly NodeCondition[] | undefined {
  const former = status?.conditions ?? [];
  const time = timestamp(now);
  const conditions = former.map((each): NodeCondition => {
    if (!WATCHED_CONDITIONS.includes(each.type) || each.status === 'Unknown') return each;
    const message = 'Kubelet stopped posting node status.';
    return { ...each, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: time };
  });
  const missing = WATCHED_CONDITIONS.filter((type) => !former.some((each) => each.type === type));
  const isChanged = missing.length > 0 || conditions.some((each, index) => each !== former[index]);
  if (!isChanged) return undefined;
  for (const type of missing) {
    conditions.push({
      type,
      status: 'Unknown',
      lastHeartbeatTime: metadata.creationTimestamp ?? null,
      lastTransitionTime: time,
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    });
  }
  return conditions;
}
