import type { ExecRequest } from '../container-runtime/container-processes.js';
import type { Container, ContainerRuntime } from '../container-runtime/container-runtime.js';
import { answerOf, HttpServerConnection } from '../container-runtime/http-server.js';
import type {
  ContainerSessions,
  ContainerTarget,
  NodeRefusal,
  PodTarget,
  PortInput,
  PortSink,
  ProcessInput,
  ProcessOptions,
  ProcessSink,
  ProxiedRequest,
  ProxiedResponse,
} from '../kube-apiserver/container-sessions.port.js';
import { declaredPorts } from '../kubelet/declared-ports.js';
import type { Kubelet } from '../kubelet/kubelet.js';
import { hostnameOf, processEnvironment } from '../kubelet/process-environment.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { TextCodec } from '../machinery/text-codec.port.js';

const KUBELET_PORT = 10250;
const PLAIN_TEXT = Object.freeze({ 'content-type': 'text/plain; charset=utf-8' });
const NO_PORT_INPUT: PortInput = Object.freeze({
  data: () => undefined,
  end: () => undefined,
  cancel: () => undefined,
});

export interface ContainerConnectionsOptions {
  /** `key` is `namespace/name`. */
  readonly pod: (key: string) => Pod | undefined;
  readonly podsOn: (nodeName: string) => readonly Pod[];
  readonly kubeletOf: (nodeName: string) => Kubelet | undefined;
  readonly text: TextCodec;
}

interface Found {
  readonly pod: Pod;
  readonly kubelet: Kubelet;
  readonly runtime: ContainerRuntime;
  readonly container: Container;
}

/** Reaches processes and servers in pods at the kubelets that run them, with a kubelet's and a runtime's words where there is none. */
export class ContainerConnections implements ContainerSessions {
  readonly #options: ContainerConnectionsOptions;

  constructor(options: ContainerConnectionsOptions) {
    this.#options = options;
  }

  refusal({
    namespace,
    pod: podName,
    container,
  }: PodTarget & { readonly container?: string }): NodeRefusal | undefined {
    const pod = this.#options.pod(`${namespace}/${podName}`);
    const nodeName = pod?.spec.nodeName ?? '';
    const kubelet = this.#options.kubeletOf(nodeName);
    if (pod !== undefined && kubelet?.isRunning !== true) {
      const host = `${pod.status?.hostIP ?? nodeName}:${KUBELET_PORT}`;
      return { status: 'network', message: `dial tcp ${host}: connect: connection refused` };
    }
    if (pod === undefined || kubelet?.sandboxOf(pod) === undefined) {
      return { status: 404, message: 'pod does not exist' };
    }
    if (container === undefined || this.#running(pod, container) !== undefined) return undefined;
    return { status: 500, message: `container not found ("${container}")` };
  }

  exec(target: ContainerTarget, { command, tty }: ProcessOptions, sink: ProcessSink): ProcessInput {
    const found = this.#find(target);
    if (found === undefined) return lost(target, sink);
    const { runtime, container } = found;
    const request = { ...worldOf(found, tty), argv: command };
    return runtime.exec(container.id, request, {
      stdout: (bytes) => sink.stdout(bytes),
      stderr: (bytes) => sink.stderr(bytes),
      exit: (code) => sink.exit(code),
      fail: (message) => sink.fail(`failed to exec in container: failed to start exec "${container.id}": ${message}`),
    });
  }

  attach(target: ContainerTarget, sink: ProcessSink): ProcessInput {
    const found = this.#find(target);
    if (found === undefined) return lost(target, sink);
    const { runtime, container } = found;
    const shell = runtime.attach(container.id, worldOf(found), sink);
    if (shell !== undefined) return shell;
    const { text } = this.#options;
    const following = runtime.followLog(container.id, {
      line: (line) => sink[line.stream](text.encode(`${line.text}\n`)),
      // Whoever is attached is not told how the container's process ended.
      end: () => sink.exit(0),
    });
    return {
      stdin: () => undefined,
      closeStdin: () => undefined,
      resize: () => undefined,
      cancel: () => following.cancel(),
    };
  }

  connect(target: PodTarget, port: number, sink: PortSink): PortInput {
    const pod = this.#options.pod(`${target.namespace}/${target.pod}`);
    const sandbox = pod === undefined ? undefined : this.#kubeletOf(pod)?.sandboxOf(pod);
    if (pod === undefined || sandbox === undefined || !this.#listens(pod, port)) {
      sink.fail(connectionRefused(sandbox?.id ?? '', port));
      return NO_PORT_INPUT;
    }
    const { text } = this.#options;
    return new HttpServerConnection(text, (request) => answerOf(target.pod, request, text), sink);
  }

  request(target: PodTarget, port: number, request: ProxiedRequest): ProxiedResponse | undefined {
    const pod = this.#options.pod(`${target.namespace}/${target.pod}`);
    if (pod === undefined || !this.#listens(pod, port)) return undefined;
    return answerOf(target.pod, request, this.#options.text);
  }

  nodeRequest(nodeName: string, { target }: ProxiedRequest): ProxiedResponse | undefined {
    if (this.#options.kubeletOf(nodeName)?.isRunning !== true) return undefined;
    const { text } = this.#options;
    switch (target.replace(/\?.*$/s, '')) {
      case '/healthz':
        return { status: 200, headers: PLAIN_TEXT, body: text.encode('ok') };
      case '/pods':
      case '/pods/': {
        const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: this.#options.podsOn(nodeName) };
        const headers = { 'content-type': 'application/json' };
        return { status: 200, headers, body: text.encode(JSON.stringify(list)) };
      }
      default:
        return { status: 404, headers: PLAIN_TEXT, body: text.encode('404 page not found\n') };
    }
  }

  #find({ namespace, pod: podName, container }: ContainerTarget): Found | undefined {
    const pod = this.#options.pod(`${namespace}/${podName}`);
    return pod === undefined ? undefined : this.#running(pod, container);
  }

  #running(pod: Pod, containerName: string): Found | undefined {
    const kubelet = this.#kubeletOf(pod);
    const container = kubelet?.containersOf(pod, containerName).at(-1);
    if (kubelet === undefined || container === undefined || !kubelet.runtime.isRunning(container.id)) return undefined;
    return { pod, kubelet, runtime: kubelet.runtime, container };
  }

  #listens(pod: Pod, port: number): boolean {
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    return all.some((spec) => {
      if (!declaredPorts(spec).has(port)) return false;
      const found = this.#running(pod, spec.name);
      return found?.runtime.serves(found.container.id) === true;
    });
  }

  #kubeletOf(pod: Pod): Kubelet | undefined {
    const kubelet = this.#options.kubeletOf(pod.spec.nodeName ?? '');
    return kubelet?.isRunning === true ? kubelet : undefined;
  }
}

/** What a process in a container finds around itself; it has a terminal if its container has, unless that is said. */
function worldOf(
  { pod, kubelet, container: { name: containerName } }: Found,
  tty?: boolean,
): Omit<ExecRequest, 'argv'> {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
  const spec = all.find(({ name }) => name === containerName);
  const isTerminal = tty ?? spec?.tty === true;
  return {
    environment: { ...processEnvironment(pod, spec ?? {}), ...(isTerminal ? { TERM: 'xterm' } : {}) },
    workingDirectory: spec?.workingDir ?? '/',
    hostname: hostnameOf(pod),
    isTerminal,
    mounts: kubelet.mountsOf(pod, containerName),
  };
}

/** The container ended between the look and the leap. */
function lost({ container }: ContainerTarget, sink: ProcessSink): ProcessInput {
  sink.fail(`container not found ("${container}")`);
  return { stdin: () => undefined, closeStdin: () => undefined, resize: () => undefined, cancel: () => undefined };
}

const connectionRefused = (sandboxId: string, port: number): string =>
  `error forwarding port ${port} to pod ${sandboxId}, uid : ` +
  `failed to execute portforward in network namespace "/var/run/netns/cni-${sandboxId.slice(0, 32)}": ` +
  `failed to connect to localhost:${port} inside namespace "${sandboxId}", ` +
  `IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused ` +
  `IPv6 dial tcp6 [::1]:${port}: connect: connection refused `;
