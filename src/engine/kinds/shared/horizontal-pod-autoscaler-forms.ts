/**
 * autoscaling/v1 and v2 are two forms of one object. v1 has a field for one CPU target only: everything else of v2 travels in
 * annotations, in the old metric form, so that a client that reads and writes v1 loses nothing.
 */
import type * as v1 from '../../machinery/api/autoscaling-v1.js';
import type * as v2 from '../../machinery/api/autoscaling-v2.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { goJson } from '../../machinery/go-text.js';
import type { KubeObject } from '../../machinery/object.js';
import { withDefaultRules } from '../autoscaling-spec/defaults.js';
import { behaviorFromText, behaviorText } from './horizontal-pod-autoscaler-behavior.js';
import {
  metricSpecFromV1,
  metricSpecToV1,
  metricStatusFromV1,
  metricStatusToV1,
} from './horizontal-pod-autoscaler-metrics.js';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const FORM_ANNOTATIONS: readonly string[] = [
  METRICS,
  CURRENT_METRICS,
  CONDITIONS,
  BEHAVIOR,
  'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
];

export function toV1(stored: KubeObject): v1.HorizontalPodAutoscaler {
  const { metadata, spec, status } = stored as v2.HorizontalPodAutoscaler;
  const target = spec.metrics?.findLast(isCpuUtilization)?.resource?.target.averageUtilization;
  const others = (spec.metrics ?? []).filter((metric) => !isCpuUtilization(metric));
  const annotations: Record<string, string> = {};
  if (others.length > 0) annotations[METRICS] = goJson(others.map(metricSpecToV1));
  const current = status?.currentMetrics ?? [];
  if (current.length > 0) annotations[CURRENT_METRICS] = goJson(current.map(metricStatusToV1));
  if (spec.behavior !== undefined) annotations[BEHAVIOR] = behaviorText(spec.behavior);
  const conditions = status?.conditions ?? [];
  if (conditions.length > 0) annotations[CONDITIONS] = goJson(conditions);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, annotations),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }),
    },
    status: statusToV1(status),
  };
}

export function toV2(object: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { metadata, spec, status } = object;
  const { annotations = {} } = metadata;
  const behavior = behaviorFromText(annotations[BEHAVIOR]);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, {}),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      metrics: metricsOf(object),
      ...(behavior === undefined ? {} : { behavior: withDefaultRules(behavior) }),
    },
    ...(status === undefined ? {} : { status: statusToV2(status, annotations) }),
  };
}

/** What scales by nothing else scales by CPU: v1's old implicit default. */
function metricsOf({ metadata, spec }: v1.HorizontalPodAutoscaler): readonly v2.MetricSpec[] {
  const others = listIn<v1.MetricSpec>(metadata.annotations?.[METRICS]) ?? [];
  const target = spec.targetCPUUtilizationPercentage;
  const metrics = others.map(metricSpecFromV1);
  if (target !== undefined) metrics.push(cpuUtilization(target));
  return metrics.length === 0 ? [cpuUtilization(CPU_UTILIZATION_DEFAULT)] : metrics;
}

const CPU_UTILIZATION_DEFAULT = 80;

const cpuUtilization = (averageUtilization: number): v2.MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

const isCpuUtilization = ({ type, resource }: v2.MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function statusToV1(status: v2.HorizontalPodAutoscalerStatus | undefined): v1.HorizontalPodAutoscalerStatus {
  const cpu = status?.currentMetrics?.findLast(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.current.averageUtilization !== undefined,
  );
  const utilization = cpu?.resource?.current.averageUtilization;
  return {
    ...(status?.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    ...(status?.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
    currentReplicas: status?.currentReplicas ?? 0,
    desiredReplicas: status?.desiredReplicas ?? 0,
    ...(utilization === undefined ? {} : { currentCPUUtilizationPercentage: utilization }),
  };
}

function statusToV2(
  status: v1.HorizontalPodAutoscalerStatus,
  annotations: Readonly<Record<string, string>>,
): v2.HorizontalPodAutoscalerStatus {
  const utilization = status.currentCPUUtilizationPercentage;
  const plain: readonly v2.MetricStatus[] | null =
    utilization === undefined
      ? null
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: utilization } } }];
  const conditions = listIn<v2.HorizontalPodAutoscalerCondition>(annotations[CONDITIONS]);
  return {
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
    ...(status.currentReplicas === 0 ? {} : { currentReplicas: status.currentReplicas }),
    desiredReplicas: status.desiredReplicas,
    currentMetrics: listIn<v1.MetricStatus>(annotations[CURRENT_METRICS])?.map(metricStatusFromV1) ?? plain,
    ...(conditions === undefined ? {} : { conditions }),
  };
}

function withAnnotations(metadata: ObjectMeta, added: Readonly<Record<string, string>>): ObjectMeta {
  const { annotations = {}, ...rest } = metadata;
  const own = Object.entries(annotations).filter(([key]) => !FORM_ANNOTATIONS.includes(key));
  const all = { ...Object.fromEntries(own), ...added };
  return Object.keys(all).length === 0 ? rest : { ...rest, annotations: all };
}

/** A client may write anything into these annotations: what is no list counts as absent, as upstream has it. */
function listIn<Item>(text: string | undefined): readonly Item[] | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)
      ? (value as readonly Item[])
      : undefined;
  } catch {
    return undefined;
  }
}
