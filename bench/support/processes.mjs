// The processes of a run: the server under test, the floor beside it, and the load generator.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { serverFlags } from '../../scripts/server-flags.mjs';
import { fileURLToPath } from 'node:url';

const HOST = '127.0.0.1';
const TOKEN = 'the-token-of-the-benchmark';
const START_MAX_MS = 30_000;
const STOP_MAX_MS = 30_000;
/** Another build may stand in, to be compared. */
export const ENTRY =
  process.env.FLOTILLA_BENCH_ENTRY ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const INSIDE = ['--import', new URL('./inside.mjs', import.meta.url).href];
/** On the disk of the project: a temporary folder may lie in memory, where nothing is ever flushed. */
export const workFolder = join(root, 'node_modules', '.cache', 'bench');

/** Starts the built server on an empty data directory; with `profile`, its main thread's CPU profile is written when it stops. */
export async function startFlotilla({ profile = false } = {}) {
  const dataDir = newFolder('flotilla-');
  const [httpPort, httpsPort] = await Promise.all([freePort(), freePort()]);
  const execArgv = ['--expose-gc', ...serverFlags, ...INSIDE];
  if (profile) execArgv.push('--cpu-prof', `--cpu-prof-dir=${join(workFolder, 'profiles')}`);
  const child = fork(ENTRY, [], {
    cwd: root,
    execArgv,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      FLOTILLA_HOST: HOST,
      FLOTILLA_HTTP_PORT: String(httpPort),
      FLOTILLA_HTTPS_PORT: String(httpsPort),
      FLOTILLA_DATA_DIR: dataDir,
      FLOTILLA_ADMIN_TOKEN: TOKEN,
    },
  });
  await saysReady(child);
  return { ...processOf(child, dataDir), host: HOST, port: httpPort, token: TOKEN };
}

export async function startFloor() {
  const dataDir = newFolder('floor-');
  const port = await freePort();
  const child = fork(new URL('./floor-server.mjs', import.meta.url), [dataDir, String(port)], {
    execArgv: [...serverFlags, ...INSIDE],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  await saysReady(child);
  return { ...processOf(child, dataDir), host: HOST, port, token: TOKEN };
}

export function startLoad() {
  const child = fork(new URL('./load.mjs', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    run: (task, options) => answerOf(child, { task, options }),
    end: () => child.send({ task: 'stop' }),
    stop: () => stopped(child),
  };
}

const processOf = (child, dataDir) => ({
  /** Bytes `rss, heap, external` and of room for `young` objects, after a full collection of garbage; CPU time `cpuBefore, cpuAfter` around it, in µs. */
  measure: () => answerOf(child, { task: 'measure' }),
  /** CPU time of all its threads so far, in µs. */
  cpu: () => answerOf(child, { task: 'cpu' }),
  async stop() {
    await stopped(child);
    rmSync(dataDir, { recursive: true, force: true });
  },
});

function newFolder(prefix) {
  mkdirSync(workFolder, { recursive: true });
  return mkdtempSync(join(workFolder, prefix));
}

function answerOf(child, message) {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('a process of the benchmark has ended'));
    child.once('exit', onExit);
    child.once('message', ({ result, error }) => {
      child.removeListener('exit', onExit);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    child.send(message);
  });
}

function saysReady(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a server did not start')), START_MAX_MS);
    child.once('exit', () => reject(new Error('a server ended at its start')));
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (!/^ready$/m.test(text)) return;
      clearTimeout(late);
      child.removeAllListeners('exit');
      child.stdout.removeAllListeners('data');
      child.stdout.resume();
      resolve();
    });
  });
}

function stopped(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
    child.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, HOST, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
