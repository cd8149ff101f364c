// Mirrors upstream's resource quota controller: what a namespace uses of its quotas, worked out anew when a quota changes
// and when something is freed; what is added is charged by admission.
import { after, between, milliseconds, minutes, type Instant } from '../../kernel/clock.js';
import { quotaEvaluator } from '../../kinds/quota-spec/quota-evaluator.js';
import { isInScopes, isSameList, masked, sumOf, textsOf } from '../../kinds/quota-spec/quota-usage.js';
import { kinds } from '../../kinds/registry.js';
import { resourceQuota } from '../../kinds/resource-quota.js';
import { quantitiesOf, type Quantities } from '../../kinds/shared/pod-totals.js';
import type { ResourceQuota } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { keyOf, type KubeObject } from '../../machinery/object.js';
import { quantityOf } from '../../machinery/quantity.js';
import { defineController, watching, type ControllerWatch, type ReconcileContext } from '../controller.js';
import { ownObjects } from '../own-kinds.js';

/** Deletions are gathered so long. */
const BATCH_PERIOD = milliseconds(100);
/** What was charged for writes that came to nothing in the end is taken back after this time. */
const RECOUNT_AFTER = minutes(5);
const ZERO = quantityOf(0);

interface State {
  /** Quotas of which something was freed. */
  readonly freed: Set<string>;
  /** When quotas that were charged are counted anew. */
  readonly recounts: Map<string, Instant>;
}

type Context = ReconcileContext<State>;

const quotable = ownObjects(kinds).filter((kind) => quotaEvaluator(kind) !== undefined);

export const resourceQuotaController = defineController<ResourceQuota, State>({
  name: 'resourcequota-controller',
  primary: resourceQuota,
  watches: quotable.map(frees),
  custom: {
    watch: frees,
    served(kind, { client, state }) {
      const keys = concernedBy(kind, client.list(resourceQuota));
      for (const key of keys) state.freed.add(key);
      return keys;
    },
  },
  batchPeriod: () => BATCH_PERIOD,
  newState: () => ({ freed: new Set(), recounts: new Map() }),

  reconcile(context, quota) {
    const { key, state, simulation } = context;
    if (quota === undefined) {
      state.freed.delete(key);
      state.recounts.delete(key);
      return undefined;
    }
    const isFreed = state.freed.delete(key);
    const isNew = quota.status?.used === undefined || !isSameList(quota.spec.hard, quota.status.hard);
    if (!isFreed && !isNew) {
      const due = state.recounts.get(key) ?? after(simulation.now, RECOUNT_AFTER);
      state.recounts.set(key, due);
      if (simulation.now < due) return between(simulation.now, due);
    }
    state.recounts.delete(key);
    count(context, quota);
    return undefined;
  },
});

function frees(kind: Kind): ControllerWatch<KubeObject, State> {
  const evaluator = quotaEvaluator(kind);
  return watching<KubeObject, State>({
    kind,
    matters: (object, previous) => evaluator?.frees?.(object, previous) ?? false,
    map(object, { client, state }, type) {
      if (type === 'added') return [];
      const keys = concernedBy(kind, client.list(resourceQuota, object.metadata.namespace));
      for (const key of keys) state.freed.add(key);
      return keys;
    },
  });
}

const concernedBy = (kind: Kind, quotas: readonly ResourceQuota[]): readonly string[] =>
  quotas
    .filter(({ status }) => (quotaEvaluator(kind)?.matching(Object.keys(status?.hard ?? {})) ?? []).length > 0)
    .map(keyOf);

function count({ client, simulation, informers }: Context, quota: ResourceQuota): void {
  const { namespace = '' } = quota.metadata;
  const hard = quota.spec.hard ?? {};
  const names = Object.keys(hard);
  let used: Quantities = masked(quantitiesOf(quota.status?.used), names);
  for (const kind of [...quotable, ...informers.customKinds]) {
    const evaluator = quotaEvaluator(kind);
    const own = evaluator?.matching(names) ?? [];
    if (evaluator === undefined || own.length === 0) continue;
    let total: Quantities = Object.fromEntries(own.map((name) => [name, ZERO]));
    for (const object of client.list(kind, namespace)) {
      if (!isInScopes(evaluator, quota, object)) continue;
      total = sumOf(total, masked(evaluator.usage(object, simulation.now), own));
    }
    used = { ...used, ...total };
  }
  const status = { hard, used: textsOf(used) };
  const isSame = isSameList(status.hard, quota.status?.hard) && isSameList(status.used, quota.status?.used);
  if (!isSame || quota.status?.used === undefined) client.updateStatus(resourceQuota, { ...quota, status });
}
