import type { PartOfObject } from '../client/event-recorder.js';
import type { ProcessPurpose } from '../container-runtime/process-plan.js';
import type { Container, Pod } from '../machinery/api/core-v1.js';

const isInit = (pod: Pod, { name }: Container): boolean =>
  pod.spec.initContainers?.some((each) => each.name === name) === true;

/** A container of a pod as events speak of it. */
export const partOf = (pod: Pod, container: Container): PartOfObject => ({
  whole: pod,
  fieldPath: `spec.${isInit(pod, container) ? 'initContainers' : 'containers'}{${container.name}}`,
});

/** The next container waits for the end of an init container, unless that is a sidecar. */
export const purposeOf = (pod: Pod, container: Container): ProcessPurpose =>
  isInit(pod, container) && container.restartPolicy !== 'Always' ? 'complete' : 'serve';
