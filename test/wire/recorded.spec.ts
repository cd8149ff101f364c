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
const CONVERSATIONS_AT_A_TIME = 24;
/** Exchanges of an area that may fail because the machine is busy. */
const SLACK = 5;

/** How many of the recorded exchanges come out alike, but for managedFields. Raised with the code, never lowered. */
const ALIKE: readonly (readonly [area: string, alike: number, exchanges: number])[] = [
  ['reads', 1138, 1199],
  ['kinds', 1177, 1252],
  ['writes', 1140, 1172],
  ['workloads', 1111, 1114],
];

/** Conversations about parts that are not served yet would wait in vain for most of their outcomes. */
const isPlayed = (name: string): boolean =>
  ALIKE.some(([area]) => name.startsWith(`${area}-`)) && !/-(crd|custom)\b/.test(name);

interface Outcome {
  readonly conversation: string;
  readonly alike: number;
  readonly exchanges: number;
}

/** Plays the conversations against a cluster. */
async function play(url: string): Promise<readonly Outcome[]> {
  const folder = join(RECORDED, 'exchanges');
  const files = readdirSync(folder).filter((file) => isPlayed(file.replace(/\.json$/, '')));
  const options = ['--server', url, '--token', ADMIN_TOKEN, '--drop', 'managedFields'];
  const width = ['--concurrency', String(CONVERSATIONS_AT_A_TIME)];
  const args = ['check', ...options, ...width, ...files.map((file) => join(folder, file))];
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [join(RECORDED, 'replay.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
  const outcomes = Array.from(
    output.matchAll(/^(?:ok|FAIL) (\S+): (-?\d+) of (\d+)$/gm),
    ([, conversation = '', alike, exchanges]) => ({
      conversation,
      alike: Number(alike),
      exchanges: Number(exchanges),
    }),
  );
  expect(outcomes).toHaveLength(files.length);
  return outcomes;
}

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations with a real API server (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    server = await TestServer.start();
    const topology = { workers: 3, zones: ['a', 'b', 'c'] };
    const cluster = await TestCluster.create(server, { name: 'recorded', topology });
    outcomes = await play(server.httpUrl + cluster.path);
  });
  afterAll(() => server.stop());

  it('leave the cluster alive', () => expect(server.output).not.toContain('has stopped'));

  it.each(ALIKE)('of the area %s come out alike in at least %i of %i exchanges', (area, floor, exchanges) => {
    const own = outcomes.filter(({ conversation }) => conversation.startsWith(`${area}-`));
    const alike = own.reduce((sum, each) => sum + each.alike, 0);
    console.log(`${area}: ${alike} of ${exchanges} exchanges come out alike`);
    expect(own.reduce((sum, each) => sum + each.exchanges, 0)).toBe(exchanges);
    expect(alike).toBeGreaterThanOrEqual(floor - SLACK);
  });
});
