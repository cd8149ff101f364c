import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { createFleet, fleetOf, serveFleets } from '../../../../test/support/custom-fleet.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { horizontalPodAutoscaler } from '../../kinds/horizontal-pod-autoscaler.js';

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const NOT_SERVED =
  'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

/** Pods that request 100m; `load` is what all of them use together, in thousandths of a processor. */
function worldWith(spec: Json, load?: { total: number }, replicas = 2): ControllerWorld {
  const world: ControllerWorld = new ControllerWorld(
    load === undefined ? {} : { podMetrics: { usageOf: () => load.total / Math.max(world.pods().length, 1) } },
  );
  world.deploy('web', { replicas, container: { resources: { requests: { cpu: '100m' } } } });
  world.run(4);
  world.harness.request('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', {
    metadata: { name: 'h' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      metrics: [CPU],
      ...spec,
    },
  });
  world.run(16);
  return world;
}

const statusOf = (world: ControllerWorld): Json => world.client.get(horizontalPodAutoscaler, 'default/h')?.status;
const conditions = (world: ControllerWorld): Json =>
  statusOf(world).conditions.map(({ type, status, reason }: Json) => `${type}=${status} ${reason}`);
const sizeOf = (world: ControllerWorld): number | undefined => world.deployment('web').spec.replicas;

describe('horizontal-pod-autoscaler', () => {
  it('says that there are no metrics', () => {
    const world = worldWith({});
    expect(statusOf(world)).toMatchObject({ currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }] });
    expect(statusOf(world).conditions).toMatchObject([
      { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' },
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetResourceMetric',
        message: `the HPA was unable to compute the replica count: ${NOT_SERVED}`,
      },
    ]);
    expect(world.said('h')).toEqual([
      `FailedGetResourceMetric: ${NOT_SERVED}`,
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${NOT_SERVED}`,
    ]);
    expect(world.errors).toEqual([]);
  });

  it('scales what the cluster defines itself, also where that is served later', () => {
    const world = worldWith({
      scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'f' },
      maxReplicas: 3,
    });
    expect(conditions(world)).toEqual(['AbleToScale=False FailedGetScale']);
    serveFleets(world);
    createFleet(world, 'f', 8);
    world.run(20);
    expect(fleetOf(world, 'f').spec.replicas).toBe(3);
    expect(world.said('h')).toContain(
      'SuccessfulRescale: New size: 3; reason: Current number of replicas above Spec.MaxReplicas',
    );
  });

  it.each([
    [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' }, 'deployments.apps "none" not found'],
    [{ apiVersion: 'nothing/v1', kind: 'Widget', name: 'x' }, 'no matches for kind "Widget" in group "nothing"'],
  ])('says that there is no target: %j', (scaleTargetRef, fault) => {
    const world = worldWith({ scaleTargetRef });
    expect(statusOf(world).conditions).toMatchObject([
      {
        type: 'AbleToScale',
        status: 'False',
        reason: 'FailedGetScale',
        message: `the HPA controller was unable to get the target's current scale: ${fault}`,
      },
    ]);
  });

  it('keeps the scale in its bounds without any metrics, and leaves zero alone', () => {
    const world = worldWith({ minReplicas: 3, maxReplicas: 4 });
    expect(sizeOf(world)).toBe(3);
    expect(world.said('h')).toContain(
      'SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    );
    world.patchDeployment('web', { replicas: 9 });
    world.run(1);
    expect(sizeOf(world)).toBe(4);
    world.patchDeployment('web', { replicas: 0 });
    world.run(1);
    expect(sizeOf(world)).toBe(0);
    expect(conditions(world)).toContain('ScalingActive=False ScalingDisabled');
  });

  it('follows the use of the processor, up at once and down after five minutes', () => {
    const load = { total: 200 };
    const world = worldWith({}, load);
    expect(sizeOf(world)).toBe(4);
    expect(conditions(world)).toEqual([
      'AbleToScale=True SucceededRescale',
      'ScalingActive=True ValidMetricFound',
      'ScalingLimited=False DesiredWithinRange',
    ]);
    expect(world.said('h')).toContain(
      'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    );
    world.run(30);
    expect(statusOf(world)).toMatchObject({
      currentReplicas: 4,
      desiredReplicas: 4,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } },
      ],
    });
    load.total = 40;
    world.run(120);
    expect(sizeOf(world)).toBe(4);
    expect(conditions(world)).toContain('AbleToScale=True ScaleDownStabilized');
    world.run(240);
    expect(sizeOf(world)).toBe(1);
    expect(world.said('h').some((each) => each.endsWith('reason: All metrics below target'))).toBe(true);
  });

  it('stays where it is within the tolerance, and doubles at most', () => {
    const load = { total: 108 };
    const world = worldWith({}, load);
    expect(sizeOf(world)).toBe(2);
    load.total = 2_000;
    world.run(15);
    expect(sizeOf(world)).toBe(4);
    expect(conditions(world)).toContain('ScalingLimited=True ScaleUpLimit');
    world.run(60);
    expect(sizeOf(world)).toBe(10);
    expect(conditions(world)).toContain('ScalingLimited=True TooManyReplicas');
  });

  it('goes at the pace of its behavior', () => {
    const load = { total: 2_000 };
    const behavior = {
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Disabled' },
    };
    const world = worldWith({ behavior }, load);
    expect(sizeOf(world)).toBe(3);
    world.run(45);
    expect(sizeOf(world)).toBe(3);
    world.run(30);
    expect(sizeOf(world)).toBe(4);
    load.total = 10;
    world.run(60);
    expect(sizeOf(world)).toBe(4);
  });

  it('needs requests to take a percentage of', () => {
    const memory = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } },
    };
    const world = worldWith({ metrics: [memory] }, { total: 1 });
    expect(world.said('h')[0]).toMatch(
      /^FailedGetResourceMetric: failed to get memory utilization: missing request for memory in container app of Pod web-/,
    );
  });
});
