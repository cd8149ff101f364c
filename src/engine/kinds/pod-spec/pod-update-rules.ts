import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { inclusiveRangeMessage } from '../../machinery/names.js';
import { checkAnnotationUpdates } from './annotation-rules.js';
import { ID_MAX, isEmpty } from './checks.js';
import { checkImageSpaces } from './container-rules.js';
import { checkGatedChanges } from './gated-pod-rules.js';
import { internalDiff } from './internal-diff.js';
import { checkPod } from './pod-rules.js';
import { leniencyFor } from './pod-scope.js';
import { checkTolerations } from './scheduling-rules.js';
import { withField } from './with-field.js';

const UPDATABLE_FIELDS = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];
const DEADLINE_RANGE = inclusiveRangeMessage(0, ID_MAX);

/** A running pod is what it is: images, the deadline and tolerations may change, and what keeps a gated pod from scheduling. */
export function checkPodUpdate(report: Report, object: Pod, old: Pod): void {
  checkPod(report, object, leniencyFor(old.spec));
  checkAnnotationUpdates(report, 'metadata.annotations', object.metadata.annotations, old.metadata.annotations);
  const [now, before] = [object.spec, old.spec];
  if (!checkImages(report, 'spec.containers', now.containers, before.containers)) return;
  if (!checkImages(report, 'spec.initContainers', now.initContainers ?? [], before.initContainers ?? [])) return;
  if (!checkDeadline(report, now, before)) return;
  checkAddedTolerations(report, now.tolerations ?? [], before.tolerations ?? []);
  checkRemovedGates(report, now.schedulingGates ?? [], before.schedulingGates ?? []);
  if (deepEqual(now, before)) return;
  const masked = maskUpdatable(now, before);
  const rest = (before.schedulingGates ?? []).length > 0 ? checkGatedChanges(report, masked, before) : masked;
  if (deepEqual(rest, before)) return;
  const detail = `pod updates may not change fields other than ${UPDATABLE_FIELDS.join(',')}`;
  report(forbidden('spec', `${detail}\n${internalDiff('PodSpec', before, rest)}`));
}

/** The new spec with the old values wherever a change is allowed. */
function maskUpdatable(now: PodSpec, before: PodSpec): PodSpec {
  const withImages = (containers: readonly Container[], olds: readonly Container[]): readonly Container[] =>
    containers.map((each, index) => withField(each, 'image', olds[index]?.image));
  let masked: PodSpec = { ...now, containers: withImages(now.containers, before.containers) };
  if (now.initContainers !== undefined) {
    masked = { ...masked, initContainers: withImages(now.initContainers, before.initContainers ?? []) };
  }
  masked = withField(masked, 'activeDeadlineSeconds', before.activeDeadlineSeconds);
  masked = withField(masked, 'schedulingGates', before.schedulingGates);
  masked = withField(masked, 'tolerations', before.tolerations);
  const wasNegative = (before.terminationGracePeriodSeconds ?? 0) < 0;
  if (!wasNegative || now.terminationGracePeriodSeconds !== 1) return masked;
  return withField(masked, 'terminationGracePeriodSeconds', before.terminationGracePeriodSeconds);
}

/** Whether the lists can be compared one by one. */
function checkImages(report: Report, path: string, now: readonly Container[], before: readonly Container[]): boolean {
  if (now.length !== before.length) {
    report(forbidden(path, 'pod updates may not add or remove containers'));
    return false;
  }
  for (const [index, container] of now.entries()) {
    if (isEmpty(container.image)) report(required(`${path}[${index}].image`));
    checkImageSpaces(report, `${path}[${index}]`, container);
  }
  return true;
}

/** A deadline may be set, and come nearer. Whether anything else is worth checking. */
function checkDeadline(report: Report, now: PodSpec, before: PodSpec): boolean {
  const [deadline, old] = [now.activeDeadlineSeconds, before.activeDeadlineSeconds];
  const path = 'spec.activeDeadlineSeconds';
  if (deadline === undefined) {
    if (old !== undefined) report(invalid(path, undefined, 'must not update from a positive integer to nil value'));
    return true;
  }
  if (deadline < 0 || deadline > ID_MAX) {
    report(invalid(path, deadline, DEADLINE_RANGE));
    return false;
  }
  if (old === undefined || old >= deadline) return true;
  report(invalid(path, deadline, 'must be less than or equal to previous value'));
  return false;
}

function checkAddedTolerations(report: Report, now: readonly Toleration[], before: readonly Toleration[]): void {
  const isKept = (old: Toleration): boolean =>
    now.some((each) => deepEqual(withField(old, 'tolerationSeconds', each.tolerationSeconds), each));
  if (!before.every(isKept)) {
    const detail = 'existing toleration can not be modified except its tolerationSeconds';
    return report(forbidden('spec.tolerations', detail));
  }
  checkTolerations(report, 'spec.tolerations', now);
}

function checkRemovedGates(
  report: Report,
  now: readonly PodSchedulingGate[],
  before: readonly PodSchedulingGate[],
): void {
  for (const [index, { name }] of now.entries()) {
    if (before.some((each) => each.name === name)) continue;
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    report(forbidden(`spec.schedulingGates[${index}].name`, detail));
  }
}
