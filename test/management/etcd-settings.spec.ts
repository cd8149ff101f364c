import { jest } from '@jest/globals';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);
afterAll(() => TestServer.stopAll());

const SECRETS = '/api/v1/namespaces/default/secrets';
const KIB_400 = 'A'.repeat(400 * 1_024);

const secret = (name: string) => ({ metadata: { name }, data: { a: KIB_400 } });

describe("a cluster's etcd", () => {
  let shared: TestServer | undefined;

  it('is what was asked for, also after a restart', async () => {
    const server = await TestServer.start();
    const etcd = { compactionInterval: '90s', quota: '2Mi' };
    const clock = { mode: 'paused' };
    const topology = { workers: 0 };
    const created = await server.call('POST', '/tenants/default/clusters', { name: 'small', etcd, clock, topology });
    expect(created.json).toMatchObject({ etcd: { compactionInterval: '1m30s', quota: '2Mi' } });
    const preset = await server.call('POST', '/tenants/default/clusters', { name: 'preset', clock, topology });
    expect((preset.json as { etcd: unknown }).etcd).toEqual({ compactionInterval: '5m0s' });
    await server.kill('SIGKILL');

    const again = await TestServer.start({ dataDir: server.dataDir });
    const view = await again.call('GET', '/tenants/default/clusters/small');
    expect(view.json).toMatchObject({ etcd: { compactionInterval: '1m30s', quota: '2Mi' } });
    const cluster = TestCluster.at(again, 'small');
    await expectFull(again, cluster);
    await expectRoomAfterCompaction(again, cluster);
    await again.stop('SIGKILL');
  });

  it.each([
    [{ compactionInterval: '0s' }, 'etcd.compactionInterval'],
    [{ compactionInterval: 300 }, 'etcd.compactionInterval'],
    [{ quota: '-1Gi' }, 'etcd.quota'],
    [{ quota: 'much' }, 'etcd.quota'],
    [{ alarms: [] }, 'etcd.alarms'],
  ])('is refused as %j', async (etcd, field) => {
    shared ??= await TestServer.start();
    const refused = await shared.call('POST', '/tenants/default/clusters', { name: 'x', etcd });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(field);
  });
});

async function expectFull(server: TestServer, { path }: TestCluster): Promise<void> {
  const answers = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    answers.push(await server.request('POST', path + SECRETS, { body: JSON.stringify(secret(name)) }));
  }
  const refused = answers.at(-1);
  expect(answers[0]?.status).toBe(201);
  expect(refused?.json).toMatchObject({
    kind: 'Status',
    status: 'Failure',
    message: 'etcdserver: mvcc: database space exceeded',
    code: 500,
  });
}

async function expectRoomAfterCompaction(server: TestServer, cluster: TestCluster): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd']) await server.request('DELETE', `${cluster.path}${SECRETS}/${name}`);
  const body = JSON.stringify(secret('f'));
  expect((await server.request('POST', cluster.path + SECRETS, { body })).status).toBe(500);
  // Compacted once is compacted up to the interval before.
  await cluster.advance('3m');
  const list = await server.request('GET', `${cluster.path}${SECRETS}?resourceVersion=1&resourceVersionMatch=Exact`);
  expect(list.status).toBe(410);
  await cluster.advance('3m');
  expect((await server.request('POST', cluster.path + SECRETS, { body })).status).toBe(201);
}
