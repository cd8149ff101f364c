import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ENTRY = process.env['FLOTILLA_TEST_ENTRY'] ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const START_MS_MAX = 60_000;
const REQUEST_MS_MAX = 30_000;
const POLL_MS = 20;
export const ADMIN_TOKEN = 'the-admin-token-of-all-black-box-tests';

export interface ServerOptions {
  /** Kept after the server's end where it is given; a temporary one else. */
  readonly dataDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `undefined` where it is none. */
  readonly json: unknown;
}

/** The built server as a child process on free ports, driven from outside. */
export class TestServer {
  readonly dataDir: string;
  readonly httpUrl: string;
  readonly httpsUrl: string;
  readonly process: ChildProcess;
  readonly #output: string[];
  readonly #isTemporary: boolean;
  static readonly #running = new Set<TestServer>();

  private constructor(process: ChildProcess, output: string[], dataDir: string, isTemporary: boolean) {
    const [, httpUrl = ''] = /Management +(\S+)\/api\/v1/.exec(output.join('')) ?? [];
    const [, httpsUrl = ''] = /Kubernetes +(https:\/\/[^/]+)/.exec(output.join('')) ?? [];
    this.process = process;
    this.dataDir = dataDir;
    this.httpUrl = httpUrl;
    this.httpsUrl = httpsUrl;
    this.#output = output;
    this.#isTemporary = isTemporary;
    TestServer.#running.add(this);
  }

  /** For `afterAll`: ends what a failed test left running, which would keep jest from ending. */
  static async stopAll(): Promise<void> {
    await Promise.all(Array.from(TestServer.#running, (server) => server.stop('SIGKILL')));
  }

  /** Resolves when the server says that it is ready. */
  static async start({ dataDir, environment = {} }: ServerOptions = {}): Promise<TestServer> {
    await access(ENTRY).catch(() => {
      throw new Error(`${ENTRY} is missing: run \`npm run build\` first`);
    });
    const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'flotilla-test-')));
    const child = spawn(process.execPath, [ENTRY], {
      env: {
        ...process.env,
        FLOTILLA_HTTP_PORT: '0',
        FLOTILLA_HTTPS_PORT: '0',
        FLOTILLA_DATA_DIR: directory,
        FLOTILLA_ADMIN_TOKEN: ADMIN_TOKEN,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    await saysReady(child, output);
    const server = new TestServer(child, output, directory, dataDir === undefined);
    await server.#answersReady();
    return server;
  }

  get output(): string {
    return this.#output.join('');
  }

  /** A management request as the administrator; `body` is sent as JSON. */
  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.request(method, `/api/v1${path}`, { body: body === undefined ? undefined : JSON.stringify(body) });
  }

  /** Any request to the HTTP door. A body is JSON unless `headers` say otherwise. */
  async request(
    method: string,
    path: string,
    options: { token?: string; body?: string | undefined; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    const { token = ADMIN_TOKEN, body, headers = {} } = options;
    const response = await fetch(this.httpUrl + path, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  /** Sends a signal and waits for the end; a temporary data directory goes with it. The exit code, or the signal. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    const end = await this.kill(signal);
    if (this.#isTemporary) await rm(this.dataDir, { recursive: true, force: true });
    return end;
  }

  /** The same, with the data directory left as it is. */
  async kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const { process: child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    TestServer.#running.delete(this);
    return child.exitCode ?? child.signalCode ?? signal;
  }

  async #answersReady(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.httpUrl}/readyz`).catch(() => undefined);
      if (response?.status === 200) return;
      await sleep(POLL_MS);
    }
  }
}

async function saysReady(child: ChildProcess, output: readonly string[]): Promise<void> {
  const end = Date.now() + START_MS_MAX;
  while (!/^ready$/m.test(output.join(''))) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output.join('')}`);
    if (Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`the server was not ready in time: ${output.join('')}`);
    }
    await sleep(POLL_MS);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
