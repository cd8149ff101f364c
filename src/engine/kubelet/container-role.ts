import type { PartOfObject } from '../client/event-recorder.js';
import { waitingShell, type ProcessPurpose } from '../container-runtime/process-plan.js';
import type { Container, Pod } from '../machinery/api/core-v1.js';

const isInit = (pod: Pod, { name }: Container): boolean =>
  pod.spec.initContainers?.some((each) => each.name === name) === true;

const isEphemeral = (pod: Pod, { name }: Container): boolean =>
  pod.spec.ephemeralContainers?.some((each) => each.name === name) === true;

/** A container of a pod as events speak of it. */
export const partOf = (pod: Pod, container: Container): PartOfObject => ({
  whole: pod,
  fieldPath: `spec.${listOf(pod, container)}{${container.name}}`,
});

function listOf(pod: Pod, container: Container): string {
  if (isInit(pod, container)) return 'initContainers';
  return isEphemeral(pod, container) ? 'ephemeralContainers' : 'containers';
}

/**
 * What a container is for, as far as that can be told. The next container waits for the end of an init container, unless that
 * is a sidecar; a Job's containers are tasks, and so is what somebody tells a pod to do that does not restart what has ended.
 * A shell with standard input is for whoever attaches.
 */
export function purposeOf(pod: Pod, container: Container): ProcessPurpose {
  const argv = [...(container.command ?? []), ...(container.args ?? [])];
  if (container.stdin === true && waitingShell(container.image ?? '', argv) !== undefined) {
    return container.stdinOnce === true ? 'converse-once' : 'converse';
  }
  if (isInit(pod, container)) return container.restartPolicy === 'Always' ? 'serve' : 'complete';
  if (isEphemeral(pod, container)) return 'serve';
  if (isOfJob(pod)) return 'complete';
  const restarts = (pod.spec.restartPolicy ?? 'Always') === 'Always';
  return argv.length > 0 && !restarts && container.stdin !== true ? 'complete' : 'serve';
}

const isOfJob = ({ metadata }: Pod): boolean =>
  metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller === true) === true;
