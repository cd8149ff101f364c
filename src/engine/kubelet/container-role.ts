import type { PartOfObject } from '../client/event-recorder.js';
import type { ProcessPurpose } from '../container-runtime/process-plan.js';
import type { Container, Pod } from '../machinery/api/core-v1.js';

const isInit = (pod: Pod, { name }: Container): boolean =>
  pod.spec.initContainers?.some((each) => each.name === name) === true;

/** A container of a pod as events speak of it. */
export const partOf = (pod: Pod, container: Container): PartOfObject => ({
  whole: pod,
  fieldPath: `spec.${listOf(pod, container)}{${container.name}}`,
});

function listOf(pod: Pod, container: Container): string {
  if (isInit(pod, container)) return 'initContainers';
  const isEphemeral = pod.spec.ephemeralContainers?.some(({ name }) => name === container.name) === true;
  return isEphemeral ? 'ephemeralContainers' : 'containers';
}

/** A Job's containers are tasks. The next container waits for the end of an init container, unless that is a sidecar. */
export const purposeOf = (pod: Pod, container: Container): ProcessPurpose =>
  (isInit(pod, container) ? container.restartPolicy !== 'Always' : isOfJob(pod)) ? 'complete' : 'serve';

const isOfJob = ({ metadata }: Pod): boolean =>
  metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller === true) === true;
