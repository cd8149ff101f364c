import type { ForwardedRequest } from '../engine/kube-apiserver/aggregation/forwarded-request.js';
import type {
  PortConnection,
  ProcessConnection,
  WireConnection,
} from '../engine/kube-apiserver/connect/wire-connection.js';
import type { PortInput, ProcessInput, ProcessSink } from '../engine/kube-apiserver/container-sessions.port.js';

/** What one client may have sent that its cluster has not taken yet. */
const WAITING_BYTES_MAX = 32 * 1_024 * 1_024;

/** How the world outside calls into a cluster: between two of its events. */
export interface ClusterEntrance {
  /** Runs an input now or later, in order; `refuse` is called where the cluster takes none any more. */
  enter(input: () => void, refuse: (error: Error) => void): void;
  /** Resolves when all that has happened is on disk. */
  whenDurable(): Promise<void>;
}

/** The connection as its carrier may use it, who knows nothing of the cluster's turns. */
export function enteringConnection(connection: WireConnection, entrance: ClusterEntrance): WireConnection {
  return connection.type === 'process' ? enteringProcess(connection, entrance) : enteringPorts(connection, entrance);
}

/** The same for a request that goes on to a server outside. */
export function enteringForward(request: ForwardedRequest, entrance: ClusterEntrance): ForwardedRequest {
  const { answered } = request;
  if (answered === undefined) return request;
  return {
    ...request,
    answered: (status) =>
      entrance.enter(
        () => answered(status),
        () => undefined,
      ),
  };
}

function enteringProcess(connection: ProcessConnection, entrance: ClusterEntrance): ProcessConnection {
  return {
    ...connection,
    start(sink) {
      const inputs = new Inputs<ProcessInput>(entrance, (message) => sink.fail(message));
      const durable = durableEnd(sink, entrance);
      inputs.open(() => connection.start(durable));
      return {
        stdin: (bytes) => inputs.pass((process) => process.stdin(bytes), bytes.byteLength),
        closeStdin: () => inputs.pass((process) => process.closeStdin()),
        resize: (width, height) => inputs.pass((process) => process.resize(width, height)),
        cancel: () => inputs.pass((process) => process.cancel()),
      };
    },
  };
}

function enteringPorts(connection: PortConnection, entrance: ClusterEntrance): PortConnection {
  return {
    ...connection,
    open(port, sink) {
      const inputs = new Inputs<PortInput>(entrance, (message) => sink.fail(message));
      inputs.open(() => connection.open(port, sink));
      return {
        data: (bytes) => inputs.pass((stream) => stream.data(bytes), bytes.byteLength),
        end: () => inputs.pass((stream) => stream.end()),
        cancel: () => inputs.pass((stream) => stream.cancel()),
      };
    },
  };
}

/** Success is only told when the files that a process wrote are on disk. */
const durableEnd = (sink: ProcessSink, entrance: ClusterEntrance): ProcessSink => ({
  stdout: (bytes) => sink.stdout(bytes),
  stderr: (bytes) => sink.stderr(bytes),
  fail: (message) => sink.fail(message),
  exit: (code) => {
    entrance.whenDurable().then(
      () => sink.exit(code),
      () => sink.fail('the cluster has stopped'),
    );
  },
});

/** Inputs of one session on their way in, in order. */
class Inputs<Input extends { cancel(): void }> {
  readonly #entrance: ClusterEntrance;
  readonly #fail: (message: string) => void;
  #input: Input | undefined;
  #waitingBytes = 0;
  #isLost = false;

  constructor(entrance: ClusterEntrance, fail: (message: string) => void) {
    this.#entrance = entrance;
    this.#fail = fail;
  }

  open(begin: () => Input): void {
    this.#enter(() => {
      this.#input = begin();
    });
  }

  pass(give: (input: Input) => void, bytes = 0): void {
    if (this.#isLost) return;
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      this.#lose('the cluster is too busy to take more');
      this.#enter(() => this.#input?.cancel());
      return;
    }
    this.#enter(() => {
      this.#waitingBytes -= bytes;
      if (this.#input !== undefined) give(this.#input);
    });
  }

  #enter(input: () => void): void {
    this.#entrance.enter(input, (error) => this.#lose(error.message));
  }

  #lose(message: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#fail(message);
  }
}
