import type { MetricSpec, MetricTarget } from '../../machinery/api/autoscaling-v2.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { formatQuantity, quantityMilliValue, quantityOf } from '../../machinery/quantity.js';
import type { MetricFault, MetricProposal, MetricQuestion } from './metric-question.js';
import { ofExternal, ofObject, ofPods } from './other-metrics.js';
import { replicasForAverage, replicasForUtilization } from './replica-calculation.js';

const NOT_SERVED =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const MILLI = -3;

/** How many replicas one metric asks for. */
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
    case 'Pods':
      return ofPods(spec, question);
    case 'Object':
      return ofObject(spec, question);
    case 'External':
      return ofExternal(spec, question);
    default:
      return { reason: 'InvalidMetricSourceType', fault: `unknown metric source type "${spec.type}"`, prefix: '' };
  }
}

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
  const usageOf = (object: Pod): number | undefined => metrics.usageOf(object, resource, container);
  const asked = { ...question, usageOf, resource, container };
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
