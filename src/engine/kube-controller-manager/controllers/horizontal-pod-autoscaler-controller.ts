// Mirrors upstream's HorizontalPodAutoscaler controller. What pods use comes from a port; without one it answers as a control
// plane does that has no metrics API, and looks again only when something changes.
import { after, milliseconds, parseTimestamp, seconds, timestamp } from '../../kernel/clock.js';
import { deployment } from '../../kinds/deployment.js';
import { horizontalPodAutoscaler as autoscaler } from '../../kinds/horizontal-pod-autoscaler.js';
import { pod } from '../../kinds/pod.js';
import { replicaSet } from '../../kinds/replica-set.js';
import { replicationController } from '../../kinds/replication-controller.js';
import { statefulSet } from '../../kinds/stateful-set.js';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../machinery/api/autoscaling-v2.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import { matches, parseLabelSelector } from '../../machinery/label-selector.js';
import { keyOf, type KubeObject } from '../../machinery/object.js';
import { parseQuantity, quantityMilliValue } from '../../machinery/quantity.js';
import { proposalOf } from '../autoscaling/metric-proposal.js';
import type { MetricFault, MetricProposal, MetricQuestion } from '../autoscaling/metric-question.js';
import { ScalingHistory } from '../autoscaling/scaling-history.js';
import { scaleTargetOf, type ScaleTarget } from '../autoscaling/scale-target.js';
import { defineController, watching, type ControllerWatch, type ReconcileContext } from '../controller.js';
import { without } from '../without.js';

/** How often what pods use is looked at, where it can be. */
const PERIOD = seconds(15);
const TOLERANCE = 0.1;
const MILLI = 1_000;

type State = Map<string, ScalingHistory>;
type Context = ReconcileContext<State>;
type Condition = HorizontalPodAutoscalerCondition;

const scalable: readonly Kind[] = [deployment, replicaSet, statefulSet, replicationController];

export const horizontalPodAutoscalerController = defineController<HorizontalPodAutoscaler, State>({
  name: 'horizontal-pod-autoscaler',
  option: 'horizontal-pod-autoscaler-controller',
  primary: autoscaler,
  matters: (object, previous) => !deepEqual(object.spec, previous.spec),
  watches: scalable.map(autoscalersOf),
  custom: {
    watch: autoscalersOf,
    served: ({ kind }, { client }) =>
      client
        .list(autoscaler)
        .filter(({ spec }) => spec.scaleTargetRef.kind === kind)
        .map(keyOf),
  },
  newState: () => new Map(),

  reconcile(context, object) {
    if (object === undefined) {
      context.state.delete(context.key);
      return undefined;
    }
    // Upstream takes up nothing before its period is over, a new object neither.
    const { now } = context.simulation;
    const left = after(parseTimestamp(object.metadata.creationTimestamp ?? '') ?? now, PERIOD) - now;
    if (left > 0) return milliseconds(left);
    new AutoscalerPass(context, object).run();
    return context.settings.podMetrics === undefined ? undefined : PERIOD;
  },
});

/** Who scales the object hears of a new size, and of one that comes or goes, unless it looks from time to time anyway. */
function autoscalersOf(kind: Kind): ControllerWatch<KubeObject, State> {
  return watching<KubeObject, State>({
    kind,
    matters: (object, previous) => kind.scale?.replicas(object) !== kind.scale?.replicas(previous),
    map({ metadata }, { client, settings }) {
      if (settings.podMetrics !== undefined) return [];
      return client
        .list(autoscaler, metadata.namespace)
        .filter(({ spec }) => spec.scaleTargetRef.kind === kind.kind && spec.scaleTargetRef.name === metadata.name)
        .map(keyOf);
    },
  });
}

class AutoscalerPass {
  readonly #context: Context;
  readonly #object: HorizontalPodAutoscaler;
  #conditions: readonly Condition[];

  constructor(context: Context, object: HorizontalPodAutoscaler) {
    this.#context = context;
    this.#object = object;
    this.#conditions = object.status?.conditions ?? [];
  }

  run(): void {
    const target = scaleTargetOf(this.#context, this.#object);
    if ('fault' in target) {
      this.#tell('Warning', 'FailedGetScale', target.fault);
      const message = `the HPA controller was unable to get the target's current scale: ${target.fault}`;
      this.#say('AbleToScale', 'False', 'FailedGetScale', message);
      this.#write({ ...(this.#object.status ?? { desiredReplicas: 0 }) });
      return;
    }
    const able = "the HPA controller was able to get the target's current scale";
    this.#say('AbleToScale', 'True', 'SucceededGetScale', able);
    this.#scale(target);
  }

  #scale(target: ScaleTarget): void {
    const { minReplicas = 1, maxReplicas } = this.#object.spec;
    const { replicas: current } = target;
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.#say('ScalingActive', 'False', 'ScalingDisabled', message);
      this.#finish(target, 0, null);
    } else if (current > maxReplicas) {
      this.#rescale(target, { to: maxReplicas, why: 'Current number of replicas above Spec.MaxReplicas' }, null);
    } else if (current < minReplicas) {
      this.#rescale(target, { to: minReplicas, why: 'Current number of replicas below Spec.MinReplicas' }, null);
    } else this.#follow(target, { min: minReplicas, max: maxReplicas });
  }

  /** As the metrics say; the largest proposal holds. */
  #follow(target: ScaleTarget, bounds: { readonly min: number; readonly max: number }): void {
    const { spec } = this.#object;
    const { replicas: current } = target;
    const specs = spec.metrics ?? [];
    const answers = this.#ask(target);
    if (answers === undefined) return;
    const proposals = answers.filter((each): each is MetricProposal => !('fault' in each));
    const faults = answers.filter((each): each is MetricFault => 'fault' in each);
    const statuses: readonly MetricStatus[] = answers.map((each) => ('fault' in each ? { type: '' } : each.status));
    const best = proposals.reduce<MetricProposal | undefined>(
      (a, b) => (a === undefined || b.replicas > a.replicas ? b : a),
      undefined,
    );
    const [first] = faults;
    for (const { reason, fault } of faults) this.#tell('Warning', reason, fault);
    if (best === undefined || (first !== undefined && best.replicas < current)) {
      const { reason = '', fault = '', prefix = '' } = first ?? {};
      const unable = `the HPA was unable to compute the replica count: ${fault}`;
      this.#say('ScalingActive', 'False', reason, unable);
      this.#finish(target, this.#object.status?.desiredReplicas ?? 0, statuses);
      const count = `${faults.length} invalid out of ${specs.length}`;
      const whole = prefix === '' ? fault : `${prefix}: ${fault}`;
      const message = `invalid metrics (${count}), first error is: ${whole}`;
      this.#tell('Warning', 'FailedComputeMetricsReplicas', message);
      return;
    }
    const found = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    this.#say('ScalingActive', 'True', 'ValidMetricFound', found);
    const to = this.#normalized(best.replicas, current, bounds);
    const why = best.replicas > current ? `${best.name} above target` : 'All metrics below target';
    if (to === current) this.#finish(target, current, statuses);
    else this.#rescale(target, { to, why }, statuses);
  }

  /** `undefined` where the target does not say which pods are its own. */
  #ask(target: ScaleTarget): readonly (MetricProposal | MetricFault)[] | undefined {
    const { client, settings, simulation } = this.#context;
    const { metadata, spec } = this.#object;
    if (target.selector === '') {
      this.#tell('Warning', 'SelectorRequired', 'selector is required');
      this.#say('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
      this.#finish(target, this.#object.status?.desiredReplicas ?? 0, null);
      this.#tell('Warning', 'FailedComputeMetricsReplicas', 'selector is required');
      return undefined;
    }
    const selector = parseLabelSelector(target.selector);
    const pods = client.list(pod, metadata.namespace).filter((each) => matches(selector, each.metadata.labels));
    const { scaleUp, scaleDown } = spec.behavior ?? {};
    const tolerances = { up: toleranceOf(scaleUp?.tolerance), down: toleranceOf(scaleDown?.tolerance) };
    const { replicas: currentReplicas, statusReplicas } = target;
    const question: MetricQuestion = {
      metrics: settings.podMetrics,
      namespace: metadata.namespace ?? '',
      pods,
      currentReplicas,
      statusReplicas,
      tolerances,
      now: simulation.now,
    };
    return (spec.metrics ?? []).map((each) => proposalOf(each, question));
  }

  #normalized(desired: number, current: number, bounds: { readonly min: number; readonly max: number }): number {
    const { now } = this.#context.simulation;
    const { behavior: rules } = this.#object.spec;
    const history = this.#history(current);
    const stable = history.stabilized(desired, current, now, rules);
    this.#say('AbleToScale', 'True', stable.reason, stable.message);
    const limited = history.limited(stable.replicas, current, bounds, { rules, now });
    const isLimited = limited.replicas !== stable.replicas;
    this.#say('ScalingLimited', isLimited ? 'True' : 'False', limited.reason, limited.message);
    return limited.replicas;
  }

  #history(current: number): ScalingHistory {
    const { state, key, simulation } = this.#context;
    const known = state.get(key) ?? new ScalingHistory(current, simulation.now);
    state.set(key, known);
    return known;
  }

  #rescale(
    target: ScaleTarget,
    { to, why }: { readonly to: number; readonly why: string },
    metrics: readonly MetricStatus[] | null,
  ): void {
    const { client, simulation } = this.#context;
    const place = { key: keyOf(target.object), subresource: 'scale' };
    client.patchSubresource(target.kind, place, { spec: { replicas: to } }, ({ error }) => {
      if (error !== undefined) {
        this.#tell('Warning', 'FailedRescale', `New size: ${to}; reason: ${why}; error: ${error.message}`);
        const message = `the HPA controller was unable to update the target scale: ${error.message}`;
        this.#say('AbleToScale', 'False', 'FailedUpdateScale', message);
        this.#finish(target, this.#object.status?.desiredReplicas ?? 0, metrics);
        this.#context.fail(error);
        return;
      }
      const message = `the HPA controller was able to update the target scale to ${to}`;
      this.#say('AbleToScale', 'True', 'SucceededRescale', message);
      this.#tell('Normal', 'SuccessfulRescale', `New size: ${to}; reason: ${why}`);
      const { scaleUp, scaleDown } = this.#object.spec.behavior ?? {};
      this.#history(target.replicas).changed(to - target.replicas, simulation.now, [scaleUp, scaleDown]);
      this.#finish(target, to, metrics, timestamp(simulation.now));
    });
  }

  #finish(
    { replicas }: ScaleTarget,
    desiredReplicas: number,
    currentMetrics: readonly MetricStatus[] | null,
    scaledAt?: string,
  ): void {
    const lastScaleTime = scaledAt ?? this.#object.status?.lastScaleTime;
    this.#write({
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(replicas === 0 ? {} : { currentReplicas: replicas }),
      desiredReplicas,
      currentMetrics,
    });
  }

  #write(status: HorizontalPodAutoscalerStatus): void {
    const { client, key } = this.#context;
    const object = client.get(autoscaler, key);
    if (object === undefined) return;
    const next = { ...without(status, 'conditions'), conditions: this.#conditions };
    if (!deepEqual(next, object.status)) client.updateStatus(autoscaler, { ...object, status: next });
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.recorder.record(this.#object, type, reason, message);
  }

  #say(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const old = this.#conditions.find((each) => each.type === type);
    const lastTransitionTime =
      old?.status === status && old.lastTransitionTime
        ? old.lastTransitionTime
        : timestamp(this.#context.simulation.now);
    const condition = { type, status, lastTransitionTime, reason, message };
    this.#conditions =
      old === undefined
        ? [...this.#conditions, condition]
        : this.#conditions.map((each) => (each === old ? condition : each));
  }
}

const toleranceOf = (text: string | undefined): number =>
  text === undefined || parseQuantity(text) === undefined ? TOLERANCE : quantityMilliValue(text) / MILLI;
