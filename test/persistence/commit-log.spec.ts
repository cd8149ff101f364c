import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { CommitLog, RecoveredLog } from '../../src/hosting/commit-log.port.js';
import { MemoryCommitLog } from '../../src/persistence/memory-commit-log.js';
import { rowChecksum } from '../../src/persistence/sqlite-commit-log/row-checksum.js';
import { SqliteCommitLog } from '../../src/persistence/sqlite-commit-log/sqlite-commit-log.js';
import { batchOf, describeCommitLog, describeDurableCommitLog, saveCheckpoint } from '../conformance/commit-log.js';
import { transpileWriter } from './transpiled-writer.js';

const scripts = transpileWriter();
const directories: string[] = [];

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'flotilla-log-'));
  directories.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const openIn = (dataDir: string, writerUrl = scripts.writer): Promise<SqliteCommitLog> =>
  SqliteCommitLog.open({ dataDir, writerUrl });

/** Changes the file of a log that is closed. */
function tamper(dataDir: string, statement: string, ...values: unknown[]): void {
  const database = new Database(join(dataDir, 'log.db'));
  expect(database.prepare(statement).run(...values).changes).toBeGreaterThan(0);
  database.close();
}

const revisions = ({ batches }: RecoveredLog): number[] => batches.map(({ revisionTo }) => revisionTo);

describe('MemoryCommitLog', () => {
  describeCommitLog({
    open: () => Promise.resolve(new MemoryCommitLog()),
    reopen: () => Promise.resolve(new MemoryCommitLog()),
  });
});

describe('SqliteCommitLog', () => {
  const homes = new WeakMap<CommitLog, string>();
  const underTest = {
    async open(dataDir = newDirectory()): Promise<CommitLog> {
      const log = await openIn(dataDir);
      homes.set(log, dataDir);
      return log;
    },
    async reopen(log: CommitLog): Promise<CommitLog> {
      await log.close();
      return underTest.open(homes.get(log));
    },
  };
  describeCommitLog({ ...underTest, open: () => underTest.open() });
  describeDurableCommitLog({ ...underTest, open: () => underTest.open() });

  it('keeps its files from other users', async () => {
    const dataDir = join(newDirectory(), 'made', 'here');
    const log = await openIn(dataDir);
    await log.append(batchOf('a', 1));
    const modes = [dataDir, join(dataDir, 'log.db'), join(dataDir, 'log.db-wal')].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    await log.close();
  });

  it('refuses a directory that another process writes', async () => {
    const dataDir = newDirectory();
    const log = await openIn(dataDir);
    await expect(openIn(dataDir)).rejects.toThrow('log.db is in use by another process');
    await log.close();
  });

  it('refuses a newer schema and leaves it alone', async () => {
    const dataDir = newDirectory();
    await (await openIn(dataDir)).close();
    const newer = new Database(join(dataDir, 'log.db'));
    newer.pragma('user_version = 7');
    newer.close();
    await expect(openIn(dataDir)).rejects.toThrow(
      'the data directory was written by a newer version (schema 7; this build knows 2)',
    );
    const untouched = new Database(join(dataDir, 'log.db'));
    expect(untouched.pragma('user_version', { simple: true })).toBe(7);
    untouched.close();
  });

  it('refuses a file that is no database', async () => {
    const dataDir = newDirectory();
    writeFileSync(join(dataDir, 'log.db'), 'no database at all, but long enough to be taken for one'.repeat(100));
    await expect(openIn(dataDir)).rejects.toThrow('not a database');
  });
});

describe('SqliteCommitLog.load', () => {
  async function logOf(revisionsWritten: number, damage: (dataDir: string) => void) {
    const dataDir = newDirectory();
    const log = await openIn(dataDir);
    for (let revision = 1; revision <= revisionsWritten; revision++) await log.append(batchOf('a', revision));
    await log.append(batchOf('b', 1));
    await log.close();
    damage(dataDir);
    return openIn(dataDir);
  }

  const expectCut = async (log: CommitLog, report: RecoveredLog['report'], kept: number[]): Promise<void> => {
    const found = await log.load('a');
    expect([found.report, revisions(found)]).toEqual([report, kept]);
    const again = await log.load('a');
    expect([again.report, revisions(again)]).toEqual([undefined, kept]);
    expect(revisions(await log.load('b'))).toEqual([1]);
    await log.append(batchOf('a', kept.length + 1));
    await log.close();
  };

  it('cuts off a torn last batch', async () => {
    const log = await logOf(3, (dataDir) => {
      tamper(dataDir, "UPDATE batch SET payload = substr(payload, 1, 3) WHERE cluster_id = 'a' AND rev_from = 3");
    });
    await expectCut(log, { kind: 'torn', atRevision: 2, dropped: 1 }, [1, 2]);
  });

  it.each([
    ['a flipped byte', "UPDATE batch SET payload = CAST('a 3-4' AS BLOB) WHERE cluster_id = 'a' AND rev_from = 3"],
    ['a changed instant', "UPDATE batch SET instant = instant + 1 WHERE cluster_id = 'a' AND rev_from = 3"],
    ['a changed end', "UPDATE batch SET rev_to = 4 WHERE cluster_id = 'a' AND rev_from = 3"],
    ['a changed checksum', "UPDATE batch SET checksum = checksum + 1 WHERE cluster_id = 'a' AND rev_from = 3"],
    ['a row of another cluster', "UPDATE batch SET cluster_id = 'c' WHERE cluster_id = 'a' AND rev_from = 3"],
    ['a lost row', "DELETE FROM batch WHERE cluster_id = 'a' AND rev_from = 3"],
  ])('cuts back to the last whole batch before %s', async (name, statement) => {
    const log = await logOf(5, (dataDir) => tamper(dataDir, statement));
    const dropped = name.includes('cluster') || name.includes('lost') ? 2 : 3;
    await expectCut(log, { kind: 'corrupt', atRevision: 2, dropped }, [1, 2]);
  });

  it('finds a byte that changed in the file', async () => {
    const log = await logOf(4, (dataDir) => {
      const file = join(dataDir, 'log.db');
      const content = readFileSync(file);
      const position = content.indexOf('a 3-3');
      expect(position).toBeGreaterThan(0);
      content[position] = content[position]! ^ 0x20;
      writeFileSync(file, content);
    });
    await expectCut(log, { kind: 'corrupt', atRevision: 2, dropped: 2 }, [1, 2]);
  });

  it('takes a journal whose end is torn off for what is whole in it', async () => {
    const dataDir = newDirectory();
    await appendUntilKilled(dataDir, 100);
    const journal = join(dataDir, 'log.db-wal');
    truncateSync(journal, statSync(journal).size - 5_000);
    const log = await openIn(dataDir);
    for (let cluster = 0; cluster < 8; cluster++) {
      const found = await log.load(`cluster-${cluster}`);
      expect(revisions(found)).toEqual(Array.from(found.batches, (_, index) => index + 1));
    }
    await log.close();
  });

  it.each([
    ['a damaged one', 'UPDATE checkpoint SET instant = 5 WHERE revision = 2'],
    ['one that misses a part', 'DELETE FROM checkpoint_part WHERE revision = 2 AND part = 2'],
    ['one with a damaged part', "UPDATE checkpoint_part SET payload = x'00' WHERE revision = 2 AND part = 1"],
    ['one that claims fewer parts', 'UPDATE checkpoint SET parts = 1 WHERE revision = 2'],
  ])('goes back to the checkpoint before %s', async (_name, statement) => {
    const dataDir = newDirectory();
    const log = await openIn(dataDir);
    for (const revision of [1, 2]) {
      await log.append(batchOf('a', revision));
      await saveCheckpoint(log, revision, 'at', String(revision));
    }
    await log.close();
    tamper(dataDir, statement);
    const again = await openIn(dataDir);
    const { checkpoint, report } = await again.load('a');
    expect([checkpoint?.revision, report]).toEqual([1, { kind: 'corrupt', atRevision: 1, dropped: 1 }]);
    await again.close();
  });

  it('reads a log of version 1, whose checkpoints have no parts', async () => {
    const dataDir = newDirectory();
    await (await openIn(dataDir)).close();
    const database = new Database(join(dataDir, 'log.db'));
    database.exec('DROP TABLE checkpoint_part; ALTER TABLE checkpoint DROP COLUMN parts; PRAGMA user_version = 1');
    const payload = Buffer.from('all');
    const checksum = rowChecksum({ clusterId: 'a', revisionFrom: 0, revisionTo: 3, instant: 9 }, payload);
    database.prepare("INSERT INTO checkpoint VALUES ('a', 3, 9, ?, ?)").run(checksum, payload);
    database.close();
    const log = await openIn(dataDir);
    const { checkpoint, report } = await log.load('a');
    expect([checkpoint?.revision, checkpoint?.payloads.map((each) => Buffer.from(each).toString()), report]).toEqual([
      3,
      ['all'],
      undefined,
    ]);
    await log.close();
  });
});

describe('SqliteCommitLog under failure', () => {
  it('acknowledges nothing once a write has failed', async () => {
    const dataDir = newDirectory();
    const log = await openIn(dataDir);
    await log.append(batchOf('a', 1));
    // The same first revision again breaks the primary key, as a write that the disk refuses breaks the transaction.
    const outcomes = await Promise.allSettled([
      log.append(batchOf('b', 1)),
      log.append(batchOf('a', 1)),
      log.append(batchOf('c', 1)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(log.append(batchOf('d', 1))).rejects.toThrow('the commit log has failed: UNIQUE constraint failed');
    await log.close();
    const again = await openIn(dataDir);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => revisions(await again.load(id))))).toEqual([
      [1],
      [],
      [],
      [],
    ]);
    await again.close();
  });

  it('rejects what waits when the disk is full', async () => {
    const dataDir = newDirectory();
    await (await openIn(dataDir)).close();
    const log = await openIn(dataDir, scripts.fullDiskWriter);
    const large = { ...batchOf('a', 1), payload: [new Uint8Array(1_000_000)] };
    await expect(log.append(large)).rejects.toThrow('the commit log has failed: database or disk is full');
    await log.close();
  });

  it('loses no acknowledged batch when the process is killed', async () => {
    for (let round = 0; round < 5; round++) {
      const dataDir = newDirectory();
      const acknowledged = await appendUntilKilled(dataDir, 60 + round * 45);
      const log = await openIn(dataDir);
      for (const [clusterId, last] of acknowledged) {
        const found = await log.load(clusterId);
        expect(found.report).toBeUndefined();
        expect(found.batches.at(-1)?.revisionTo ?? 0).toBeGreaterThanOrEqual(last);
        expect(revisions(found)).toEqual(Array.from(found.batches, (_, index) => index + 1));
      }
      await log.close();
    }
  }, 30_000);
});

/** Lets a process append for some time, kills it, and gives the last revision that each cluster was acknowledged. */
async function appendUntilKilled(dataDir: string, afterMs: number): Promise<Map<string, number>> {
  const script = scripts.appendingProcess.pathname;
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), afterMs);
    output += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  const acknowledged = new Map<string, number>();
  for (const line of output.split('\n').slice(0, -1)) {
    const [clusterId = '', revision] = line.split(' ');
    acknowledged.set(clusterId, Number(revision));
  }
  expect(acknowledged.size).toBeGreaterThan(0);
  return acknowledged;
}
