import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { DIFFERENCES } from './recorded-differences.js';

jest.setTimeout(600_000);
afterAll(() => TestServer.stopAll());

const RECORDED = fileURLToPath(new URL('../../../shared/reference/kubernetes-1.35/recorded', import.meta.url));
const AREAS = ['workloads', 'kinds', 'writes', 'reads'] as const;
/** Conversations mostly wait, for a watch to end or an outcome to come. */
const CONVERSATIONS_AT_A_TIME = 24;
const ALIKE_SHARE_MIN = 0.98;

interface Outcome {
  readonly conversation: string;
  readonly exchanges: number;
  /** What differs, by the number of the exchange: as the player tells it. */
  readonly differences: ReadonlyMap<number, string>;
}

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
    const first = await play(url, files, CONVERSATIONS_AT_A_TIME);
    // On a busy machine seconds pass where none did, so that managers change their order: what differs is asked again in quiet.
    const suspects = new Set(first.filter(isUnexpected).map(({ conversation }) => conversation));
    const second = await play(
      url,
      files.filter((file) => suspects.has(basename(file, '.json'))),
      1,
    );
    outcomes = [...first.filter(({ conversation }) => !suspects.has(conversation)), ...second];
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('leave the cluster alive', () => expect(server.output).not.toContain('has stopped'));

  it('differ in nothing but what is known', () => {
    const unexpected = outcomes.flatMap(({ conversation, differences }) =>
      Array.from(differences, ([exchange, text]) => ({ conversation, exchange, text })).filter(
        (each) => reasonOf(each) === undefined,
      ),
    );
    expect(unexpected.map(({ conversation, exchange, text }) => `${conversation} ${exchange}: ${text}`)).toEqual([]);
  });

  it('differ still where that is known', () => {
    const found = new Map(outcomes.map(({ conversation, differences }) => [conversation, differences]));
    const gone = DIFFERENCES.filter(({ sometimes }) => sometimes !== true).flatMap(({ conversation, exchanges }) =>
      exchanges.filter((each) => found.get(conversation)?.has(each) !== true).map((each) => `${conversation} ${each}`),
    );
    expect(gone).toEqual([]);
  });

  it.each(AREAS)('of the area %s come out alike in at least 98 of 100 exchanges', (area) => {
    const own = outcomes.filter(({ conversation }) => conversation.startsWith(`${area}-`));
    const exchanges = own.reduce((sum, each) => sum + each.exchanges, 0);
    const different = own.reduce((sum, each) => sum + each.differences.size, 0);
    expect((exchanges - different) / exchanges).toBeGreaterThanOrEqual(ALIKE_SHARE_MIN);
  });
});

const isUnexpected = ({ conversation, differences }: Outcome): boolean =>
  Array.from(differences.keys()).some((exchange) => reasonOf({ conversation, exchange }) === undefined);

const reasonOf = ({ conversation, exchange }: { readonly conversation: string; readonly exchange: number }) =>
  DIFFERENCES.find((each) => each.conversation === conversation && each.exchanges.includes(exchange))?.reason;

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

/** Plays the conversations against a cluster. */
async function play(url: string, files: readonly string[], concurrency: number): Promise<readonly Outcome[]> {
  if (files.length === 0) return [];
  const options = ['--server', url, '--token', ADMIN_TOKEN, '--verbose'];
  const width = ['--concurrency', String(concurrency)];
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [join(RECORDED, 'replay.mjs'), 'check', ...options, ...width, ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
  const outcomes = outcomesOf(output);
  expect(outcomes).toHaveLength(files.length);
  return outcomes;
}

/** The player tells a conversation in one line, then each exchange that differs in one, then its differences further in. */
function outcomesOf(output: string): readonly Outcome[] {
  const outcomes: { conversation: string; exchanges: number; differences: Map<number, string> }[] = [];
  let exchange: number | undefined;
  for (const line of output.split('\n')) {
    const [, conversation, exchanges] = /^(?:ok|FAIL) (\S+): -?\d+ of (\d+)$/.exec(line) ?? [];
    const [, number] = /^ {2}(\d+) /.exec(line) ?? [];
    const current = outcomes.at(-1);
    if (conversation !== undefined) {
      outcomes.push({ conversation, exchanges: Number(exchanges), differences: new Map() });
    } else if (number !== undefined && current !== undefined) {
      exchange = Number(number);
      current.differences.set(exchange, line.trim());
    } else if (exchange !== undefined && line.startsWith('      ')) {
      current?.differences.set(exchange, `${current.differences.get(exchange) ?? ''}\n${line}`);
    }
  }
  return outcomes;
}
