import { NO_INPUT, type SessionInput, type SessionSink } from './session.js';

/** Clients that may be attached to one container at a time. */
const CLIENTS_MAX = 1_000;

/**
 * A container's own process where that is a shell: all who are attached type into it and see what it prints. It begins
 * with the first of them, so that nobody misses its prompt, and what it printed before is not told to those who come later.
 */
export class SharedShell {
  readonly #clients = new Set<SessionSink>();
  readonly #isOnce: boolean;
  readonly #onEnd: (code: number) => void;
  #input: SessionInput | undefined;

  constructor(isOnce: boolean, onEnd: (code: number) => void) {
    this.#isOnce = isOnce;
    this.#onEnd = onEnd;
  }

  /** `start` runs the shell, if it does not run yet. */
  attach(client: SessionSink, start: (sink: SessionSink) => SessionInput): SessionInput {
    if (this.#clients.size >= CLIENTS_MAX) {
      client.fail('too many clients are attached');
      return NO_INPUT;
    }
    this.#clients.add(client);
    this.#input ??= start({
      stdout: (bytes) => this.#tell((each) => each.stdout(bytes)),
      stderr: (bytes) => this.#tell((each) => each.stderr(bytes)),
      exit: (code) => this.#end(code),
      fail: (message) => {
        this.#tell((each) => each.fail(message));
        this.#clients.clear();
      },
    });
    return {
      stdin: (bytes) => this.#input?.stdin(bytes),
      closeStdin: () => this.#closeStdin(),
      resize: (width, height) => this.#input?.resize(width, height),
      cancel: () => {
        if (this.#clients.delete(client)) this.#closeStdin();
      },
    };
  }

  #closeStdin(): void {
    if (this.#isOnce) this.#input?.closeStdin();
  }

  #tell(say: (client: SessionSink) => void): void {
    for (const client of Array.from(this.#clients)) say(client);
  }

  /** Whoever is attached is not told how the container's process ended. */
  #end(code: number): void {
    this.#tell((each) => each.exit(0));
    this.#clients.clear();
    this.#onEnd(code);
  }
}
