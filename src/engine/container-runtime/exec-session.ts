import { findProgram } from './programs/find-program.js';
import type { ProcessWorld, ProgramInput } from './programs/program.js';
import { NO_INPUT, type SessionInput, type SessionSink } from './session.js';
import { Terminal } from './terminal.js';

/** Of a process that was killed. */
const KILLED_EXIT_CODE = 137;

/** A process beside a container's own, for as long as a client or the container is there. */
export class ExecSession implements SessionInput {
  readonly #sink: SessionSink;
  readonly #onEnd: (session: ExecSession) => void;
  readonly #terminal: Terminal | undefined;
  #input: ProgramInput = {};
  #isOver = false;

  constructor(world: ProcessWorld, sink: SessionSink, onEnd: (session: ExecSession) => void) {
    this.#sink = sink;
    this.#onEnd = onEnd;
    this.#terminal = world.isTerminal
      ? new Terminal(
          world.text,
          (bytes) => sink.stdout(bytes),
          (code) => this.kill(code),
        )
      : undefined;
  }

  /** Runs the program; where there is none, the sink hears what the runtime says. */
  start(argv: readonly string[], world: ProcessWorld): SessionInput {
    const [command = ''] = argv;
    const program = findProgram(command);
    if (program === undefined) {
      this.#end(() => this.#sink.fail(notStarted(command)));
      return NO_INPUT;
    }
    const write = (bytes: Uint8Array, to: 'stdout' | 'stderr'): void => {
      if (this.#isOver || bytes.length === 0) return;
      if (this.#terminal === undefined) this.#sink[to](bytes);
      else this.#terminal.output(bytes);
    };
    this.#input = program.start({
      ...world,
      argv,
      stdout: (bytes) => write(bytes, 'stdout'),
      stderr: (bytes) => write(bytes, 'stderr'),
      exit: (code) => this.#end(() => this.#sink.exit(code)),
    });
    return this.#isOver ? NO_INPUT : this;
  }

  stdin(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#terminal === undefined) this.#input.stdin?.(bytes);
    else this.#terminal.typed(bytes, this.#input);
  }

  closeStdin(): void {
    if (!this.#isOver) this.#input.closeStdin?.();
  }

  /** Programs here print without asking how wide the terminal is. */
  resize(): void {
    return undefined;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#input.kill?.();
    this.#end(() => undefined);
  }

  /** The process is killed, with its container unless `code` says otherwise. */
  kill(code = KILLED_EXIT_CODE): void {
    if (this.#isOver) return;
    this.#input.kill?.();
    this.#end(() => this.#sink.exit(code));
  }

  #end(last: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(this);
    last();
  }
}

/** What containerd and runc say of a command that is not there. */
function notStarted(command: string): string {
  const fault = command.includes('/')
    ? `stat ${command}: no such file or directory`
    : 'executable file not found in $PATH';
  return `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": ${fault}: unknown`;
}
