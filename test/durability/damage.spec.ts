import { jest } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { refusedStart } from '../support/refused-start.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let dataDir: string;
let server: TestServer | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flotilla-damage-'));
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  server = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (): Promise<TestServer> => (server = await TestServer.start({ dataDir }));

/** A server that was killed after it had acknowledged `a`, `b` and `c`, each in a commit of its own. */
async function killedAfterThreeWrites(): Promise<void> {
  const running = await start();
  const cluster = await TestCluster.create(running, {
    name: 'struck',
    clock: { mode: 'paused' },
    topology: { workers: 0 },
  });
  await TestCluster.create(running, { name: 'beside', clock: { mode: 'paused' }, topology: { workers: 0 } });
  for (const name of ['a', 'b', 'c']) await cluster.kubernetes.post(CONFIG_MAPS, { metadata: { name } });
  await running.kill('SIGKILL');
}

const namesIn = async (cluster: TestCluster): Promise<readonly string[]> =>
  (await cluster.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name).filter((name) => name.length === 1);

/** The server serves what is whole, of the cluster beside it all, and takes writes. */
async function expectCutBackTo(names: readonly string[], report: RegExp | undefined): Promise<TestServer> {
  const found = await start();
  const cluster = TestCluster.at(found, 'struck');
  expect(await namesIn(cluster)).toEqual(names);
  expect(await namesIn(TestCluster.at(found, 'beside'))).toEqual([]);
  if (report === undefined) expect(found.output).not.toContain('damaged');
  else expect(found.output).toMatch(report);
  await cluster.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'z' } });
  return found;
}

interface BatchRow {
  readonly cluster_id: string;
  readonly rev_from: number;
  readonly payload: Buffer;
}

/** The last batches of the cluster that was written to last, newest first. All is in the database file afterwards. */
function lastBatches(count: number): readonly BatchRow[] {
  const database = new Database(join(dataDir, 'log.db'));
  try {
    const newest = database
      .prepare<[], BatchRow>('SELECT cluster_id, rev_from, payload FROM batch ORDER BY rowid DESC LIMIT 1')
      .get();
    return database
      .prepare<[string, number], BatchRow>(
        'SELECT cluster_id, rev_from, payload FROM batch WHERE cluster_id = ? ORDER BY rev_from DESC LIMIT ?',
      )
      .all(newest!.cluster_id, count);
  } finally {
    database.close();
  }
}

/** Turns one bit of a payload around wherever it lies in the file: SQLite may have moved it, and left a copy behind. */
async function flipBitOf({ payload }: BatchRow): Promise<void> {
  const path = join(dataDir, 'log.db');
  const content = await readFile(path);
  const beginning = payload.subarray(0, 64);
  const places: number[] = [];
  for (let at = content.indexOf(beginning); at >= 0; at = content.indexOf(beginning, at + 1)) places.push(at);
  expect(places).not.toEqual([]);
  for (const place of places) content[place + 40] = content[place + 40]! ^ 0x04;
  await writeFile(path, content);
}

describe('a log whose bytes changed while the server was down', () => {
  it('is cut back to the last whole commit, says so, and is whole from then on', async () => {
    await killedAfterThreeWrites();
    await flipBitOf(lastBatches(1)[0]!);
    const found = await expectCutBackTo(['a', 'b'], /cluster default\/struck: its log was damaged and cut back: .*/);
    await found.kill('SIGKILL');
    const again = await start();
    expect(again.output).not.toContain('damaged');
    expect(await namesIn(TestCluster.at(again, 'struck'))).toEqual(['a', 'b', 'z']);
  });

  it('is cut back beyond whole commits that follow the damage', async () => {
    await killedAfterThreeWrites();
    await flipBitOf(lastBatches(3)[2]!);
    await expectCutBackTo([], /cluster default\/struck: its log was damaged and cut back: .*/);
  });

  it('is believed as far as it goes when the end of its journal is torn off', async () => {
    await killedAfterThreeWrites();
    const journal = join(dataDir, 'log.db-wal');
    await truncate(journal, (await stat(journal)).size - 2_000);
    // SQLite itself finds the last transaction without its end, and knows nothing of it.
    await expectCutBackTo(['a', 'b'], undefined);
  });
});

/** Runs statements against a database of a server that is down. */
function change(file: string, ...statements: readonly string[]): void {
  const database = new Database(join(dataDir, file));
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe('a data directory', () => {
  beforeEach(async () => {
    expect(await (await start()).kill('SIGTERM')).toBe(0);
  });

  it('of a newer version is refused, and left alone', async () => {
    const newer = 'flotilla cannot start: the data directory was written by a newer version';
    change('log.db', 'PRAGMA user_version = 99');
    const byLog = await refusedStart(dataDir);
    expect(byLog).toEqual({ end: 1, output: `${newer} (schema 99; this build knows 2)\n` });
    change('log.db', 'PRAGMA user_version = 2');

    change('control.db', "INSERT INTO migrations (timestamp, name) VALUES (4102444800000, 'Future4102444800000')");
    const { end, output } = await refusedStart(dataDir);
    expect(end).toBe(1);
    expect(output.startsWith(`${newer} (migration Future4102444800000; this build knows up to `)).toBe(true);
    expect(output.trim().split('\n')).toHaveLength(1);
    change('control.db', "DELETE FROM migrations WHERE name = 'Future4102444800000'");
    await start();
  });

  it('that another server has is refused', async () => {
    await start();
    const { end, output } = await refusedStart(dataDir);
    expect(end).toBe(1);
    expect(output).toMatch(/^flotilla cannot start: .* is in use by another process\n$/);
  });
});
