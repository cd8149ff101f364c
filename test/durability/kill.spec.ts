import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonOf } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { managementOf, TestCluster, type AnyObject } from '../support/test-cluster.js';
import { WriteLoad } from '../support/write-load.js';

jest.setTimeout(240_000);

const ROUNDS = 20;
const CLUSTERS = ['one', 'two', 'three'];
const LANES = 4;
const KILL_AFTER_MS_MAX = 400;

interface Pod extends AnyObject {
  readonly status: { readonly phase: string };
}

let dataDir: string;
let server: TestServer | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flotilla-durability-'));
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  server = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (): Promise<TestServer> => (server = await TestServer.start({ dataDir }));

const web = {
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] },
    },
  },
};

async function expectRunningPods(cluster: TestCluster, count: number): Promise<void> {
  await eventually(async () => {
    const pods = await cluster.list<Pod>('/api/v1/namespaces/default/pods');
    expect(pods.map(({ status }) => status.phase)).toEqual(Array.from({ length: count }, () => 'Running'));
  });
}

describe('a server that is killed under load', () => {
  it(`loses no acknowledged write in ${ROUNDS} rounds`, async () => {
    let running = await start();
    for (const name of CLUSTERS) {
      const cluster = await TestCluster.create(running, { name, latency: 'fast' });
      await cluster.kubernetes.post('/apis/apps/v1/namespaces/default/deployments', web);
    }
    const management = (): ReturnType<typeof managementOf> => managementOf(running);
    const tenants = new Set<string>();
    const loads = new Map(CLUSTERS.map((name) => [name, new WriteLoad(TestCluster.at(running, name))]));
    const lost: string[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const writing = [...loads.values()].map((load) => load.run(LANES, round));
      const creating = (async () => {
        // Tenants and clusters come and go beside the load; what was not answered is not asked for afterwards.
        const name = `round-${round}`;
        const tenant = await management()
          .send('POST', '/tenants', { name })
          .catch(() => undefined);
        if (tenant?.status === 201) tenants.add(name);
      })();
      await sleep(Math.random() * KILL_AFTER_MS_MAX);
      await running.kill('SIGKILL');
      await Promise.all([...writing, creating]);
      running = await start();
      expect(running.output).not.toContain('damaged');
      for (const [name, load] of loads) {
        load.moveTo(TestCluster.at(running, name));
        for (const line of await load.losses()) lost.push(`round ${round}, ${name}: ${line}`);
      }
      const listed = (await management().get<{ name: string }[]>('/tenants')).map(({ name }) => name);
      for (const name of tenants) if (!listed.includes(name)) lost.push(`round ${round}: tenant ${name}`);
    }
    expect(lost).toEqual([]);
    for (const { writes } of loads.values()) expect(writes).toBeGreaterThan(ROUNDS);
    for (const name of CLUSTERS) await expectRunningPods(TestCluster.at(running, name), 3);
  });

  it('goes on with the rollout that it was in', async () => {
    const running = await start();
    const cluster = await TestCluster.create(running, {
      name: 'rollout',
      latency: 'realistic',
      clock: { mode: 'scaled', rate: 20 },
    });
    await cluster.kubernetes.post('/apis/apps/v1/namespaces/default/deployments', {
      ...web,
      spec: { ...web.spec, replicas: 30 },
    });
    await running.kill('SIGKILL');
    const again = await start();
    await expectRunningPods(TestCluster.at(again, 'rollout'), 30);
  });
});

describe('a server that is asked to stop', () => {
  it('answers what it has begun, saves, ends with 0, and has all when it is started again', async () => {
    const running = await start();
    const cluster = await TestCluster.create(running, { name: 'kept' });
    await cluster.kubernetes.post('/apis/apps/v1/namespaces/default/deployments', web);
    await expectRunningPods(cluster, 3);
    const load = new WriteLoad(cluster);
    const writing = load.run(LANES, 1);
    await eventually(() => load.writes > 50);
    const pods = await cluster.list('/api/v1/namespaces/default/pods');
    const end = running.kill('SIGTERM');
    await writing;
    expect(await end).toBe(0);
    const again = await start();
    expect(again.output).not.toContain('damaged');
    const found = TestCluster.at(again, 'kept');
    load.moveTo(found);
    expect(await load.losses()).toEqual([]);
    expect((await found.list('/api/v1/namespaces/default/pods')).map(({ metadata }) => metadata.uid)).toEqual(
      pods.map(({ metadata }) => metadata.uid),
    );
    expect(jsonOf(await found.management.send('GET', ''))).toMatchObject({ name: 'kept', state: 'running' });
  });

  it('ends watches, and does not wait for them', async () => {
    const running = await start();
    const cluster = await TestCluster.create(running, { name: 'watched' });
    const abort = new AbortController();
    const lines = cluster.kubernetes.lines('/api/v1/pods?watch=1', abort.signal);
    const first = lines.next();
    expect((await first).done).toBe(false);
    const rest = (async () => {
      for await (const line of lines) expect(line).not.toBe('');
    })();
    expect(await running.kill('SIGTERM')).toBe(0);
    await rest.catch(() => undefined);
  });
});
