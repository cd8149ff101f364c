import type { ProcessConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import type { UpgradedSocket } from './accept-web-socket.js';
import { ProcessSession } from './process-session.js';
import { switchToSpdy } from './switch-to-spdy.js';
import { SpdyConnection, type SpdyStream, type StreamListener } from './spdy/spdy-connection.js';

/** How long a client may take to open its streams. */
const STREAMS_MS_MAX = 30_000;
const V4 = 'v4.channel.k8s.io';
const PROTOCOLS: readonly string[] = [V4, 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const RESIZABLE: readonly string[] = [V4, 'v3.channel.k8s.io'];

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/** Exec and attach over SPDY: one stream for each direction, told apart by their headers. */
export function processOverSpdy(upgraded: UpgradedSocket, connection: ProcessConnection): { end(): void } {
  const protocol = switchToSpdy(upgraded, PROTOCOLS);
  if (protocol === undefined) return { end: () => undefined };
  const session = new SpdyProcess(connection, protocol === '' ? 'channel.k8s.io' : protocol);
  session.serve(new SpdyConnection(upgraded.socket, session));
  return { end: () => session.abort() };
}

class SpdyProcess {
  readonly #streams = new Map<StreamType, SpdyStream>();
  readonly #awaited: ReadonlySet<StreamType>;
  readonly #session: ProcessSession;
  readonly #isFirstVersion: boolean;
  #spdy: SpdyConnection | undefined;
  #late: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(connection: ProcessConnection, protocol: string) {
    const { stdin, stdout, stderr, tty } = connection;
    const resize = tty && RESIZABLE.includes(protocol);
    const wanted = { error: true, stdin, stdout, stderr, resize };
    this.#awaited = new Set((Object.keys(wanted) as StreamType[]).filter((type) => wanted[type]));
    this.#isFirstVersion = protocol === 'channel.k8s.io';
    const form = { status: protocol === V4 ? 'json' : 'text', isTranslated: false } as const;
    this.#session = new ProcessSession(connection, form, {
      stdout: (bytes) => this.#streams.get('stdout')?.write(bytes),
      stderr: (bytes) => this.#streams.get('stderr')?.write(bytes),
      end: (status) => this.#end(status),
    });
  }

  serve(spdy: SpdyConnection): void {
    this.#spdy = spdy;
    this.#late = setTimeout(() => spdy.close(), STREAMS_MS_MAX);
  }

  stream(stream: SpdyStream, headers: ReadonlyMap<string, string>): StreamListener | undefined {
    const type = headers.get('streamtype') as StreamType | undefined;
    if (type === undefined || !this.#awaited.has(type) || this.#streams.has(type)) return undefined;
    this.#streams.set(type, stream);
    // Before the first data of this very stream can come.
    if (this.#streams.size === this.#awaited.size) this.#start();
    return {
      data: (bytes) => {
        if (type === 'stdin') this.#whenStarted(() => this.#session.stdin(bytes));
        else if (type === 'resize') this.#whenStarted(() => this.#session.resize(bytes));
      },
      end: () => {
        if (type === 'stdin') this.#whenStarted(() => this.#session.closeStdin());
      },
      reset: () => {
        if (type === 'stdin') this.#whenStarted(() => this.#session.closeStdin());
      },
    };
  }

  gone(): void {
    clearTimeout(this.#late);
    this.#session.cancel();
  }

  abort(): void {
    this.#session.abort();
  }

  #start(): void {
    clearTimeout(this.#late);
    // The first version took a closed stream for a sign that standard input is there.
    if (this.#isFirstVersion) this.#streams.get('stdin')?.end();
    this.#isStarted = true;
    this.#session.start();
    for (const early of this.#early.splice(0)) early();
  }

  /** A client that does not wait for its other streams sends early. */
  #whenStarted(run: () => void): void {
    if (this.#isStarted) run();
    else if (this.#early.length < EARLY_MAX) this.#early.push(run);
    else this.#spdy?.close();
  }

  readonly #early: (() => void)[] = [];

  #end(status: Uint8Array | undefined): void {
    const error = this.#streams.get('error');
    this.#streams.get('stdout')?.end();
    this.#streams.get('stderr')?.end();
    if (status !== undefined) error?.write(status);
    error?.end();
    this.#spdy?.close();
  }
}

/** Pieces that may come before all streams are there. */
const EARLY_MAX = 100;
