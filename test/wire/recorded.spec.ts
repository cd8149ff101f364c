import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  alikeShareOf,
  goneOf,
  playRecorded,
  playTwice,
  RECORDED,
  unexpectedOf,
  type Outcome,
} from '../support/recorded-conversations.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { DIFFERENCES } from './recorded-differences.js';

jest.setTimeout(600_000);
afterAll(() => TestServer.stopAll());

const AREAS = ['workloads', 'kinds', 'writes', 'reads'] as const;
/** Conversations mostly wait, for a watch to end or an outcome to come. */
const CONVERSATIONS_AT_A_TIME = 24;
const ALIKE_SHARE_MIN = 0.98;

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations with a real API server (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let folder: string;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'flotilla-recorded-'));
    const cluster = await hourOldCluster(server);
    const url = server.httpUrl + cluster.path;
    const files = await prepare(folder);
    outcomes = await playTwice(files, DIFFERENCES, (some, how) =>
      playRecorded({
        url,
        token: ADMIN_TOKEN,
        files: some,
        concurrency: how === 'alone' ? 1 : CONVERSATIONS_AT_A_TIME,
      }),
    );
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('leave the cluster alive', () => expect(server.output).not.toContain('has stopped'));

  it('differ in nothing but what is known', () => expect(unexpectedOf(outcomes, DIFFERENCES)).toEqual([]));

  it('differ still where that is known', () => expect(goneOf(outcomes, DIFFERENCES)).toEqual([]));

  it.each(AREAS)('of the area %s come out alike in at least 98 of 100 exchanges', (area) => {
    const own = outcomes.filter(({ conversation }) => conversation.startsWith(`${area}-`));
    expect(alikeShareOf(own)).toBeGreaterThanOrEqual(ALIKE_SHARE_MIN);
  });
});

/** As the recorded server was: its first revisions are compacted, and it has workers in three zones. */
async function hourOldCluster(server: TestServer): Promise<TestCluster> {
  const topology = { workers: 3, zones: ['a', 'b', 'c'] };
  const cluster = await TestCluster.create(server, { name: 'recorded', topology, clock: { mode: 'paused' } });
  await cluster.advance('1h');
  await cluster.management.patch('/clock', { mode: 'realtime' }, 'application/json');
  return cluster;
}

/** Copies of the conversations, in which the recorded server's administrator, where he is named, is impersonated by this one's. */
async function prepare(folder: string): Promise<readonly string[]> {
  const source = join(RECORDED, 'exchanges');
  const names = (await readdir(source)).filter((name) => AREAS.some((area) => name.startsWith(`${area}-`)));
  const target = join(folder, 'exchanges');
  await mkdir(target);
  for (const name of names) {
    const text = await readFile(join(source, name), 'utf8');
    await writeFile(join(target, name), /admintoken|admin-uid/.test(text) ? asAdministrator(text) : text);
  }
  return names.map((name) => join(target, name));
}

interface Step {
  readonly headers?: Readonly<Record<string, string>>;
}

function asAdministrator(text: string): string {
  const script = JSON.parse(text) as { readonly steps: readonly Step[] };
  const steps = script.steps.map((step) => {
    const { Authorization: token, ...headers } = step.headers ?? {};
    if (token !== undefined && token !== 'Bearer admintoken') return step;
    const user = { 'impersonate-user': 'admin', 'impersonate-uid': 'admin-uid', 'impersonate-group': 'system:masters' };
    return { ...step, headers: { ...headers, ...user } };
  });
  return JSON.stringify({ ...script, steps });
}
