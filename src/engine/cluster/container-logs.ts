import type { Container, ContainerRuntime } from '../container-runtime/container-runtime.js';
import type { Kubelet } from '../kubelet/kubelet.js';

import type { LogFollower, LogRead, LogReadOptions, LogSource } from '../kube-apiserver/logs.port.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { badRequest, internalError, notFound } from '../machinery/status-error.js';

const KUBELET_PORT = 10250;

export interface ContainerLogsOptions {
  /** `key` is `namespace/name`. */
  readonly pod: (key: string) => Pod | undefined;
  readonly kubeletOf: (nodeName: string) => Kubelet | undefined;
}

interface Found {
  readonly runtime: ContainerRuntime;
  readonly container: Container;
}

/** Reads containers' logs at the kubelets that run them, with a kubelet's words where there is none. */
export class ContainerLogs implements LogSource {
  readonly #options: ContainerLogsOptions;

  constructor(options: ContainerLogsOptions) {
    this.#options = options;
  }

  read(namespace: string, pod: string, container: string, options: LogReadOptions): LogRead {
    const found = this.#find(namespace, pod, container, options.previous);
    const since = options.since ?? 0;
    const lines = found.runtime.logOf(found.container.id).filter(({ at }) => at >= since);
    const { tailLines } = options;
    return {
      lines: tailLines === undefined ? lines : tailLines === 0 ? [] : lines.slice(-tailLines),
      isOpen: found.container.exitCode === undefined,
    };
  }

  follow(namespace: string, pod: string, container: string, follower: LogFollower): { cancel(): void } {
    const { runtime, container: followed } = this.#find(namespace, pod, container, false);
    return runtime.followLog(followed.id, follower);
  }

  #find(namespace: string, podName: string, containerName: string, previous: boolean): Found {
    const pod = this.#options.pod(`${namespace}/${podName}`);
    if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, podName);
    const nodeName = pod.spec.nodeName ?? '';
    const kubelet = this.#options.kubeletOf(nodeName);
    if (kubelet?.isRunning !== true) {
      const host = `${pod.status?.hostIP ?? nodeName}:${KUBELET_PORT}`;
      const url = `https://${host}/containerLogs/${namespace}/${podName}/${containerName}`;
      throw internalError(`Get "${url}": dial tcp ${host}: connect: connection refused`);
    }
    const containers = kubelet.containersOf(pod, containerName).filter(({ startedAt }) => startedAt !== undefined);
    if (previous) {
      const earlier = containers.at(-2);
      if (earlier === undefined) {
        throw badRequest(`previous terminated container "${containerName}" in pod "${podName}" not found`);
      }
      return { runtime: kubelet.runtime, container: earlier };
    }
    const current = containers.at(-1);
    if (current === undefined) {
      const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
      const reason = all.find(({ name }) => name === containerName)?.state?.waiting?.reason ?? 'ContainerCreating';
      throw badRequest(`container "${containerName}" in pod "${podName}" is waiting to start: ${reason}`);
    }
    return { runtime: kubelet.runtime, container: current };
  }
}
