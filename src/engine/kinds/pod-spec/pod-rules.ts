import type { Pod } from '../../machinery/api/core-v1.js';
import { forbidden } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkAnnotationsMatchFields, checkPodAnnotations, MIRROR_ANNOTATION } from './annotation-rules.js';
import { isEmpty } from './checks.js';
import { checkImageSpaces } from './container-rules.js';
import type { Leniency } from './pod-scope.js';
import { STRICT } from './pod-scope.js';
import { checkPodSpec } from './pod-spec-rules.js';

/** A new pod. Its metadata is checked where every object's is. */
export function checkNewPod(report: Report, object: Pod): void {
  checkPod(report, object, STRICT);
  const { spec, metadata } = object;
  if ((spec.ephemeralContainers ?? []).length > 0) {
    report(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (!isEmpty(spec.nodeName) && (spec.schedulingGates ?? []).length > 0) {
    report(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  checkAnnotationsMatchFields(report, 'spec', metadata.annotations, spec);
}

/** What holds for a pod at any time. */
export function checkPod(report: Report, { metadata, spec }: Pod, leniency: Leniency): void {
  checkPodAnnotations(report, 'metadata.annotations', metadata.annotations, spec);
  const isMirrorPod = metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
  checkPodSpec(report, 'spec', spec, { isPod: true, podName: metadata.name, isMirrorPod, leniency });
  if (isEmpty(spec.serviceAccountName)) {
    for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
      for (const [sourceIndex, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
        if (serviceAccountToken === undefined) continue;
        const at = `spec.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`;
        report(forbidden(at, 'must not be specified when serviceAccountName is not set'));
      }
    }
  }
  for (const [index, each] of spec.containers.entries()) checkImageSpaces(report, `spec.containers[${index}]`, each);
  for (const [index, each] of (spec.initContainers ?? []).entries()) {
    checkImageSpaces(report, `spec.initContainers[${index}]`, each);
  }
}
