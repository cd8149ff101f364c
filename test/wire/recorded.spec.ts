import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(240_000);

const RECORDED = fileURLToPath(new URL('../../../shared/reference/kubernetes-1.35/recorded', import.meta.url));
/** Conversations mostly wait, for a watch to end or an outcome to come. */
const CONVERSATIONS_AT_A_TIME = 16;
/** Outcomes that depend on how busy the machine is. */
const SLACK = 6;

/**
 * How many of the recorded exchanges come out alike, without managedFields. An area that is missing here needs parts that
 * are not there yet, and waits in vain for most of its outcomes.
 */
const ALIKE = [
  ['reads', 1126, 1293],
  ['kinds', 1006, 1252],
  ['writes', 919, 1250],
  ['workloads', 1033, 1114],
] as const;

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

/** Plays the conversations of an area against a cluster; what the player printed. */
function play(area: string, url: string): Promise<string> {
  const folder = join(RECORDED, 'exchanges');
  const files = readdirSync(folder).filter((file) => file.startsWith(`${area}-`));
  const options = ['--server', url, '--token', ADMIN_TOKEN, '--drop', 'managedFields'];
  const width = ['--concurrency', String(CONVERSATIONS_AT_A_TIME)];
  const args = ['check', ...options, ...width, ...files.map((file) => join(folder, file))];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(RECORDED, 'replay.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

describeRecorded('conversations with a real API server (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  it.each(ALIKE)('%s: at least %i exchanges of %i come out alike', async (area, alike, all) => {
    const cluster = await TestCluster.create(server, { name: area, topology: { workers: 3, zones: ['a', 'b', 'c'] } });
    const output = await play(area, server.httpUrl + cluster.path);
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
    expect(server.output).not.toContain('has stopped');
    expect(Number(passed) + Number(failed)).toBe(all);
    expect(Number(passed)).toBeGreaterThanOrEqual(alike - SLACK);
    await cluster.management.delete('');
  });
});
