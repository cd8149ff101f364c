import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeFactory } from '../../test/support/fake-cluster.js';
import { FakeClusterRecords, FakeLog } from '../../test/support/fake-log.js';
import { instant, milliseconds } from '../engine/kernel/clock.js';
import type { WireHead, WireReply, WireResponse, WireStream } from '../engine/kube-apiserver/wire.js';
import { ClockNotPausedError } from './cluster-errors.js';
import { ClusterKeys } from './cluster-keys.js';
import { KeyFiles } from './key-files.js';
import { ClusterHost, type NewCluster } from './cluster-host.js';
import { NameInUseError } from './cluster-records.port.js';
import type { LiveCluster } from './live-cluster.js';

const TENANT = { id: 'tenant-1', name: 'default' };
const START = instant(Date.parse('2026-01-01T00:00:00Z'));

const paused = (name = 'one'): NewCluster => ({
  name,
  seed: 1,
  start: START,
  clock: { mode: 'paused', rate: 0 },
  latency: 'fast',
  durability: 'durable',
  topology: { controlPlanes: 1, workers: 0, workerCapacity: { cpu: '1', memory: '1Gi', pods: 1 }, zones: [] },
});
const realtime = (name = 'one'): NewCluster => ({ ...paused(name), clock: { mode: 'realtime', rate: 1 } });

/** One process; `again` is the next one on the same disk. */
function process(log = new FakeLog(), records = new FakeClusterRecords()) {
  const factory = fakeFactory();
  const failures: unknown[] = [];
  const report = { clusterFailed: (_: unknown, reason: unknown) => failures.push(reason), logCutBack: () => undefined };
  const keys = new ClusterKeys(new KeyFiles(tmpdir()), new Uint8Array(32));
  const host = new ClusterHost({ factory, records, log, keys, caCertificate: 'ca', report });
  return { host, log, records, factory, failures, again: () => process(log, records) };
}

class Client implements WireReply, WireStream {
  answer: string | undefined;
  status = 0;
  chunks: string[] = [];
  hasEnded = false;

  respond({ status, body }: WireResponse): void {
    this.status = status;
    this.answer = Buffer.concat(body).toString();
  }
  stream(head: WireHead): WireStream {
    this.status = head.status;
    return this;
  }
  write(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk).toString().trim());
  }
  end(): void {
    this.hasEnded = true;
  }
}

function send(live: LiveCluster, method: string, path: string): Client {
  const client = new Client();
  const user = { username: 'test', groups: ['system:masters'] };
  live.handle({ method, path, query: '', headers: {}, body: new Uint8Array(), user }, client);
  return client;
}

async function settled(client: Client): Promise<Client> {
  while (client.answer === undefined) await sleep(1);
  return client;
}

describe('ClusterHost', () => {
  const hosts: ClusterHost[] = [];
  const begin = async (server = process()) => {
    hosts.push(server.host);
    await server.host.start();
    return server;
  };
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));

  it('finds a cluster by tenant and name, and no other', async () => {
    const { host } = await begin();
    const live = await host.create(TENANT, paused());
    expect(host.find('default', 'one')).toBe(live);
    expect(host.find('other', 'one')).toBeUndefined();
    expect(host.find('default', 'two')).toBeUndefined();
    expect(live.state).toBe('running');
  });

  it('refuses a name in use, two at a time included', async () => {
    const { host } = await begin();
    const results = await Promise.allSettled([host.create(TENANT, paused()), host.create(TENANT, paused())]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(host.create(TENANT, paused())).rejects.toBeInstanceOf(NameInUseError);
  });

  it('leaves nothing of a cluster that could not be made', async () => {
    const server = await begin();
    server.log.hasFailed = true;
    await expect(server.host.create(TENANT, paused())).rejects.toThrow();
    expect(server.host.find('default', 'one')).toBeUndefined();
    expect(server.records.records).toEqual([]);
  });

  it('gives back after a restart what was acknowledged, in order', async () => {
    const first = await begin();
    const live = await first.host.create(TENANT, paused());
    for (const text of ['a', 'b', 'c']) await settled(send(live, 'POST', `/${text}`));
    const second = await begin(first.again());
    const restored = second.host.find('default', 'one');
    const client = await settled(send(restored!, 'GET', '/'));
    expect(client.answer).toBe('born,a,b,c');
    expect(restored!.now).toBe(START);
  });

  it('gives back after an orderly stop the same from a checkpoint', async () => {
    const first = await begin();
    const live = await first.host.create(TENANT, paused());
    await settled(send(live, 'POST', '/a'));
    await first.host.stop();
    expect(first.log.checkpoint).toBeDefined();
    expect(first.log.batches).toHaveLength(0);
    const second = await begin(first.again());
    const restored = second.host.find('default', 'one')!;
    await settled(send(restored, 'POST', '/b'));
    expect((await settled(send(restored, 'GET', '/'))).answer).toBe('born,a,b');
  });

  it('brings every cluster back, those first that somebody waits for', async () => {
    const first = await begin();
    const names = ['a', 'b', 'c', 'd', 'e'];
    await first.host.create(TENANT, paused('a'));
    const [record] = first.records.records;
    for (const name of names.slice(1)) {
      const spec = JSON.stringify({ ...(JSON.parse(record!.spec) as object), name });
      await first.records.insert({ ...record!, id: name, name, spec });
    }
    // With nothing in the log, each is made anew from its seed.
    first.log.batches.length = 0;
    first.log.isHeld = true;
    const second = await begin(first.again());
    const clients = ['e', 'd', 'e'].map((name) => send(second.host.find('default', name)!, 'GET', '/'));
    while (second.factory.made.length < names.length) await sleep(1);
    expect(clients.map(({ answer }) => answer)).toEqual([undefined, undefined, undefined]);
    expect(names.map((name) => second.host.find('default', name)?.now)).toEqual(names.map(() => START));
    second.log.hasFailed = true;
    second.log.release();
    await second.host.whenRestored();
    expect(names.map((name) => second.host.find('default', name)?.state)).toEqual(names.map(() => 'failed'));
  });

  it('removes a cluster from memory and disk, and ends its requests', async () => {
    const server = await begin();
    const live = await server.host.create(TENANT, paused());
    const watcher = send(live, 'GET', '/watch');
    expect(await server.host.remove('default', 'one')).toBe(true);
    expect(watcher.hasEnded).toBe(true);
    expect(server.records.records).toEqual([]);
    expect(server.log.batches).toEqual([]);
    expect(send(live, 'GET', '/').status).toBe(404);
    expect(await server.host.remove('default', 'one')).toBe(false);
  });
});

describe('LiveCluster', () => {
  const hosts: ClusterHost[] = [];
  const begin = async (settings: NewCluster) => {
    const server = process();
    hosts.push(server.host);
    await server.host.start();
    const live = await server.host.create(TENANT, settings);
    return { ...server, live };
  };
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));

  it('answers a write only when it is durable', async () => {
    const { live, log } = await begin(realtime());
    log.isHeld = true;
    const client = send(live, 'POST', '/a');
    await sleep(20);
    expect(client.answer).toBeUndefined();
    log.release();
    expect((await settled(client)).answer).toBe('born,a');
  });

  it('shows no watcher what is not durable', async () => {
    const { live, log } = await begin(realtime());
    const watcher = send(live, 'GET', '/watch');
    log.isHeld = true;
    send(live, 'POST', '/a');
    send(live, 'POST', '/b');
    await sleep(20);
    expect(watcher.chunks).toEqual([]);
    log.release();
    await sleep(20);
    expect(watcher.chunks).toEqual(['a', 'b']);
  });

  it('writes what gathers while the disk is busy as one batch', async () => {
    const { live, log } = await begin(realtime());
    log.isHeld = true;
    const clients = [send(live, 'POST', '/a')];
    await sleep(5);
    for (const text of ['b', 'c', 'd']) clients.push(send(live, 'POST', `/${text}`));
    log.release();
    await Promise.all(clients.map(settled));
    expect(log.batches.map(({ revisionFrom, revisionTo }) => [revisionFrom, revisionTo])).toEqual([
      [1, 1],
      [2, 2],
      [3, 5],
    ]);
  });

  it('takes nothing new once it shuts down, and answers what it took before', async () => {
    const { live, log, host, again } = await begin(realtime());
    log.isHeld = true;
    const before = send(live, 'POST', '/a');
    const stopped = host.stop();
    await sleep(1);
    const after = send(live, 'POST', '/b');
    expect([before.answer, after.status]).toEqual([undefined, 503]);
    log.release();
    await stopped;
    expect(before.answer).toBe('born,a');
    // It is still there, and says so: who asks late is not told that there is no such cluster.
    expect(send(host.find('default', 'one')!, 'POST', '/c').status).toBe(503);
    const next = again();
    hosts.push(next.host);
    await next.host.start();
    expect((await settled(send(next.host.find('default', 'one')!, 'GET', '/'))).answer).toBe('born,a');
  });

  it('answers at once where durability is ephemeral', async () => {
    const { live, log } = await begin({ ...realtime(), durability: 'ephemeral' });
    expect(send(live, 'POST', '/a').answer).toBe('born,a');
    expect(log.batches).toEqual([]);
  });

  it('stops alone when it has a bug, and says nothing of it', async () => {
    const { live, host, failures } = await begin(realtime());
    const other = await host.create(TENANT, { ...realtime('two'), durability: 'ephemeral' });
    const watcher = send(live, 'GET', '/watch');
    const client = send(live, 'POST', '/bug');
    expect([client.status, client.answer?.includes('planted')]).toEqual([503, false]);
    expect(watcher.hasEnded).toBe(true);
    expect(send(live, 'GET', '/').status).toBe(503);
    await expect(live.act(() => 1)).rejects.toThrow('has stopped');
    expect(failures).toHaveLength(1);
    expect(send(other, 'GET', '/').answer).toBe('born');
  });

  it('stops when a write fails, and acknowledges nothing of it', async () => {
    const { live, log, failures } = await begin(realtime());
    log.hasFailed = true;
    expect((await settled(send(live, 'POST', '/a'))).status).toBe(503);
    expect(live.state).toBe('failed');
    expect(failures).toHaveLength(1);
  });

  it('fires what falls due without being asked', async () => {
    const { live } = await begin({ ...realtime(), durability: 'ephemeral' });
    send(live, 'POST', '/later/30/x');
    const watcher = send(live, 'GET', '/watch');
    await sleep(120);
    expect(watcher.chunks).toEqual(['x']);
  });

  it('runs a scaled clock at its rate', async () => {
    const { live } = await begin({ ...realtime(), durability: 'ephemeral', clock: { mode: 'scaled', rate: 1_000 } });
    send(live, 'POST', '/later/60000/x');
    await sleep(200);
    expect(send(live, 'GET', '/').answer).toBe('born,x');
  });

  it('lets requests in between two events of a storm, and others have their turn', async () => {
    const { live, host, factory } = await begin({ ...realtime(), durability: 'ephemeral' });
    const other = await host.create(TENANT, { ...realtime('two'), durability: 'ephemeral' });
    send(live, 'POST', '/storm/500');
    await sleep(1);
    const began = performance.now();
    expect(send(live, 'GET', '/').answer).toBe('born');
    expect(send(other, 'GET', '/').answer).toBe('born');
    expect(performance.now() - began).toBeLessThan(50);
    expect(factory.made[0]!.stormEvents).toBeLessThan(500);
    while (factory.made[0]!.stormEvents < 500) await sleep(5);
  });
});

describe('a paused clock', () => {
  const hosts: ClusterHost[] = [];
  const begin = async () => {
    const server = process();
    hosts.push(server.host);
    await server.host.start();
    return { ...server, live: await server.host.create(TENANT, paused()) };
  };
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));

  it('moves only when it is advanced, and is then durable', async () => {
    const { live, again } = await begin();
    await settled(send(live, 'POST', '/later/1000/x'));
    await sleep(20);
    expect(live.now).toBe(START);
    expect(await live.advance(milliseconds(1_000))).toBe(START + 1_000);
    expect((await settled(send(live, 'GET', '/'))).answer).toBe('born,x');
    const next = again();
    hosts.push(next.host);
    await next.host.start();
    await next.host.whenRestored();
    expect(next.host.find('default', 'one')?.now).toBe(START + 1_000);
  });

  it('admits a request only when all that is due at its instant has happened', async () => {
    const { live, factory } = await begin();
    const storm = send(live, 'POST', '/storm/50');
    const next = send(live, 'GET', '/');
    expect(next.answer).toBeUndefined();
    await settled(next);
    expect(factory.made[0]!.stormEvents).toBe(50);
    expect(storm.status).toBe(200);
  });

  it('cannot be advanced while it runs by itself', async () => {
    const { live } = await begin();
    await live.setClock({ mode: 'realtime', rate: 1 });
    await expect(live.advance(milliseconds(1))).rejects.toBeInstanceOf(ClockNotPausedError);
    expect(live.clock.mode).toBe('realtime');
  });

  it('keeps what it was set to over a restart', async () => {
    const { live, again } = await begin();
    await live.setClock({ mode: 'scaled', rate: 5 });
    const next = again();
    hosts.push(next.host);
    await next.host.start();
    await next.host.whenRestored();
    expect(next.host.find('default', 'one')?.clock).toMatchObject({ mode: 'scaled', rate: 5 });
  });
});
