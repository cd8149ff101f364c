/** The `resize` subresource: CPU and memory of containers, while they run. */
import type { Container, Pod, PodSpec, ResourceList, ResourceRequirements } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';
import { MIRROR_ANNOTATION } from './annotation-rules.js';
import { checkPod } from './pod-rules.js';
import { isSidecar, leniencyFor } from './pod-scope.js';
import { keepAllButSpec } from './pod-subresource.js';
import { withField } from './with-field.js';
import { qosClassOf } from './qos-class.js';

/** Keeps everything but resources and resize policies; containers that do not line up are left for the check to refuse. */
export function prepareResize(draft: Draft<Pod>, old: Pod): void {
  const { spec } = draft;
  const [counts, olds] = [countsOf(spec), countsOf(old.spec)];
  if (counts.main !== olds.main || counts.init !== olds.init) return;
  const kept = deepClone(old.spec) as Draft<PodSpec>;
  kept.containers = resized(spec.containers, kept.containers);
  if (kept.initContainers !== undefined) {
    kept.initContainers = resized(spec.initContainers ?? [], kept.initContainers);
  }
  draft.spec = kept;
  keepAllButSpec(draft, old);
}

const countsOf = ({
  containers,
  initContainers = [],
}: {
  containers: readonly unknown[];
  initContainers?: readonly unknown[];
}) => ({
  main: containers.length,
  init: initContainers.length,
});

function resized(now: Draft<Container>[], before: Draft<Container>[]): Draft<Container>[] {
  if (now.some((each, index) => each.name !== before[index]?.name)) return now;
  return before.map((each, index) => {
    const { resources, resizePolicy } = now[index] ?? each;
    return withField(withField(each, 'resources', resources), 'resizePolicy', resizePolicy);
  });
}

export function checkResize(report: Report, object: Pod, old: Pod): void {
  if (old.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
    return report(forbidden('', 'static pods cannot be resized'));
  }
  if (old.spec.os?.name === 'windows') return report(forbidden('', 'windows pods cannot be resized'));
  checkPod(report, object, leniencyFor(old.spec));
  const [now, before] = [object.spec, old.spec];
  if ((old.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(now)) {
    report(invalid('spec', object.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  }
  if (!isSupportedByNode(old)) report(forbidden('spec', 'Pod running on node without support for resize'));
  if (hasPodResources(before) || hasPodResources(now)) {
    const gate = 'InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled';
    return report(forbidden('', `resize of pods with pod-level resources is forbidden when ${gate}`));
  }
  if (!checkOrder(report, now, before)) return;
  checkRemovals(report, now, before);
  checkChanges(report, now, before);
}

/** A kubelet that can resize reports the resources of running containers. */
function isSupportedByNode({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

const hasPodResources = ({ resources }: PodSpec): boolean =>
  Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;

function checkOrder(report: Report, now: PodSpec, before: PodSpec): boolean {
  let isSame = true;
  for (const field of ['containers', 'initContainers'] as const) {
    const [list, olds] = [now[field] ?? [], before[field] ?? []];
    if (list.length !== olds.length) {
      isSame = false;
      report(forbidden(`spec.${field}`, `${field} may not be added or removed on resize`));
      continue;
    }
    for (const [index, { name }] of olds.entries()) {
      if (list[index]?.name === name) continue;
      isSame = false;
      report(forbidden(`spec.${field}[${index}].name`, `${field} may not be renamed or reordered on resize`));
    }
  }
  return isSame;
}

function checkRemovals(report: Report, now: PodSpec, before: PodSpec): void {
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [index, old] of (before[field] ?? []).entries()) {
      if (field === 'initContainers' && !isSidecar(old)) continue;
      const at = `spec.${field}[${index}].resources`;
      const resources = now[field]?.[index]?.resources;
      if (isRemoved(resources?.requests, old.resources?.requests)) {
        report(forbidden(`${at}.requests`, 'resource requests cannot be removed'));
      }
      if (isRemoved(resources?.limits, old.resources?.limits)) {
        report(forbidden(`${at}.limits`, 'resource limits cannot be removed'));
      }
    }
  }
}

const isRemoved = (now: ResourceList = {}, before: ResourceList = {}): boolean =>
  Object.keys(before).some((name) => now[name] === undefined);

function checkChanges(report: Report, now: PodSpec, before: PodSpec): void {
  for (const [index, container] of now.containers.entries()) {
    const old = before.containers[index];
    if (old === undefined || deepEqual(withOldCompute(container, old), masked(old))) continue;
    report(forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  for (const [index, container] of (now.initContainers ?? []).entries()) {
    const old = before.initContainers?.[index];
    if (old === undefined) continue;
    if (isSidecar(container)) {
      if (deepEqual(withOldCompute(container, old), masked(old))) continue;
      report(forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'));
    } else if (!deepEqual(container, old)) {
      report(forbidden('spec', 'resources for non-sidecar init containers are immutable'));
    }
  }
}

/** With the old CPU and memory, so that only a change of anything else shows. */
function withOldCompute(container: Container, old: Container): Container {
  const { requests, limits } = container.resources ?? {};
  const resources: ResourceRequirements = {
    requests: withCompute(requests, old.resources?.requests),
    limits: withCompute(limits, old.resources?.limits),
  };
  return { ...container, resources };
}

const masked = (old: Container): Container => ({
  ...old,
  resources: { ...old.resources, requests: old.resources?.requests ?? {}, limits: old.resources?.limits ?? {} },
});

function withCompute(now: ResourceList = {}, before: ResourceList = {}): ResourceList {
  const list: Record<string, string> = { ...now };
  for (const name of ['cpu', 'memory']) {
    const old = before[name];
    if (old === undefined) delete list[name];
    else list[name] = old;
  }
  return list;
}
