import type { HorizontalPodAutoscaler, MetricSpec } from '../../machinery/api/autoscaling-v2.js';
import { withDefaultRules } from '../autoscaling-spec/defaults.js';
import { toV1, toV2 } from './horizontal-pod-autoscaler-forms.js';
import fc from 'fast-check';

const quantity = fc.integer({ min: 1, max: 1_000 }).map(String);
const name = fc.constantFrom('cpu', 'memory', 'requests');
const utilization = fc.record({
  type: fc.constant('Utilization'),
  averageUtilization: fc.integer({ min: 1, max: 200 }),
});
const average = fc.record({ type: fc.constant('AverageValue'), averageValue: quantity });
const value = fc.record({ type: fc.constant('Value'), value: quantity });

const metric: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc.record({ type: fc.constant('Resource'), resource: fc.record({ name, target: fc.oneof(utilization, average) }) }),
  fc.record({
    type: fc.constant('ContainerResource'),
    containerResource: fc.record({ name, target: utilization, container: fc.constant('c') }),
  }),
  fc.record({ type: fc.constant('Pods'), pods: fc.record({ metric: fc.record({ name }), target: average }) }),
  fc.record({
    type: fc.constant('External'),
    external: fc.record({ metric: fc.record({ name }), target: fc.oneof(value, average) }),
  }),
  fc.record({
    type: fc.constant('Object'),
    object: fc.record({
      describedObject: fc.constant({ kind: 'Service', name: 's', apiVersion: 'v1' }),
      target: value,
      metric: fc.record({ name }),
    }),
  }),
);

const autoscaler = (metrics: readonly MetricSpec[]): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'x', annotations: { mine: '1' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
    maxReplicas: 5,
    metrics,
    behavior: withDefaultRules({ scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] } }),
  },
  status: { currentReplicas: 1, desiredReplicas: 2, currentMetrics: null },
});

const isCpu = ({ resource }: MetricSpec): boolean =>
  resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

describe('the two forms of an autoscaler', () => {
  it('lose nothing on the way through v1, but for the place of one CPU target', () => {
    fc.assert(
      fc.property(fc.array(metric, { minLength: 1, maxLength: 4 }), (metrics) => {
        const [target] = metrics.filter(isCpu).slice(-1);
        const others = metrics.filter((each) => !isCpu(each));
        const expected = autoscaler(target === undefined ? others : [...others, target]);
        expect(toV2(toV1(autoscaler(metrics)))).toEqual(expected);
      }),
    );
  });

  it('puts what v1 has no field for into annotations', () => {
    const memory: MetricSpec = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
    };
    expect(toV1(autoscaler([memory])).metadata.annotations).toEqual({
      mine: '1',
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
    });
  });

  it('reads the behaviour in whatever case it is written', () => {
    const behavior = '{"scaledown":{"policies":[{"type":"Percent","value":10,"periodseconds":60}]}}';
    const { spec } = toV2({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x', annotations: { 'autoscaling.alpha.kubernetes.io/behavior': behavior } },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 5 },
    });
    expect(spec.behavior).toMatchObject({
      scaleUp: { selectPolicy: 'Max' },
      scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] },
    });
  });

  it('scales by CPU when v1 names nothing, and ignores annotations that say nothing', () => {
    const { spec } = toV2({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x', annotations: { 'autoscaling.alpha.kubernetes.io/metrics': 'nonsense' } },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 5 },
    });
    expect(spec.metrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ]);
  });
});
