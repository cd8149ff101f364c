/** The metrics of an autoscaler in v1's annotation form, which puts the target beside the metric, and in v2's. */
import type * as v1 from '../../machinery/api/autoscaling-v1.js';
import type * as v2 from '../../machinery/api/autoscaling-v2.js';

export function metricSpecToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: v2.MetricSpec): v1.MetricSpec {
  return {
    type,
    ...(object === undefined ? {} : { object: objectToV1(object) }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metricName: pods.metric.name,
            targetAverageValue: pods.target.averageValue ?? '0',
            ...optional('selector', pods.metric.selector),
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name, ...resourceTarget(resource.target) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name,
            ...resourceTarget(containerResource.target),
            container: containerResource.container,
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metricName: external.metric.name,
            ...optional('metricSelector', external.metric.selector),
            ...optional('targetValue', external.target.value),
            ...optional('targetAverageValue', external.target.averageValue),
          },
        }),
  };
}

export function metricSpecFromV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: v1.MetricSpec): v2.MetricSpec {
  return {
    type,
    ...(object === undefined ? {} : { object: objectFromV1(object) }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metric: { name: pods.metricName, ...optional('selector', pods.selector) },
            target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name, target: utilizationTarget(resource) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name,
            target: utilizationTarget(containerResource),
            container: containerResource.container,
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metric: { name: external.metricName, ...optional('selector', external.metricSelector) },
            target: {
              type: external.targetValue === undefined ? 'AverageValue' : 'Value',
              ...optional('value', external.targetValue),
              ...optional('averageValue', external.targetAverageValue),
            },
          },
        }),
  };
}

export function metricStatusToV1(status: v2.MetricStatus): v1.MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status;
  return {
    type,
    ...(object === undefined
      ? {}
      : {
          object: {
            target: object.describedObject,
            metricName: object.metric.name,
            currentValue: object.current.value ?? '0',
            ...optional('selector', object.metric.selector),
            ...optional('averageValue', object.current.averageValue),
          },
        }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metricName: pods.metric.name,
            currentAverageValue: pods.current.averageValue ?? '0',
            ...optional('selector', pods.metric.selector),
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name, ...resourceCurrent(resource.current) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name,
            ...resourceCurrent(containerResource.current),
            container: containerResource.container,
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metricName: external.metric.name,
            ...optional('metricSelector', external.metric.selector),
            currentValue: external.current.value ?? '0',
            ...optional('currentAverageValue', external.current.averageValue),
          },
        }),
  };
}

export function metricStatusFromV1(status: v1.MetricStatus): v2.MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status;
  return {
    type,
    ...(object === undefined
      ? {}
      : {
          object: {
            metric: { name: object.metricName, ...optional('selector', object.selector) },
            current: { value: object.currentValue, ...optional('averageValue', object.averageValue) },
            describedObject: object.target,
          },
        }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metric: { name: pods.metricName, ...optional('selector', pods.selector) },
            current: { averageValue: pods.currentAverageValue },
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name, current: utilizationCurrent(resource) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name,
            current: utilizationCurrent(containerResource),
            container: containerResource.container,
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metric: { name: external.metricName, ...optional('selector', external.metricSelector) },
            current: { value: external.currentValue, ...optional('averageValue', external.currentAverageValue) },
          },
        }),
  };
}

const objectToV1 = ({ describedObject, target, metric }: v2.ObjectMetricSource): v1.ObjectMetricSource => ({
  target: describedObject,
  metricName: metric.name,
  targetValue: target.value ?? '0',
  ...optional('selector', metric.selector),
  ...optional('averageValue', target.averageValue),
});

const objectFromV1 = (object: v1.ObjectMetricSource): v2.ObjectMetricSource => ({
  describedObject: object.target,
  target: {
    type: object.averageValue === undefined ? 'Value' : 'AverageValue',
    value: object.targetValue,
    ...optional('averageValue', object.averageValue),
  },
  metric: { name: object.metricName, ...optional('selector', object.selector) },
});

const resourceTarget = ({ averageUtilization, averageValue }: v2.MetricTarget) => ({
  ...optional('targetAverageUtilization', averageUtilization),
  ...optional('targetAverageValue', averageValue),
});

const utilizationTarget = (source: {
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
}): v2.MetricTarget => ({
  type: source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
  ...optional('averageValue', source.targetAverageValue),
  ...optional('averageUtilization', source.targetAverageUtilization),
});

const resourceCurrent = ({ averageUtilization, averageValue }: v2.MetricValueStatus) => ({
  ...optional('currentAverageUtilization', averageUtilization),
  currentAverageValue: averageValue ?? '0',
});

const utilizationCurrent = (status: {
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue: string;
}): v2.MetricValueStatus => ({
  averageValue: status.currentAverageValue,
  ...optional('averageUtilization', status.currentAverageUtilization),
});

const optional = <Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
