import { jest } from '@jest/globals';
import type { Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { CONFIG_MAPS, configMap, hasEnded, writeConfigMaps } from '../support/config-map-load.js';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { connectToWatch, subscribe, type Seen, type Subscription } from '../support/watch-client.js';

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'streams', latency: 'instant', topology: { workers: 1 } });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => server.stop());

async function connected(token?: string): Promise<Socket> {
  const socket = await connectToWatch(server, token);
  sockets.push(socket);
  return socket;
}

/** To the ConfigMaps of the cluster, unless `more` says otherwise. */
const subscribed = (socket: Socket, more: Readonly<Record<string, string>>): Promise<Subscription> =>
  subscribe(socket, {
    tenant: 'default',
    cluster: 'streams',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'default',
    ...more,
  });

const write = (label: string): Promise<void> => writeConfigMaps(cluster.kubernetes, label);

describe('a Socket.IO subscription', () => {
  it('begins with the present state, and says where that ends', async () => {
    await cluster.kubernetes.post(CONFIG_MAPS, configMap('present', 'present'));
    const { events, bookmarks } = await subscribed(await connected(), { labelSelector: 'test=present' });
    await eventually(() => bookmarks.length > 0);
    expect(events.map(([type, name]) => [type, name])).toEqual([['ADDED', 'present']]);
    expect(bookmarks).toEqual([expect.objectContaining({ isInitialEnd: true })]);
  });

  it('misses and repeats nothing when it resumes from a resourceVersion', async () => {
    const label = 'resumed';
    const selector = { labelSelector: `test=${label}` };
    const whole = await subscribed(await connected(), selector);
    await write(label);
    await eventually(() => hasEnded(whole.events, label));
    for (const position of [0, 1, 7, 31, whole.events.length - 2]) {
      const resumed = await subscribed(await connected(), {
        ...selector,
        resourceVersion: whole.events[position]![2],
      });
      await eventually(() => hasEnded(resumed.events, label));
      expect(resumed.events).toEqual(whole.events.slice(position + 1));
    }
  });

  it('goes on where a broken connection ended, while writes go on', async () => {
    const label = 'broken';
    const selector = { labelSelector: `test=${label}` };
    const whole = await subscribed(await connected(), selector);
    const writing = write(label);
    const pieced: Seen[] = [];
    let resourceVersion: string | undefined;
    while (!hasEnded(pieced, label)) {
      const socket = await connected();
      const from = resourceVersion === undefined ? {} : { resourceVersion };
      const { events } = await subscribed(socket, { ...selector, ...from });
      await eventually(() => events.length >= 5 || hasEnded(events, label));
      socket.disconnect();
      pieced.push(...events);
      resourceVersion = pieced.at(-1)![2];
    }
    await writing;
    await eventually(() => hasEnded(whole.events, label));
    // What was there already when the first piece began came as its state: the newest version of each object.
    expect(pieced.slice(-30)).toEqual(whole.events.slice(-30));
  });

  it('ends by unsubscribing, alone', async () => {
    const socket = await connected();
    const first = await subscribed(socket, { labelSelector: 'test=ended' });
    const second = await subscribed(socket, { labelSelector: 'test=ended' });
    expect(await socket.emitWithAck('unsubscribe', { subscription: first.id })).toEqual({ subscription: first.id });
    await cluster.kubernetes.post(CONFIG_MAPS, configMap('ended', 'ended'));
    await eventually(() => second.events.length === 1);
    expect(first.events).toEqual([]);
  });

  it('is refused for an unknown kind or cluster, a bad selector or version, and a surplus field', async () => {
    const socket = await connected();
    await expect(subscribed(socket, { kind: 'Nothing' })).rejects.toThrow('"code":404');
    await expect(subscribed(socket, { labelSelector: '!!' })).rejects.toThrow('"code":400');
    await expect(subscribed(socket, { resourceVersion: 'x' })).rejects.toThrow('"code":400');
    await expect(subscribed(socket, { cluster: 'nothing' })).rejects.toThrow('"code":404');
    await expect(subscribed(socket, { surplus: 'x' })).rejects.toThrow('"code":400');
  });

  it('needs a token', async () => {
    await expect(connected('wrong')).rejects.toMatchObject({ data: { code: 401 } });
  });

  it('is ended with 410 when its reader does not read', async () => {
    const label = 'slow';
    const selector = { labelSelector: `test=${label}` };
    const socket = await connected();
    const slow = await subscribed(socket, selector);
    const quick = await subscribed(await connected(), selector);
    tcpSocketOf(socket).pause();
    // Large objects fill what the kernel buffers for the connection, small ones then the subscription's queue.
    const path = `${CONFIG_MAPS}/slow`;
    await cluster.kubernetes.post(CONFIG_MAPS, configMap('slow', label));
    const filler = 'x'.repeat(400_000);
    for (let round = 0; round < 25; round++) {
      await cluster.kubernetes.patch(path, { data: { filler: filler + String(round) } });
    }
    await cluster.kubernetes.patch(path, { data: { filler: '' } });
    await Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        for (let round = 0; round < 150; round++) {
          await cluster.kubernetes.patch(path, { data: { [`lane-${lane}`]: String(round) } });
        }
      }),
    );
    await cluster.kubernetes.post(CONFIG_MAPS, configMap(`${label}-end`, label));
    await eventually(() => hasEnded(quick.events, label));
    expect(slow.errors).toEqual([]);
    tcpSocketOf(socket).resume();
    await eventually(() => slow.errors.length > 0);
    expect(slow.errors).toEqual([expect.objectContaining({ code: 410, subscription: slow.id })]);
    expect(slow.events.length).toBeLessThan(quick.events.length);
    expect(slow.events).toEqual(quick.events.slice(0, slow.events.length));
    const resumed = await subscribed(socket, { ...selector, resourceVersion: slow.events.at(-1)![2] });
    await eventually(() => hasEnded(resumed.events, label));
    expect(resumed.events).toEqual(quick.events.slice(slow.events.length));
  });
});

/** The connection under a Socket.IO client, which stops reading only there. */
function tcpSocketOf(socket: Socket): TcpSocket {
  const { transport } = socket.io.engine as unknown as {
    readonly transport: { readonly ws: { readonly _socket: TcpSocket } };
  };
  return transport.ws._socket;
}
