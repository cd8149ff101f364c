import type { CommitBatch, CommitLog } from '../../src/hosting/commit-log.port.js';

export interface CommitLogUnderTest {
  /** An empty log. */
  open(): Promise<CommitLog>;
  /** The same log after its process has ended and started again. */
  reopen(log: CommitLog): Promise<CommitLog>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

export const batchOf = (clusterId: string, revisionFrom: number, revisionTo = revisionFrom): CommitBatch => ({
  clusterId,
  revisionFrom,
  revisionTo,
  instant: revisionTo * 1_000,
  payload: [bytes(`${clusterId} `), bytes(`${revisionFrom}-${revisionTo}`)],
});

/** Stages what a checkpoint of cluster `a` consists of, and saves it; its instant is its revision. */
export async function saveCheckpoint(log: CommitLog, revision: number, ...parts: readonly string[]): Promise<void> {
  for (const [index, content] of parts.entries()) {
    await log.stageCheckpoint({ clusterId: 'a', revision, part: index + 1, payload: [bytes(content)] });
  }
  await log.saveCheckpoint({ clusterId: 'a', revision, instant: revision, parts: parts.length });
}

/** What every commit log does, whatever it keeps. */
export function describeCommitLog({ open }: CommitLogUnderTest): void {
  it('acknowledges what it is given', async () => {
    const log = await open();
    await Promise.all([log.append(batchOf('a', 1)), log.append(batchOf('b', 1, 3)), log.append(batchOf('a', 2))]);
    await saveCheckpoint(log, 2, 'all');
    await log.forget('b');
    await log.close();
  });

  it('has nothing of a cluster that it does not know', async () => {
    const log = await open();
    expect(await log.load('unknown')).toEqual({ batches: [] });
    await log.forget('unknown');
    await log.close();
  });

  it('writes what waits before it closes, and then takes nothing more', async () => {
    const log = await open();
    const appended = log.append(batchOf('a', 1));
    await Promise.all([log.close(), log.close()]);
    await appended;
    await expect(log.append(batchOf('a', 2))).rejects.toThrow('closed');
  });
}

/** What a commit log that keeps things does besides. */
export function describeDurableCommitLog({ open, reopen }: CommitLogUnderTest): void {
  const read = async (log: CommitLog, clusterId: string) => {
    const { checkpoint, batches, report } = await log.load(clusterId);
    expect(report).toBeUndefined();
    return {
      checkpoint: checkpoint && { ...checkpoint, payloads: checkpoint.payloads.map(text) },
      batches: batches.map((batch) => ({ ...batch, payload: text(batch.payload) })),
    };
  };

  it('gives back what it acknowledged, each cluster its own, in order', async () => {
    const log = await open();
    await Promise.all([
      log.append(batchOf('a', 1, 4)),
      log.append(batchOf('b', 1)),
      log.append(batchOf('a', 5)),
      log.append(batchOf('a', 6, 9)),
    ]);
    const again = await reopen(log);
    expect(await read(again, 'a')).toEqual({
      checkpoint: undefined,
      batches: [
        { revisionFrom: 1, revisionTo: 4, instant: 4_000, payload: 'a 1-4' },
        { revisionFrom: 5, revisionTo: 5, instant: 5_000, payload: 'a 5-5' },
        { revisionFrom: 6, revisionTo: 9, instant: 9_000, payload: 'a 6-9' },
      ],
    });
    expect((await read(again, 'b')).batches).toHaveLength(1);
    await again.close();
  });

  it('starts from the newest checkpoint', async () => {
    const log = await open();
    await log.append(batchOf('a', 1, 3));
    for (const revision of [3, 5, 7]) {
      await saveCheckpoint(log, revision, 'at', String(revision));
      await log.append(batchOf('a', revision + 1, revision + 2));
    }
    const again = await reopen(log);
    expect(await read(again, 'a')).toEqual({
      checkpoint: { revision: 7, instant: 7, payloads: ['at', '7'] },
      batches: [{ revisionFrom: 8, revisionTo: 9, instant: 9_000, payload: 'a 8-9' }],
    });
    await again.close();
  });

  it('knows nothing of a checkpoint that was cut off among its parts, and takes another attempt at it', async () => {
    const log = await open();
    await log.append(batchOf('a', 1, 3));
    await saveCheckpoint(log, 3, 'older');
    await log.append(batchOf('a', 4));
    for (const part of [1, 2, 3]) {
      await log.stageCheckpoint({ clusterId: 'a', revision: 4, part, payload: [bytes('not all')] });
    }
    const again = await reopen(log);
    expect(await read(again, 'a')).toEqual({
      checkpoint: { revision: 3, instant: 3, payloads: ['older'] },
      batches: [{ revisionFrom: 4, revisionTo: 4, instant: 4_000, payload: 'a 4-4' }],
    });
    await saveCheckpoint(again, 4, 'all', 'of it');
    const last = await reopen(again);
    expect(await read(last, 'a')).toEqual({
      checkpoint: { revision: 4, instant: 4, payloads: ['all', 'of it'] },
      batches: [],
    });
    await last.close();
  });

  it('keeps what was appended while a checkpoint was staged', async () => {
    const log = await open();
    await log.append(batchOf('a', 1, 3));
    await log.stageCheckpoint({ clusterId: 'a', revision: 3, part: 1, payload: [bytes('up to 3')] });
    await log.append(batchOf('a', 4));
    await log.saveCheckpoint({ clusterId: 'a', revision: 3, instant: 3, parts: 1 });
    const again = await reopen(log);
    const { checkpoint, batches } = await read(again, 'a');
    expect([checkpoint?.revision, batches.map(({ revisionTo }) => revisionTo)]).toEqual([3, [4]]);
    await again.close();
  });

  it('keeps instants that are no whole milliseconds, and empty payloads', async () => {
    const log = await open();
    await log.append({ ...batchOf('a', 1), instant: 0.1, payload: [] });
    const again = await reopen(log);
    const { batches } = await again.load('a');
    expect(batches.map(({ instant, payload }) => [instant, payload.byteLength])).toEqual([[0.1, 0]]);
    await again.close();
  });

  it('forgets one cluster and no other', async () => {
    const log = await open();
    await Promise.all([log.append(batchOf('a', 1)), log.append(batchOf('b', 1))]);
    await saveCheckpoint(log, 1, 'all');
    await log.forget('a');
    const again = await reopen(log);
    expect(await again.load('a')).toEqual({ batches: [] });
    expect((await read(again, 'b')).batches).toHaveLength(1);
    await again.append(batchOf('a', 1));
    await again.close();
  });

  it('loses none of many concurrent appends', async () => {
    const log = await open();
    const appends: Promise<void>[] = [];
    for (let revision = 1; revision <= 100; revision++) {
      for (const clusterId of ['a', 'b', 'c']) appends.push(log.append(batchOf(clusterId, revision)));
      if (revision % 10 === 0) await appends.at(-1);
    }
    await Promise.all(appends);
    const again = await reopen(log);
    for (const clusterId of ['a', 'b', 'c']) {
      const { batches } = await read(again, clusterId);
      expect(batches.map(({ revisionTo }) => revisionTo)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    }
    await again.close();
  });
}
