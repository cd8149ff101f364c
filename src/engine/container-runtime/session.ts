/** Where a process's output goes. After `exit` or `fail` nothing more comes. */
export interface SessionSink {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /** The process ended with this code. */
  exit(code: number): void;
  /** It never ran: what the runtime says of it. */
  fail(message: string): void;
}

/** What a client sends to a process. Calls after its end count for nothing. */
export interface SessionInput {
  stdin(bytes: Uint8Array): void;
  closeStdin(): void;
  resize(width: number, height: number): void;
  /** The client went away. */
  cancel(): void;
}

/** The far side of a TCP connection to a pod. */
export interface ByteSink {
  data(bytes: Uint8Array): void;
  end(): void;
}

/** The near side. */
export interface ByteInput {
  data(bytes: Uint8Array): void;
  end(): void;
  cancel(): void;
}

export const NO_INPUT: SessionInput = Object.freeze({
  stdin: () => undefined,
  closeStdin: () => undefined,
  resize: () => undefined,
  cancel: () => undefined,
});
