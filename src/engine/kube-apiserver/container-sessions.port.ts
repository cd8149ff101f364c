/** The container of a pod that a client wants to reach. */
export interface ContainerTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface PodTarget {
  readonly namespace: string;
  readonly pod: string;
}

export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly tty: boolean;
}

/** Where a process's output goes. After `exit` or `fail` nothing more comes. */
export interface ProcessSink {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  exit(code: number): void;
  /** The process never ran: why, in the runtime's words. */
  fail(message: string): void;
}

/** What a client sends to a process. Calls after its end count for nothing. */
export interface ProcessInput {
  stdin(bytes: Uint8Array): void;
  closeStdin(): void;
  /** Of the terminal, in characters. */
  resize(width: number, height: number): void;
  /** The client went away. */
  cancel(): void;
}

/** The far side of a TCP connection into a pod. */
export interface PortSink {
  data(bytes: Uint8Array): void;
  end(): void;
  /** The connection could not be made: why, in the kubelet's and the runtime's words. */
  fail(message: string): void;
}

/** The near side. */
export interface PortInput {
  data(bytes: Uint8Array): void;
  /** The client sends no more. */
  end(): void;
  cancel(): void;
}

export interface ProxiedRequest {
  readonly method: string;
  /** The path and query that the server sees. */
  readonly target: string;
}

export interface ProxiedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Why a pod's node does not take a connection. */
export interface NodeRefusal {
  /** `network` where the kubelet cannot be reached, and otherwise the status of its answer. */
  readonly status: 'network' | 400 | 404 | 500;
  readonly message: string;
}

/** What runs on nodes, as the kubelets let the API server reach it. */
export interface ContainerSessions {
  /** Why the kubelet would not take a connection to a pod, or to a container of it; `undefined` where it would. */
  refusal(target: PodTarget & { readonly container?: string }): NodeRefusal | undefined;
  exec(target: ContainerTarget, options: ProcessOptions, sink: ProcessSink): ProcessInput;
  /** To the container's own process: what it prints from now on. */
  attach(target: ContainerTarget, sink: ProcessSink): ProcessInput;
  connect(target: PodTarget, port: number, sink: PortSink): PortInput;
  /** One request to a server in a pod; `undefined` where nothing listens. */
  request(target: PodTarget, port: number, request: ProxiedRequest): ProxiedResponse | undefined;
  /** One request to a kubelet; `undefined` where it does not run. */
  nodeRequest(nodeName: string, request: ProxiedRequest): ProxiedResponse | undefined;
}
