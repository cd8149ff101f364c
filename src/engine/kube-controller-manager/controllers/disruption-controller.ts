// Mirrors upstream's disruption controller: how many pods of a budget may be disrupted now.
import { after, instant, milliseconds, minutes, parseTimestamp, timestamp, type Duration } from '../../kernel/clock.js';
import { podDisruptionBudget } from '../../kinds/pod-disruption-budget.js';
import { pod } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { Condition } from '../../machinery/api/meta-v1.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../machinery/api/policy-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { expectationOf } from '../disruption/expected-pods.js';
import { isReady } from '../pods.js';
import { selectorText } from '../selector-text.js';
import { without } from '../without.js';

/** So long after its eviction a pod that is still there counts again. */
const DELETION_TIMEOUT = minutes(2);

type Context = ReconcileContext<undefined>;
type DisruptedPods = NonNullable<PodDisruptionBudgetStatus['disruptedPods']>;

export const disruptionController = defineController<PodDisruptionBudget>({
  name: 'controllermanager',
  option: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  primary: podDisruptionBudget,
  watches: [watching<Pod, undefined>({ kind: pod, matters: mattersToBudget, map: budgetsOf })],

  reconcile(context, budget) {
    if (budget === undefined) return undefined;
    const { client, recorder, simulation } = context;
    const { namespace } = budget.metadata;
    const pods = client.list(pod, namespace).filter((each) => guards(budget, each));
    if (pods.length === 0) recorder.record(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expectation = expectationOf(context, budget, pods);
    if ('fault' in expectation) {
      const words = `Failed to calculate the number of expected pods: ${expectation.fault}`;
      recorder.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', words);
      failSafe(context, budget, expectation.fault);
      context.retry();
      return undefined;
    }
    if (expectation.unmanaged.length > 0) recorder.record(budget, 'Warning', 'UnmanagedPods', unmanagedWords(budget));
    const { disrupted, again } = disruptedPods(context, budget, pods);
    const healthy = pods.filter(
      (each) => each.metadata.deletionTimestamp === undefined && !(each.metadata.name in disrupted) && isReady(each),
    ).length;
    const { expected, desired } = expectation;
    const allowed = expected <= 0 ? 0 : Math.max(healthy - desired, 0);
    const { generation } = budget.metadata;
    const status: PodDisruptionBudgetStatus = {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
      conditions: withCondition(budget.status?.conditions ?? [], {
        type: 'DisruptionAllowed',
        status: allowed > 0 ? 'True' : 'False',
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        lastTransitionTime: timestamp(simulation.now),
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      }),
    };
    if (!deepEqual(status, budget.status)) client.updateStatus(podDisruptionBudget, { ...budget, status });
    return again;
  },
});

const guards = ({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean =>
  spec?.selector !== undefined && matches(fromLabelSelector(spec.selector), metadata.labels);

/** Pods that were evicted a short while ago and are still there do not count as healthy. */
function disruptedPods(
  { recorder, simulation }: Context,
  { metadata, status }: PodDisruptionBudget,
  pods: readonly Pod[],
): { readonly disrupted: DisruptedPods; readonly again: Duration | undefined } {
  const disrupted: Record<string, string> = {};
  let next: number | undefined;
  for (const each of pods) {
    const time = status?.disruptedPods?.[each.metadata.name];
    if (time === undefined || each.metadata.deletionTimestamp !== undefined) continue;
    const expiry = after(parseTimestamp(time) ?? instant(0), DELETION_TIMEOUT);
    if (expiry < simulation.now) {
      const { namespace = '' } = metadata;
      const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
      recorder.record(each, 'Warning', 'NotDeleted', message);
      continue;
    }
    disrupted[each.metadata.name] = time;
    const wait = expiry - simulation.now + 1;
    if (next === undefined || wait < next) next = wait;
  }
  return { disrupted, again: next === undefined ? undefined : milliseconds(next) };
}

/** Where nothing can be told, nothing may be disrupted. */
function failSafe({ client, simulation }: Context, budget: PodDisruptionBudget, message: string): void {
  const former = budget.status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  const status: PodDisruptionBudgetStatus = {
    ...former,
    disruptionsAllowed: 0,
    conditions: withCondition(former.conditions ?? [], {
      type: 'DisruptionAllowed',
      status: 'False',
      ...(former.observedGeneration === undefined ? {} : { observedGeneration: former.observedGeneration }),
      lastTransitionTime: timestamp(simulation.now),
      reason: 'SyncFailed',
      message,
    }),
  };
  if (!deepEqual(status, budget.status)) client.updateStatus(podDisruptionBudget, { ...budget, status });
}

function withCondition(conditions: readonly Condition[], wanted: Condition): readonly Condition[] {
  const old = conditions.find(({ type }) => type === wanted.type);
  if (old === undefined) return [...conditions, wanted];
  const lastTransitionTime = old.status === wanted.status ? old.lastTransitionTime : wanted.lastTransitionTime;
  return conditions.map((each) =>
    each === old ? { ...without(wanted, 'lastTransitionTime'), lastTransitionTime } : each,
  );
}

const unmanagedWords = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec?.selector ?? {})}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

function mattersToBudget(object: Pod, previous: Pod): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences) ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    isReady(object) !== isReady(previous)
  );
}

function budgetsOf(object: Pod, { client, recorder }: MapContext<undefined>, type: string): readonly string[] {
  const { namespace = '', name } = object.metadata;
  const budgets = client.list(podDisruptionBudget, namespace).filter((each) => guards(each, object));
  const [first, second] = budgets;
  if (first !== undefined && second !== undefined && type !== 'deleted') {
    const words = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${first.metadata.name}" arbitrarily.`;
    recorder.record(object, 'Warning', 'MultiplePodDisruptionBudgets', words);
  }
  return budgets.map(keyOf);
}
