import type { Simulation } from '../kernel/simulation.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { ExecSession } from './exec-session.js';
import { FileTree } from './files/file-tree.js';
import type { Mount } from './mount.port.js';
import type { NodeDisk } from './node-disk.port.js';
import { NO_INPUT, type SessionInput, type SessionSink } from './session.js';

/** Processes that clients may have in one container at a time. */
const SESSIONS_MAX = 1_000;

/** A process that a client wants in a container. */
export interface ExecRequest {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly hostname: string;
  readonly isTerminal: boolean;
  /** The volumes in the container whose files it sees. */
  readonly mounts?: readonly Mount[];
}

export interface ContainerProcessesOptions {
  readonly simulation: Simulation;
  readonly disk: NodeDisk;
  readonly text: TextCodec;
}

/** What clients run in the containers of a node, and the files that they leave there. */
export class ContainerProcesses {
  readonly #options: ContainerProcessesOptions;
  readonly #files = new Map<string, FileTree>();
  readonly #sessions = new Map<string, Set<ExecSession>>();

  constructor(options: ContainerProcessesOptions) {
    this.#options = options;
    for (const [path, stored] of options.disk.entries<object>('files/')) {
      const [, containerId = ''] = path.split('/', 2);
      this.filesOf(containerId).restore(path.slice(`files/${containerId}`.length), stored);
    }
  }

  filesOf(containerId: string): FileTree {
    const known = this.#files.get(containerId);
    if (known !== undefined) return known;
    const files = new FileTree(this.#options.disk, containerId);
    this.#files.set(containerId, files);
    return files;
  }

  exec(containerId: string, { argv, mounts = [], ...world }: ExecRequest, sink: SessionSink): SessionInput {
    const sessions = this.#sessions.get(containerId) ?? new Set<ExecSession>();
    if (sessions.size >= SESSIONS_MAX) {
      sink.fail(
        'OCI runtime exec failed: exec failed: unable to start container process: resource temporarily unavailable',
      );
      return NO_INPUT;
    }
    const { simulation, text } = this.#options;
    const files = this.filesOf(containerId);
    files.mount(mounts);
    const whole = { ...world, files, simulation, text };
    const session = new ExecSession(whole, sink, (ended) => this.#ended(containerId, ended));
    sessions.add(session);
    this.#sessions.set(containerId, sessions);
    return session.start(argv, whole);
  }

  /** The container's own process has ended, and all others in it with it. */
  killAll(containerId: string): void {
    for (const session of Array.from(this.#sessions.get(containerId) ?? [])) session.kill();
  }

  /** The container is no more, nor are its files. */
  remove(containerId: string): void {
    this.killAll(containerId);
    this.#files.get(containerId)?.clear();
    this.#files.delete(containerId);
  }

  #ended(containerId: string, session: ExecSession): void {
    const sessions = this.#sessions.get(containerId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(containerId);
  }
}
