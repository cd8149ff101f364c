import { timestamp } from '../../kernel/clock.js';
import { podDisruptionBudget } from '../../kinds/pod-disruption-budget.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { Pod, PodCondition } from '../../machinery/api/core-v1.js';
import type { Condition } from '../../machinery/api/meta-v1.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../machinery/api/policy-v1.js';
import { invalid as invalidField } from '../../machinery/field-error.js';
import { defineKind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import {
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  tooManyRequests,
  unknownError,
} from '../../machinery/status-error.js';
import type { ServerParts } from '../server-parts.js';
import type { DeleteOptions } from '../writes/delete-options.js';
import type { Settle } from '../writes/settled.js';
import { defineAction, DONE, type ActionCall, type ActionDone } from './action.js';

const OF_PODS = { group: '', resource: 'pods' };
const OF_BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' };
/** What upstream's refusals call it. */
const OF_BUDGET = { group: 'policy', resource: 'poddisruptionbudget' };
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
const RETRY_SECONDS = 10;
const ALLOWED = 'DisruptionAllowed';
/** Pods on their way out that a budget remembers. */
const DISRUPTED_PODS_MAX = 2_000;

interface EvictionOptions extends DeleteOptions {
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

interface Eviction {
  readonly metadata?: { readonly name?: string };
  readonly deleteOptions?: EvictionOptions;
}

/** Deletes a pod if its disruption budget lets it go. Mirrors upstream's EvictionREST. */
export const eviction = defineAction({
  resource: 'pods/eviction',

  posts: defineKind<KubeObject>({
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    plural: 'evictions',
    scope: 'Namespaced',
    type: 'k8s.io/api/policy/v1.Eviction',
    verbs: ['create'],
    columns: [],
    isVirtual: true,
  }),
  otherVersions: ['v1beta1'],

  run(parts, call, settle) {
    const { metadata, deleteOptions = {} } = call.body as Eviction;
    const name = nameOf(call.key);
    if (metadata?.name !== name) throw badRequest('name in URL does not match name in Eviction object');
    checkOptions(name, deleteOptions);
    parts.admission.validate(call.attributes, call.scope, settle, () => evict(parts, call, deleteOptions, settle));
  },
});

function evict(parts: ServerParts, call: ActionCall, deleteOptions: EvictionOptions, settle: Settle<ActionDone>): void {
  const name = nameOf(call.key);
  const isDryRun = call.scope.isDryRun || (deleteOptions.dryRun?.length ?? 0) > 0;
  const pod = parts.reader.get(podKind, call.key);
  if (pod === undefined) throw notFound(OF_PODS, name);
  if (!isBeyondBudgets(pod)) askBudget(parts, pod, isDryRun);
  checkPreconditions(pod, deleteOptions);
  if (!isDryRun) markEvicted(parts, call, pod);
  const { preconditions: _checked, ...options } = deleteOptions;
  // Nobody is asked about the deletion: the eviction was judged.
  const scope = { ...call.scope, isDryRun, subresource: undefined, isAdmitted: true as const };
  parts.deleter.delete(scope, call.key, options, ({ value, error }) =>
    error === undefined ? settle({ value: { body: DONE, status: 201, revision: value.revision } }) : settle({ error }),
  );
}

/** Pods that disturb nobody by going: finished, not begun, or going already. */
const isBeyondBudgets = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '');

/** @throws StatusError 429 when the budget is used up */
function askBudget(parts: ServerParts, pod: Pod, isDryRun: boolean): void {
  const budgets = parts.reader.list(podDisruptionBudget, pod.metadata.namespace).filter((each) => guards(each, pod));
  if (budgets.length > 1) {
    throw unknownError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (budget === undefined || (!isReady(pod) && lets(budget))) return;
  const { metadata, status } = budget;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const message = `The disruption budget ${metadata.name} is still being processed by the server.`;
    throw tooManyRequests(VIOLATION, RETRY_SECONDS, [{ reason: 'DisruptionBudget', message }]);
  }
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(OF_BUDGET, metadata.name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    throw forbidden(
      OF_BUDGET,
      metadata.name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (allowed === 0) {
    throw tooManyRequests(VIOLATION, 0, [{ reason: 'DisruptionBudget', message: whyNone(budget) }]);
  }
  if (!isDryRun) spend(parts, budget, pod);
}

/** Why a budget allows no disruption. */
function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status ?? {};
  const { reason, message } = conditions.find(({ type, status: is }) => type === ALLOWED && is === 'False') ?? {};
  const isTold = message !== undefined && message !== '';
  const refusal = `The disruption budget ${name} does not allow evicting pods currently`;
  // The numbers are not to be trusted where the controller could not follow.
  if (isTold && reason === 'SyncFailed') return `${refusal} because it failed sync: ${message}`;
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return isTold ? `${refusal} (${reason}): ${message}` : refusal;
}

function guards({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return spec?.selector !== undefined && matches(fromLabelSelector(spec.selector), metadata.labels ?? {});
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;

/** Whether a budget lets an unready pod go without spending anything. */
function lets({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function spend({ storage, simulation, fields }: ServerParts, budget: PodDisruptionBudget, pod: Pod): void {
  const { status } = budget;
  const object: PodDisruptionBudget = {
    ...budget,
    metadata: { ...budget.metadata },
    status: {
      ...status!,
      ...spentConditions(budget, timestamp(simulation.now)),
      disruptedPods: { ...status?.disruptedPods, [pod.metadata.name]: timestamp(simulation.now) },
      disruptionsAllowed: (status?.disruptionsAllowed ?? 0) - 1,
    },
  };
  const writer = { kind: podDisruptionBudget, subresource: 'status', manager: 'kube-apiserver' };
  fields.updated(writer, object as KubeObject as Draft<KubeObject>, budget);
  const stored = storage.write(podDisruptionBudget, {
    object,
    expectedRevision: Number(budget.metadata.resourceVersion),
  });
  if (stored === undefined) throw conflict(OF_BUDGETS, budget.metadata.name);
}

/** The last disruption that is allowed leaves none: the condition says so before the controller does. */
function spentConditions({ status }: PodDisruptionBudget, now: string): Pick<PodDisruptionBudgetStatus, 'conditions'> {
  if (status?.disruptionsAllowed !== 1) return {};
  const { conditions = [], observedGeneration } = status;
  const old = conditions.find(({ type }) => type === ALLOWED);
  const spent: Condition = {
    type: ALLOWED,
    status: 'False',
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
    reason: 'InsufficientPods',
    message: '',
  };
  return {
    conditions: old === undefined ? [...conditions, spent] : conditions.map((each) => (each === old ? spent : each)),
  };
}

/** @throws StatusError 422 */
function checkOptions(
  name: string,
  { ignoreStoreReadErrorWithClusterBreakingPotential: ignores }: EvictionOptions,
): void {
  if (ignores !== true) return;
  const field = 'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential';
  const fault = invalidField(field, true, 'can not be set for pod eviction, try after removing the option');
  throw invalid({ group: 'policy', kind: 'Eviction' }, name, [fault]);
}

function checkPreconditions({ metadata }: Pod, { preconditions }: DeleteOptions): void {
  const { uid = '', resourceVersion = '' } = preconditions ?? {};
  const of = { group: '', resource: 'Pod' };
  if (uid !== '' && uid !== metadata.uid) {
    throw conflict(
      of,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      of,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
  }
}

/** The condition that tells why the pod goes, as the status shows it to the end. */
function markEvicted({ storage, simulation }: ServerParts, { key }: ActionCall, pod: Pod): void {
  const entry = storage.get(podKind, key);
  if (entry === undefined) throw notFound(OF_PODS, pod.metadata.name);
  const conditions = entry.object.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True')) return;
  const evicted: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(simulation.now),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = conditions.filter(({ type }) => type !== 'DisruptionTarget');
  const object = { ...entry.object, status: { ...entry.object.status, conditions: [...others, evicted] } };
  const stored = storage.write(podKind, { object, expectedRevision: entry.modRevision });
  if (stored === undefined) throw conflict(OF_PODS, pod.metadata.name);
}

const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
