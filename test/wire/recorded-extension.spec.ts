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
  type Difference,
  type Outcome,
} from '../support/recorded-conversations.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(240_000);
afterAll(() => TestServer.stopAll());

/** All of them: what they mostly do is wait. */
const CONVERSATIONS_AT_A_TIME = 40;
const ALIKE_SHARE_MIN = 0.98;

const DIFFERENCES: readonly Difference[] = [
  {
    conversation: 'extension-cr-tables',
    exchanges: [6, 11],
    reason: 'the age of a fixed date is counted in days, of which the recorded server saw fewer',
  },
];

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations about extension (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let folder: string;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'flotilla-recorded-'));
    const topology = { workers: 3, zones: ['a', 'b', 'c'] };
    const cluster = await TestCluster.create(server, { name: 'recorded', topology });
    const files = await prepare(folder);
    const url = server.httpUrl + cluster.path;
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

  it('come out alike in at least 98 of 100 exchanges', () =>
    expect(alikeShareOf(outcomes)).toBeGreaterThanOrEqual(ALIKE_SHARE_MIN));
});

interface Step {
  readonly until?: object;
  readonly ignore?: boolean;
}

/** Copies, in which what never came to be on the recorded server either is not waited for. */
async function prepare(folder: string): Promise<readonly string[]> {
  const source = join(RECORDED, 'exchanges');
  const names = (await readdir(source)).filter((name) => name.startsWith('extension-'));
  const target = join(folder, 'exchanges');
  await mkdir(target);
  for (const name of names) {
    const text = await readFile(join(source, name), 'utf8');
    await writeFile(join(target, name), name === 'extension-cel-instances.json' ? withoutWaiting(text) : text);
  }
  return names.map((name) => join(target, name));
}

/** The definition is refused there, so that its resource is never served. */
function withoutWaiting(text: string): string {
  const script = JSON.parse(text) as { readonly steps: readonly Step[] };
  const steps = script.steps.map(({ until: _wanted, ...step }) => step);
  return JSON.stringify({ ...script, steps });
}
