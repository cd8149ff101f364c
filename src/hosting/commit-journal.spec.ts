import type { CommitRecord } from '../engine/cluster/cluster.js';
import { instant } from '../engine/kernel/clock.js';
import { Random } from '../engine/kernel/random.js';
import { FakeLog } from '../../test/support/fake-log.js';
import { anchorAt } from './cluster-clock.js';
import { CommitJournal } from './commit-journal.js';
import { recover } from './recovery.js';

const NOW = instant(Date.UTC(2026, 0, 1));
const CLOCK = anchorAt({ mode: 'paused', rate: 1 }, 0, NOW);

const recordOf = (number: number): CommitRecord => ({
  revision: number,
  key: `/registry/configmaps/default/${String(number).padStart(5, '0')}`,
  value: Buffer.from(`{"number":${number}}`),
  createRevision: number,
  version: 1,
});

/** A journal of a cluster whose content is whatever was added, and the log that it writes to. */
function journalOf(count: number) {
  const log = new FakeLog();
  const records: CommitRecord[] = [];
  const context = () => ({
    revision: records.length,
    state: { now: NOW, random: Random.seeded(1).state },
    clock: CLOCK,
  });
  const source = {
    context,
    image: () => ({ ...context(), records: [...records] }),
    onDurable: () => undefined,
    onFailure: (error: unknown) => {
      throw error;
    },
  };
  const journal = new CommitJournal('a', log, source, { steps: 0, checkpointSteps: 0 });
  const write = (): void => {
    records.push(recordOf(records.length + 1));
    journal.add(records.at(-1)!);
  };
  for (let added = 0; added < count; added++) write();
  journal.flush();
  return { log, journal, write };
}

const keysIn = async (log: FakeLog): Promise<readonly string[]> =>
  Array.from(recover(await log.load())?.image.records ?? [], ({ key }) => key);

describe('CommitJournal.checkpoint', () => {
  it('writes a large cluster in parts', async () => {
    const { log, journal } = journalOf(1_200);
    await journal.whenDurable();
    await journal.checkpoint();
    expect(log.checkpoint?.payloads).toHaveLength(3);
    expect(log.batches).toHaveLength(0);
    expect(await keysIn(log)).toEqual(Array.from({ length: 1_200 }, (_, index) => recordOf(index + 1).key));
  });

  it('writes an empty cluster too', async () => {
    const { log, journal } = journalOf(0);
    journal.touch();
    journal.flush();
    await journal.whenDurable();
    await journal.checkpoint();
    expect(log.checkpoint?.payloads).toHaveLength(1);
    expect(await keysIn(log)).toEqual([]);
  });

  it('leaves what is written meanwhile to later batches', async () => {
    const { log, journal, write } = journalOf(1_200);
    await journal.whenDurable();
    const written = journal.checkpoint();
    write();
    journal.flush();
    await Promise.all([written, journal.whenDurable()]);
    expect(log.checkpoint?.revision).toBe(1_200);
    expect(log.batches.map(({ revisionFrom }) => revisionFrom)).toEqual([1_201]);
    expect(await keysIn(log)).toHaveLength(1_201);
  });

  it('gives up a checkpoint that a closed journal has not ended', async () => {
    const { log, journal } = journalOf(1_200);
    await journal.whenDurable();
    const written = journal.checkpoint();
    journal.close(new Error('over'));
    await written;
    expect(log.checkpoint).toBeUndefined();
    expect(await keysIn(log)).toHaveLength(1_200);
  });
});
