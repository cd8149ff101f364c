/** What metrics ask for that are of no resource of pods: those of an application, of another object, of the world outside. */
import type { MetricSpec, MetricTarget, MetricValueStatus } from '../../machinery/api/autoscaling-v2.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { formatQuantity, quantityMilliValue, quantityOf } from '../../machinery/quantity.js';
import { selectorText } from '../selector-text.js';
import type { MetricFault, MetricProposal, MetricQuestion } from './metric-question.js';
import {
  replicasForAverage,
  replicasForShare,
  replicasForValue,
  type CalculationFault,
  type Proposal,
} from './replica-calculation.js';

const CUSTOM = 'unable to fetch metrics from custom metrics API';
const NO_CUSTOM = `${CUSTOM}: no custom metrics API (custom.metrics.k8s.io) registered`;
const EXTERNAL = 'unable to fetch metrics from external metrics API';
const MILLI = -3;

export function ofPods(spec: MetricSpec, question: MetricQuestion): MetricProposal | MetricFault {
  const { metric = { name: '' }, target } = spec.pods ?? {};
  const refuse = (fault: string): MetricFault => ({
    reason: 'FailedGetPodsMetric',
    fault,
    prefix: 'failed to get pods metric value',
  });
  const source = question.metrics?.custom;
  if (source === undefined) return refuse(`unable to get metric ${metric.name}: ${NO_CUSTOM}`);
  const usageOf = (object: Pod): number | undefined => source.ofPod(object, metric);
  if (question.pods.every((each) => usageOf(each) === undefined)) {
    return refuse(`unable to get metric ${metric.name}: no metrics returned from custom metrics API`);
  }
  const asked = { ...question, usageOf, resource: '', container: undefined };
  const result = replicasForAverage(asked, quantityMilliValue(target?.averageValue ?? '0'));
  if ('fault' in result) return refuse(result.fault);
  const current = { averageValue: milliText(result.average) };
  return {
    replicas: result.replicas,
    name: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current } },
  };
}

export function ofObject(spec: MetricSpec, question: MetricQuestion): MetricProposal | MetricFault {
  const { metric = { name: '' }, describedObject = { kind: '', name: '' }, target } = spec.object ?? {};
  const isShare = target?.type === 'AverageValue';
  const refuse = (fault: string, isMeasured = true): MetricFault => ({
    reason: 'FailedGetObjectMetric',
    fault,
    prefix: `failed to get object metric value${isShare && isMeasured ? `: failed to get ${metric.name} object metric` : ''}`,
  });
  if (target?.value === undefined && target?.averageValue === undefined) {
    return refuse('invalid object metric source: neither a value target nor an average value target was set', false);
  }
  const { namespace, metrics } = question;
  // Upstream's words, with the cause where the name was meant to end.
  const where = `${describedObject.kind} on ${namespace} ${describedObject.name}`;
  const source = metrics?.custom;
  if (source === undefined) return refuse(`unable to get metric ${metric.name}: ${where}/${NO_CUSTOM}`);
  const value = source.ofObject(namespace, describedObject, metric);
  if (value === undefined) {
    const missing = `the server could not find the metric ${metric.name} for ${describedObject.kind.toLowerCase()} ${describedObject.name}`;
    return refuse(`unable to get metric ${metric.name}: ${where}/${CUSTOM}: ${missing}`);
  }
  const result = replicasFor(question, value, target);
  if ('fault' in result) return refuse(result.fault);
  const name = isShare
    ? `external metric ${metric.name}(${selectorText(metric.selector)})`
    : `${describedObject.kind} metric ${metric.name}`;
  const current = currentOf(result, target);
  return { replicas: result.replicas, name, status: { type: 'Object', object: { metric, describedObject, current } } };
}

export function ofExternal(spec: MetricSpec, question: MetricQuestion): MetricProposal | MetricFault {
  const { metric = { name: '' }, target } = spec.external ?? {};
  const selector = selectorText(metric.selector);
  const isShare = target?.averageValue !== undefined;
  const what = isShare
    ? `failed to get ${metric.name} external metric`
    : `failed to get external metric ${metric.name}`;
  const refuse = (fault: string, isMeasured = true): MetricFault => ({
    reason: 'FailedGetExternalMetric',
    fault,
    prefix: `failed to get ${metric.name} external metric value${isMeasured ? `: ${what}` : ''}`,
  });
  if (target?.value === undefined && target?.averageValue === undefined) {
    return refuse('invalid external metric source: neither a value target nor an average value target was set', false);
  }
  const { namespace, metrics } = question;
  const unable = `unable to get external metric ${namespace}/${metric.name}/${selector}`;
  const source = metrics?.external;
  if (source === undefined) {
    const cause = `the server could not find the requested resource (get ${metric.name}.external.metrics.k8s.io)`;
    return refuse(`${unable}: ${EXTERNAL}: ${cause}`);
  }
  const values = source.values(namespace, metric);
  if (values.length === 0) return refuse(`${unable}: no metrics returned from external metrics API`);
  const sum = values.reduce((total, each) => total + each, 0);
  const result = replicasFor(question, sum, target);
  if ('fault' in result) return refuse(result.fault);
  const current = currentOf(result, target);
  const name = `external metric ${metric.name}(${selector})`;
  return { replicas: result.replicas, name, status: { type: 'External', external: { metric, current } } };
}

function replicasFor(question: MetricQuestion, value: number, target: MetricTarget): Proposal | CalculationFault {
  const { averageValue, value: whole = '0' } = target;
  if (averageValue === undefined) return replicasForValue(question, value, quantityMilliValue(whole));
  return replicasForShare(question, question.statusReplicas, value, quantityMilliValue(averageValue));
}

const currentOf = ({ average }: Proposal, { averageValue }: MetricTarget): MetricValueStatus =>
  averageValue === undefined ? { value: milliText(average) } : { averageValue: milliText(average) };

const milliText = (value: number): string => formatQuantity(quantityOf(BigInt(Math.trunc(value)), 'DecimalSI', MILLI));
