import { jest } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

const TIME_LIMIT_MS = 300_000;
jest.setTimeout(TIME_LIMIT_MS);

const SCRIPTS = fileURLToPath(new URL('python/', import.meta.url));
const REQUIREMENTS = join(SCRIPTS, 'requirements.txt');
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

const made = environmentOf(REQUIREMENTS);
const describePython = 'python' in made ? describe : describe.skip;

type Environment = { readonly python: string } | { readonly missing: string };

/** A virtual environment with all that is required, kept until something else is required. */
function environmentOf(requirements: string): Environment {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(CACHE, `python-${digest}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return { python };
  if (!succeeds('python3', '--version')) return { missing: 'Python 3 is not installed' };
  const unfinished = `${folder}.${process.pid}`;
  try {
    if (!succeeds('python3', '-m', 'venv', unfinished)) return { missing: "Python's venv or pip is not installed" };
    const pip = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements];
    if (!succeeds(join(unfinished, 'bin', 'python'), ...pip)) {
      return { missing: 'the package kubernetes is not to be had from the package index' };
    }
    renameSync(unfinished, folder);
    return { python };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function succeeds(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: TIME_LIMIT_MS }).status === 0;
}

describePython(`the Python client (${'missing' in made ? `skipped: ${made.missing}` : 'with Python'})`, () => {
  let server: TestServer;
  let cluster: TestCluster;

  beforeAll(async () => {
    server = await TestServer.start();
    cluster = await TestCluster.create(server, { name: 'python', latency: 'instant', topology: { workers: 2 } });
  });
  afterAll(async () => {
    await cluster.cleanUp();
    await server.stop();
  });

  it('drives a cluster as it drives any', async () => {
    const python = 'python' in made ? made.python : '';
    const { code, output } = await run(python, { KUBECONFIG: await cluster.kubeconfig() });
    if (code !== 0) throw new Error(output);
    expect(output).toMatch(/^Ran \d\d tests in /m);
  });
});

/** Runs the tests to their end. Sockets that the client leaves open are its own affair. */
function run(
  python: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const args = ['-B', '-W', 'ignore::ResourceWarning', 'test_client.py'];
    const options = { cwd: SCRIPTS, env: { ...process.env, ...environment }, timeout: TIME_LIMIT_MS };
    execFile(python, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}
