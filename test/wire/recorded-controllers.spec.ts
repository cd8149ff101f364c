import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tokenOfKubeconfig } from '../support/kubeconfig-token.js';
import {
  alikeShareOf,
  playRecorded,
  playTwice,
  RECORDED,
  unexpectedOf,
  type Outcome,
} from '../support/recorded-conversations.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(300_000);
afterAll(() => TestServer.stopAll());

const AREAS = ['controllers', 'scheduler'] as const;
/** All at once: a conversation mostly waits for what the components make of its requests. */
const CONVERSATIONS_AT_A_TIME = 60;
const ALIKE_SHARE_MIN = 0.98;
/** They count on the zones of three workers, and others make Nodes in zones of their own. */
const ALONE = new Set(['scheduler-topology-spread.json']);
/** Whom the recorded server took its administrator for. */
const RECORDED_ADMIN = { user: 'admin', uid: 'admin-uid', groups: ['system:masters'] };
/** So late in its minute that a CronJob of every minute is soon due. */
const START = '2026-01-01T00:00:35Z';

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations with a real control plane (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    server = await TestServer.start();
    const folder = join(RECORDED, 'exchanges');
    const names = (await readdir(folder)).filter((name) => AREAS.some((area) => name.startsWith(`${area}-`)));
    const files = names.map((name) => join(folder, name));
    outcomes = await playTwice(files, [], async (some, how) => {
      const isAlone = (file: string): boolean => how === 'alone' || ALONE.has(basename(file));
      const groups = [some.filter((file) => !isAlone(file)), ...some.filter(isAlone).map((file) => [file])];
      return (await Promise.all(groups.map((group, at) => playIn(server, `${how}-${at}`, group)))).flat();
    });
  });

  it('leave the cluster alive', () => expect(server.output).not.toContain('has stopped'));

  it('differ in nothing', () => expect(unexpectedOf(outcomes, [])).toEqual([]));

  it.each(AREAS)('of the area %s come out alike in at least 98 of 100 exchanges', (area) => {
    const own = outcomes.filter(({ conversation }) => conversation.startsWith(`${area}-`));
    expect(alikeShareOf(own)).toBeGreaterThanOrEqual(ALIKE_SHARE_MIN);
  });
});

/** A cluster as the recorded one was: workers in three zones, a kubelet for every Node, pods that run within a second. */
async function playIn(server: TestServer, name: string, files: readonly string[]): Promise<readonly Outcome[]> {
  const cluster = await TestCluster.create(server, {
    name,
    topology: { workers: 3, zones: ['a', 'b', 'c'] },
    clock: { mode: 'realtime', start: START },
    kubelets: 'all',
    latency: 'instant',
  });
  const { text } = await cluster.management.send('POST', '/kubeconfig', RECORDED_ADMIN);
  const url = server.httpUrl + cluster.path;
  return playRecorded({ url, token: tokenOfKubeconfig(text), files, concurrency: CONVERSATIONS_AT_A_TIME });
}
