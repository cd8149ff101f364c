import { timestamp, type Instant } from '../../kernel/clock.js';
import type { Node, NodeCondition, Taint } from '../../machinery/api/core-v1.js';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** The taint that a condition in a state calls for. */
const TAINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const MANAGED_KEYS: ReadonlySet<string> = new Set([
  UNSCHEDULABLE,
  ...Object.values(TAINTS).flatMap((byStatus) => Object.values(byStatus)),
]);

export const readyConditionOf = ({ status }: Node): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');

/** Whether pods may be made to leave a node, may only be if they are already, or may not. */
type Eviction = 'evict' | 'keep' | 'release';

/** The taints that a node should have; `undefined` when it has them. */
export function wantedTaints(object: Node, eviction: Eviction, now: Instant): readonly Taint[] | undefined {
  const current = object.spec.taints ?? [];
  const wanted = [...noScheduleTaints(object), ...noExecuteTaints(object, eviction)];
  const kept = current.filter((taint) => !isManaged(taint) || wanted.some((each) => isSame(each, taint)));
  const added = wanted.filter((taint) => !current.some((each) => isSame(each, taint)));
  if (added.length === 0 && kept.length === current.length) return undefined;
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: timestamp(now) }))];
}

/** Whether the node still needs a taint that makes its pods leave. */
export const lacksNoExecute = (object: Node): boolean =>
  noExecuteTaints(object, 'evict').some((taint) => !object.spec.taints?.some((each) => isSame(each, taint)));

function noScheduleTaints({ spec, status }: Node): readonly Taint[] {
  const taints = (status?.conditions ?? []).flatMap(({ type, status: state }): readonly Taint[] => {
    const key = TAINTS[type]?.[state];
    return key === undefined ? [] : [{ key, effect: 'NoSchedule' }];
  });
  return spec.unschedulable === true ? [...taints, { key: UNSCHEDULABLE, effect: 'NoSchedule' }] : taints;
}

/** A node that must not be evicted now keeps what it has, changed from one sort to the other. */
function noExecuteTaints(object: Node, eviction: Eviction): readonly Taint[] {
  const state = eviction === 'release' ? undefined : readyConditionOf(object)?.status;
  const key = state === undefined ? undefined : TAINTS['Ready']?.[state];
  if (key === undefined) return [];
  const isEvicted = object.spec.taints?.some(isEviction) ?? false;
  return eviction === 'evict' || isEvicted ? [{ key, effect: 'NoExecute' }] : [];
}

const isEviction = ({ key, effect }: Taint): boolean =>
  effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);

const isManaged = (taint: Taint): boolean =>
  taint.effect === 'NoSchedule' ? MANAGED_KEYS.has(taint.key) : isEviction(taint);

const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
