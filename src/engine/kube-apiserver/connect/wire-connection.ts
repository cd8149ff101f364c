import type { PortInput, PortSink, ProcessInput, ProcessSink } from '../container-sessions.port.js';
import type { WireResponse } from '../wire.js';

/** Why a connection that passed the API server is refused behind it. */
export interface ConnectionRefusal {
  /** The answer of whoever refuses it, for protocols that are passed on to the kubelet. */
  readonly response: WireResponse;
  /** What the API server found, for protocols that it speaks itself: it has switched when it finds out. */
  readonly message: string;
}

interface Connection {
  readonly refusal: ConnectionRefusal | undefined;
}

/** To a process in a container. */
export interface ProcessConnection extends Connection {
  readonly type: 'process';
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Never together with a terminal, where both outputs are one. */
  readonly stderr: boolean;
  readonly tty: boolean;
  /** The program and its arguments; empty for the container's own process. */
  readonly command: readonly string[];
  /** Starts the process, or begins to listen to it. Once. */
  start(sink: ProcessSink): ProcessInput;
}

/** To the ports of a pod. */
export interface PortConnection extends Connection {
  readonly type: 'ports';
  /** Those that the request names, as it names them. */
  readonly ports: readonly string[];
  open(port: number, sink: PortSink): PortInput;
}

/** What a request that switches protocols leads to. */
export type WireConnection = ProcessConnection | PortConnection;
