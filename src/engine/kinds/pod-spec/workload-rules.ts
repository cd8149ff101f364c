/** Rules that the kinds around a pod template share. */
import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import type { IntOrString } from '../../machinery/api/runtime.js';
import { deepEqual } from '../../machinery/equality.js';
import { invalid, required } from '../../machinery/field-error.js';
import { percentFaults } from '../../machinery/int-or-string.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults } from '../../machinery/names.js';
import type { KubeObject } from '../../machinery/object.js';
import { sortedMap } from './internal-form.js';
import { checkLabelSelector, checkNonNegative, reportFaults } from './checks.js';
import { checkEndlessTemplate, checkPodTemplate, checkTemplateMatches, requirementsOf } from './pod-template-rules.js';

/** Counts in a status are never negative. */
export function checkCounts<T extends object>(
  report: Report,
  path: string,
  status: T,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields) {
    const value = status[field];
    if (typeof value === 'number') checkNonNegative(report, `${path}.${field}`, value);
  }
}

/** None of them may exceed all replicas. */
export function checkNotAboveReplicas<T extends { readonly replicas?: number }>(
  report: Report,
  status: T,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields) {
    const value = Number(status[field] ?? 0);
    if (value <= (status.replicas ?? 0)) continue;
    report(invalid(`status.${field}`, value, 'cannot be greater than status.replicas'));
  }
}

export function checkAvailable(
  report: Report,
  {
    availableReplicas = 0,
    readyReplicas = 0,
  }: { readonly availableReplicas?: number; readonly readyReplicas?: number },
  bound: string,
): void {
  if (availableReplicas > readyReplicas) {
    report(invalid('status.availableReplicas', availableReplicas, `cannot be greater than ${bound}`));
  }
}

/** Hash collisions are counted, so that names never come back. */
export function checkCollisionCount(report: Report, count: number | undefined, before: number | undefined): void {
  if (before === undefined || (count !== undefined && count >= before)) return;
  report(invalid('status.collisionCount', count ?? 0, 'cannot be decremented'));
}

export function checkImmutableSelector(
  report: Report,
  now: LabelSelector | undefined,
  before: LabelSelector | undefined,
): void {
  if (!deepEqual(now, before)) report(invalid('spec.selector', sortedMap(now), 'field is immutable'));
}

interface SelectedTemplate {
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplateSpec | undefined;
  readonly oldTemplate: PodTemplateSpec | undefined;
}

/** Selector and template of a Deployment or a ReplicaSet; upstream has the same words for both. */
export function checkReplicated(report: Report, { selector, template, oldTemplate }: SelectedTemplate): void {
  if (selector === undefined) report(required('spec.selector'));
  else {
    checkLabelSelector(report, 'spec.selector', selector);
    if (isEmptySelector(selector)) {
      report(invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
    }
  }
  const requirements = requirementsOf(selector);
  if (requirements === undefined)
    return report(invalid('spec.selector', sortedMap(selector), 'invalid label selector'));
  const checked = template ?? {};
  checkTemplateMatches(report, 'spec.template', checked, requirements);
  checkPodTemplate(report, 'spec.template', checked, oldTemplate);
  checkEndlessTemplate(report, 'spec.template', checked, 'ReplicaSet');
}

export const isEmptySelector = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0;

/** A count that is not negative, or a percentage. */
export function checkIntOrPercent(report: Report, path: string, value: IntOrString): void {
  if (typeof value === 'number') checkNonNegative(report, path, value);
  else reportFaults(report, path, value, percentFaults(value));
}

export function checkAtMost100Percent(report: Report, path: string, value: IntOrString): void {
  if ((percentOf(value) ?? 0) > 100) report(invalid(path, value, 'must not be greater than 100%'));
}

/** The number before the percent sign or the count itself; 0 for a text that is neither. */
export const amountOf = (value: IntOrString): number => {
  if (typeof value === 'number') return value;
  const count = percentOf(value) ?? Number(value);
  return Number.isInteger(count) ? count : 0;
};

const percentOf = (value: IntOrString): number | undefined =>
  typeof value === 'string' && percentFaults(value).length === 0 ? Number(value.slice(0, -1)) : undefined;

/** Pods are named after what makes them, and their hosts after them. `where` says where the name shows up. */
export function hostnameWarnings(name: string, where: string): readonly string[] {
  const faults = dns1123LabelFaults(name);
  if (faults.length === 0) return [];
  const advice = 'which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: this is used in ${where}, ${advice}: [${faults.join(' ')}]`];
}

/** Whether a change was one of substance: only then are warnings repeated. */
export const isChanged = (object: KubeObject, old: KubeObject | undefined): boolean =>
  old === undefined || object.metadata.generation !== old.metadata.generation;
