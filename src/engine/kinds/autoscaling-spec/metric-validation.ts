import type { MetricIdentifier, MetricSpec, MetricTarget } from '../../machinery/api/autoscaling-v2.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { checkDnsLabel, checkQualifiedName, reportFaults } from '../pod-spec/checks.js';
import { isPositive, isStandardContainerResource } from '../pod-spec/resource-lists.js';
import type { ReferenceRules } from './reference.js';
import { checkReference } from './reference.js';

const TYPES: readonly string[] = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGET_TYPES: readonly string[] = ['Utilization', 'Value', 'AverageValue'];
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
type Source = (typeof SOURCES)[number];
const SOURCE_OF: Readonly<Record<string, Source>> = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};
const OBJECT_RULES: ReferenceRules = Object.freeze({ allowsAnyVersion: false, allowsCoreGroup: true });
const RAW_OR_UTILIZATION = 'must set either a target raw value or a target utilization';

export function validateMetric(metric: MetricSpec, path: string, report: Report): void {
  const { type } = metric;
  if (type === '') report(required(`${path}.type`, 'must specify a metric source type'));
  if (!TYPES.includes(type)) report(notSupported(`${path}.type`, type, TYPES));
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first !== undefined) validateSource(metric, first, `${path}.${first}`, report);
  const expected = SOURCE_OF[type];
  if (expected === undefined) report(notSupported(`${path}.type`, type, TYPES));
  else if (metric[expected] === undefined) {
    report(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const source of present.toSorted()) {
    if (source !== expected) report(forbidden(`${path}.${source}`, 'must populate the given metric source only'));
  }
}

function validateSource(metric: MetricSpec, source: Source, path: string, report: Report): void {
  const { object, external, pods, resource, containerResource } = metric;
  if (source === 'object' && object !== undefined) {
    checkReference(report, `${path}.describedObject`, object.describedObject, OBJECT_RULES);
    validateIdentifier(object.metric, `${path}.metric`, report);
    validateTarget(object.target, `${path}.target`, report);
    if (object.target.value === undefined && object.target.averageValue === undefined) {
      report(required(`${path}.target.averageValue`, 'must set either a target value or averageValue'));
    }
  } else if (source === 'external' && external !== undefined) {
    const { value, averageValue } = external.target;
    validateIdentifier(external.metric, `${path}.metric`, report);
    validateTarget(external.target, `${path}.target`, report);
    if (value === undefined && averageValue === undefined) {
      const detail = 'must set either a target value for metric or a per-pod target';
      report(required(`${path}.target.averageValue`, detail));
    }
    if (value !== undefined && averageValue !== undefined) {
      report(forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'));
    }
  } else if (source === 'pods' && pods !== undefined) {
    validateIdentifier(pods.metric, `${path}.metric`, report);
    validateTarget(pods.target, `${path}.target`, report);
    if (pods.target.averageValue === undefined) {
      report(required(`${path}.target.averageValue`, 'must specify a positive target averageValue'));
    }
  } else if (source === 'resource' && resource !== undefined) {
    if (resource.name === '') report(required(`${path}.name`, 'must specify a resource name'));
    validateResourceTarget(resource.target, `${path}.target`, report);
  } else if (containerResource !== undefined) {
    const { name, container, target } = containerResource;
    if (name === '') report(required(`${path}.name`, 'must specify a resource name'));
    else validateContainerResource(name, `${path}.name`, report);
    if (container === '') report(required(`${path}.container`, 'must specify a container'));
    else checkDnsLabel(report, `${path}.container`, container);
    validateResourceTarget(target, `${path}.target`, report);
  }
}

function validateContainerResource(name: string, path: string, report: Report): void {
  checkQualifiedName(report, path, name);
  if (!name.includes('/') && !isStandardContainerResource(name)) {
    report(invalid(path, name, 'must be a standard resource for containers'));
  }
}

function validateResourceTarget(target: MetricTarget, path: string, report: Report): void {
  const { averageUtilization, averageValue } = target;
  validateTarget(target, path, report);
  if (averageUtilization === undefined && averageValue === undefined) {
    report(required(`${path}.averageUtilization`, RAW_OR_UTILIZATION));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    report(forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'));
  }
}

function validateTarget(target: MetricTarget, path: string, report: Report): void {
  const { type, value, averageValue, averageUtilization } = target;
  if (type === '') report(required(`${path}.type`, 'must specify a metric target type'));
  if (!TARGET_TYPES.includes(type)) {
    report(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  if (value !== undefined && !isPositive(value)) report(invalid(`${path}.value`, value, 'must be positive'));
  if (averageValue !== undefined && !isPositive(averageValue)) {
    report(invalid(`${path}.averageValue`, averageValue, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    report(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
}

function validateIdentifier({ name }: MetricIdentifier, path: string, report: Report): void {
  if (name === '') report(required(`${path}.name`, 'must specify a metric name'));
  else reportFaults(report, `${path}.name`, name, pathSegmentFaults(name));
}
