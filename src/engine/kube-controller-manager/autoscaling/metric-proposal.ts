import type { MetricSpec, MetricStatus, MetricTarget } from '../../machinery/api/autoscaling-v2.js';
import { formatQuantity, quantityMilliValue, quantityOf } from '../../machinery/quantity.js';
import type { PodMetrics } from '../pod-metrics.port.js';
import { replicasForAverage, replicasForUtilization, type UsageQuestion } from './replica-calculation.js';

export interface MetricProposal {
  readonly replicas: number;
  readonly name: string;
  readonly status: MetricStatus;
}

/** Why a metric says nothing: the words of its event and condition, and those of the whole. */
export interface MetricFault {
  readonly reason: string;
  readonly fault: string;
  readonly prefix: string;
}

export type MetricQuestion = Omit<UsageQuestion, 'metrics' | 'resource' | 'container'> & {
  readonly metrics: PodMetrics | undefined;
};

const NOT_SERVED =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const MILLI = -3;

/** How many replicas one metric asks for. Only metrics of pods' resources are served. */
export function proposalOf(spec: MetricSpec, question: MetricQuestion): MetricProposal | MetricFault {
  switch (spec.type) {
    case 'Resource': {
      const { name = '', target } = spec.resource ?? {};
      const result = ofResource(name, undefined, target, question);
      if ('fault' in result) {
        return { reason: 'FailedGetResourceMetric', ...result, prefix: `failed to get ${name} resource metric value` };
      }
      const status = { type: spec.type, resource: { name, current: result.current } };
      return { replicas: result.replicas, name: resourceWords(name, target, ''), status };
    }
    case 'ContainerResource': {
      const { name = '', container = '', target } = spec.containerResource ?? {};
      const result = ofResource(name, container, target, question);
      if ('fault' in result) {
        const prefix = `failed to get ${container} container metric value`;
        return { reason: 'FailedGetContainerResourceMetric', ...result, prefix };
      }
      const status = { type: spec.type, containerResource: { name, container, current: result.current } };
      return { replicas: result.replicas, name: resourceWords(name, target, 'container '), status };
    }
    case 'Pods': {
      const { name = '' } = spec.pods?.metric ?? {};
      const fault = `unable to get metric ${name}: ${customFault}`;
      return { reason: 'FailedGetPodsMetric', fault, prefix: 'failed to get pods metric value' };
    }
    case 'Object': {
      const { metric, describedObject } = spec.object ?? {};
      const what = `${describedObject?.kind ?? ''} on ${describedObject?.name ?? ''}`;
      const fault = `unable to get metric ${metric?.name ?? ''}: ${what}: ${customFault}`;
      return { reason: 'FailedGetObjectMetric', fault, prefix: 'failed to get object metric value' };
    }
    case 'External': {
      const { name = '' } = spec.external?.metric ?? {};
      const cause = `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
      const fault = `unable to get external metric ${name}: ${cause}`;
      return { reason: 'FailedGetExternalMetric', fault, prefix: `failed to get ${name} external metric value` };
    }
    default:
      return { reason: 'InvalidMetricSourceType', fault: `unknown metric source type "${spec.type}"`, prefix: '' };
  }
}

const customFault =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

function resourceWords(name: string, target: MetricTarget | undefined, what: string): string {
  return target?.averageValue === undefined
    ? `${name} ${what}resource utilization (percentage of request)`
    : `${name} resource`;
}

type ResourceResult =
  | {
      readonly replicas: number;
      readonly current: { readonly averageValue: string; readonly averageUtilization?: number };
    }
  | { readonly fault: string };

function ofResource(
  resource: string,
  container: string | undefined,
  target: MetricTarget | undefined,
  question: MetricQuestion,
): ResourceResult {
  const isAverage = target?.averageValue !== undefined;
  const what = `failed to get ${resource} ${isAverage ? 'usage' : 'utilization'}`;
  if (!isAverage && target?.averageUtilization === undefined) {
    const missing = 'neither an average utilization target nor an average value (usage) target was set';
    return { fault: `invalid resource metric source: ${missing}` };
  }
  const { metrics } = question;
  if (metrics === undefined) return { fault: `${what}: unable to get metrics for resource ${resource}: ${NOT_SERVED}` };
  const asked = { ...question, metrics, resource, container };
  const result =
    target.averageValue === undefined
      ? replicasForUtilization(asked, target.averageUtilization ?? 0)
      : replicasForAverage(asked, quantityMilliValue(target.averageValue));
  if ('fault' in result) return { fault: `${what}: ${result.fault}` };
  const { replicas, average, utilization } = result;
  const quantity = quantityOf(BigInt(average), resource === 'memory' ? 'BinarySI' : 'DecimalSI', MILLI);
  const averageValue = formatQuantity(quantity);
  return {
    replicas,
    current: { averageValue, ...(utilization === undefined ? {} : { averageUtilization: utilization }) },
  };
}
