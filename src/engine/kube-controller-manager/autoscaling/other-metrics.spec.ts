import { instant } from '../../kernel/clock.js';
import type { MetricSpec } from '../../machinery/api/autoscaling-v2.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { PodMetrics } from '../pod-metrics.port.js';
import type { MetricQuestion } from './metric-question.js';
import { proposalOf } from './metric-proposal.js';

const now = instant(Date.UTC(2026, 0, 1, 1));
const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

const podNamed = (name: string, isReady = true): Pod => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c' }] },
  status: isReady ? { phase: 'Running', startTime: '2026-01-01T00:00:00Z', conditions: [READY] } : { phase: 'Pending' },
});

function asked(metrics: PodMetrics | undefined, more: Partial<MetricQuestion> = {}): MetricQuestion {
  const pods = [podNamed('a'), podNamed('b')];
  const tolerances = { up: 0.1, down: 0.1 };
  const counts = { currentReplicas: 2, statusReplicas: 2 };
  return { metrics, namespace: 'default', pods, ...counts, tolerances, now, ...more };
}

/** Metrics that say the same of everything, in thousandths. */
const saying = (value: number | undefined): PodMetrics => ({
  usageOf: () => undefined,
  custom: { ofPod: () => value, ofObject: () => value },
  external: { values: () => (value === undefined ? [] : [value, 1_000]) },
});

const selector = { matchLabels: { queue: 'mail' } };
const SELECTOR =
  '&LabelSelector{MatchLabels:map[string]string{queue: mail,},MatchExpressions:[]LabelSelectorRequirement{},}';
const describedObject = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' };
const perPod: MetricSpec = {
  type: 'Pods',
  pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } },
};
const ofIngress: MetricSpec = {
  type: 'Object',
  object: { metric: { name: 'hits' }, describedObject, target: { type: 'Value', value: '10' } },
};
const sharedIngress: MetricSpec = {
  type: 'Object',
  object: { metric: { name: 'hits' }, describedObject, target: { type: 'AverageValue', averageValue: '10' } },
};
const queue: MetricSpec = {
  type: 'External',
  external: { metric: { name: 'length', selector }, target: { type: 'Value', value: '10' } },
};
const sharedQueue: MetricSpec = {
  type: 'External',
  external: { metric: { name: 'length' }, target: { type: 'AverageValue', averageValue: '10' } },
};

describe('metrics that are of no resource', () => {
  it.each<[string, MetricSpec, number, number, string]>([
    ['pods above the target', perPod, 25_000, 5, 'pods metric hits'],
    ['pods within the tolerance', perPod, 10_500, 2, 'pods metric hits'],
    ['an object above the target', ofIngress, 30_000, 6, 'Ingress metric hits'],
    ['an object below the target', ofIngress, 4_000, 1, 'Ingress metric hits'],
    ['an object within the tolerance', ofIngress, 9_500, 2, 'Ingress metric hits'],
    ['shares of an object', sharedIngress, 55_000, 6, 'external metric hits(nil)'],
    ['shares within the tolerance', sharedIngress, 21_000, 2, 'external metric hits(nil)'],
    ['the sum of what is outside', queue, 29_000, 6, `external metric length(${SELECTOR})`],
    ['shares of what is outside', sharedQueue, 44_000, 5, 'external metric length(nil)'],
  ])('ask for replicas by %s', (_what, spec, value, replicas, name) => {
    expect(proposalOf(spec, asked(saying(value)))).toMatchObject({ replicas, name });
  });

  it('count ready pods only where a whole value is the target', () => {
    const pods = [podNamed('a'), podNamed('b', false)];
    expect(proposalOf(ofIngress, asked(saying(30_000), { pods }))).toMatchObject({ replicas: 3 });
    expect(proposalOf(ofIngress, asked(saying(30_000), { currentReplicas: 0, pods: [] }))).toMatchObject({
      replicas: 3,
    });
    expect(proposalOf(ofIngress, asked(saying(30_000), { pods: [] }))).toMatchObject({
      fault: 'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    });
  });

  it('are told in the status', () => {
    const statusOf = (spec: MetricSpec, value: number) => {
      const proposal = proposalOf(spec, asked(saying(value)));
      return 'status' in proposal ? proposal.status : proposal.fault;
    };
    const metric = { name: 'hits' };
    expect(statusOf(perPod, 2_500)).toEqual({ type: 'Pods', pods: { metric, current: { averageValue: '2500m' } } });
    expect(statusOf(ofIngress, 7_000)).toEqual({
      type: 'Object',
      object: { metric, describedObject, current: { value: '7' } },
    });
    expect(statusOf(sharedIngress, 7_000)).toMatchObject({ object: { current: { averageValue: '3500m' } } });
    expect(statusOf(queue, 7_000)).toEqual({
      type: 'External',
      external: { metric: { name: 'length', selector }, current: { value: '8' } },
    });
  });

  const NO_CUSTOM =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  it.each<[MetricSpec, PodMetrics | undefined, string, string, string]>([
    [
      perPod,
      undefined,
      'FailedGetPodsMetric',
      'failed to get pods metric value',
      `unable to get metric hits: ${NO_CUSTOM}`,
    ],
    [
      perPod,
      saying(undefined),
      'FailedGetPodsMetric',
      'failed to get pods metric value',
      'unable to get metric hits: no metrics returned from custom metrics API',
    ],
    [
      ofIngress,
      undefined,
      'FailedGetObjectMetric',
      'failed to get object metric value',
      `unable to get metric hits: Ingress on default main/${NO_CUSTOM}`,
    ],
    [
      sharedIngress,
      undefined,
      'FailedGetObjectMetric',
      'failed to get object metric value: failed to get hits object metric',
      `unable to get metric hits: Ingress on default main/${NO_CUSTOM}`,
    ],
    [
      queue,
      undefined,
      'FailedGetExternalMetric',
      'failed to get length external metric value: failed to get external metric length',
      `unable to get external metric default/length/${SELECTOR}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get length.external.metrics.k8s.io)`,
    ],
    [
      sharedQueue,
      saying(undefined),
      'FailedGetExternalMetric',
      'failed to get length external metric value: failed to get length external metric',
      'unable to get external metric default/length/nil: no metrics returned from external metrics API',
    ],
  ])('say why they say nothing: %#', (spec, metrics, reason, prefix, fault) => {
    expect(proposalOf(spec, asked(metrics))).toEqual({ reason, prefix, fault });
  });
});
