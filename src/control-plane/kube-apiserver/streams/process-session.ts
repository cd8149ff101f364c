import type { ProcessConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import type { ProcessInput } from '../../../engine/kube-apiserver/container-sessions.port.js';
import { exitStatus, failureStatus, statusBytes, type StatusForm } from './process-status.js';
import { ResizeReader } from './resize-reader.js';

/** The client's side of a process, whatever carries it. */
export interface ProcessCarrier {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /** The end: what the error channel carries, if anything, and then nothing more. */
  end(status: Uint8Array | undefined): void;
}

export interface SessionForm {
  readonly status: StatusForm;
  /** Whether the API server itself is the client's partner, which looks at the process from one step further away. */
  readonly isTranslated: boolean;
}

/** One process between a connection's streams and the cluster. */
export class ProcessSession {
  readonly #connection: ProcessConnection;
  readonly #form: SessionForm;
  readonly #carrier: ProcessCarrier;
  readonly #resize = new ResizeReader((width, height) => this.#input?.resize(width, height));
  #input: ProcessInput | undefined;
  #isOver = false;

  constructor(connection: ProcessConnection, form: SessionForm, carrier: ProcessCarrier) {
    this.#connection = connection;
    this.#form = form;
    this.#carrier = carrier;
  }

  start(): void {
    const { refusal, stdout, stderr } = this.#connection;
    if (refusal !== undefined) return this.#end(failureStatus(refusal.message));
    const input = this.#connection.start({
      stdout: (bytes) => {
        if (stdout && !this.#isOver) this.#carrier.stdout(bytes);
      },
      stderr: (bytes) => {
        if (stderr && !this.#isOver) this.#carrier.stderr(bytes);
      },
      exit: (code) => this.#end(exitStatus(code, this.#exitDetail(code))),
      fail: (message) => this.#end(failureStatus(this.#failureDetail(message))),
    });
    if (!this.#isOver) this.#input = input;
  }

  stdin(bytes: Uint8Array): void {
    if (this.#connection.stdin) this.#input?.stdin(bytes);
  }

  closeStdin(): void {
    if (this.#connection.stdin) this.#input?.closeStdin();
  }

  resize(bytes: Uint8Array): void {
    this.#resize.data(bytes);
  }

  /** The client went away. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input?.cancel();
  }

  /** The cluster can say no more. */
  abort(): void {
    this.#end(failureStatus('the cluster has stopped'));
  }

  #end(status: Parameters<typeof statusBytes>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input = undefined;
    this.#carrier.end(statusBytes(status, this.#form.status));
  }

  #exitDetail(code: number): string {
    if (this.#form.isTranslated) return `command terminated with exit code ${code}`;
    return `error executing command [${this.#connection.command.join(' ')}], exit code ${code}`;
  }

  #failureDetail(message: string): string {
    const doing = this.#connection.command.length > 0 ? 'executing command in' : 'attaching to';
    const whole = `error ${doing} container: ${message}`;
    return this.#form.isTranslated ? `Internal error occurred: ${whole}` : whole;
  }
}
