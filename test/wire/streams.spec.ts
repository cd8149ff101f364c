import { jest } from '@jest/globals';
import type { Socket as TcpSocket } from 'node:net';
import { ADD, DELETE, KubeConfig, makeInformer, UPDATE, type V1ConfigMap } from '@kubernetes/client-node';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster, type AnyObject, type ListOf } from '../support/test-cluster.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** One event, as short as it can be told apart from every other. */
type Seen = readonly [type: string, name: string, resourceVersion: string];

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
afterAll(async () => {
  await cluster.cleanUp();
  await server.stop();
});

async function connected(token = ADMIN_TOKEN): Promise<Socket> {
  const socket = io(`${server.httpUrl}/watch`, {
    auth: { token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

interface Subscription {
  readonly id: string;
  readonly events: readonly Seen[];
  readonly bookmarks: readonly { readonly resourceVersion: string }[];
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

async function subscribed(socket: Socket, more: Record<string, string> = {}): Promise<Subscription> {
  const events: Seen[] = [];
  const bookmarks: { resourceVersion: string; subscription: string }[] = [];
  const errors: { code: number; message: string; subscription: string }[] = [];
  let id: string | undefined;
  const isOwn = (subscription: string): boolean => id === undefined || subscription === id;
  socket.on('event', ({ subscription, type, object }: { subscription: string; type: string; object: AnyObject }) => {
    if (isOwn(subscription)) events.push([type, object.metadata.name, object.metadata.resourceVersion]);
  });
  socket.on('bookmark', (bookmark: (typeof bookmarks)[number]) => {
    if (isOwn(bookmark.subscription)) bookmarks.push(bookmark);
  });
  socket.on('error', (error: (typeof errors)[number]) => {
    if (isOwn(error.subscription)) errors.push(error);
  });
  const body = { tenant: 'default', cluster: 'streams', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
  const answer = (await socket.timeout(10_000).emitWithAck('subscribe', { ...body, ...more })) as {
    subscription?: string;
    error?: { code: number; message: string };
  };
  if (answer.subscription === undefined) throw new Error(JSON.stringify(answer.error));
  id = answer.subscription;
  return { id, events, bookmarks, errors };
}

const configMap = (name: string, label: string, value = '0') => ({
  metadata: { name, labels: { test: label } },
  data: { value },
});

/** Writes to ten objects at a time, and at last to one by whose name its end is known. */
async function write(label: string): Promise<void> {
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const name = `${label}-${index}`;
      await cluster.kubernetes.post(CONFIG_MAPS, configMap(name, label));
      for (let value = 1; value <= 5; value++) {
        await cluster.kubernetes.patch(`${CONFIG_MAPS}/${name}`, { data: { value: String(value) } });
      }
      if (index % 2 === 0) await cluster.kubernetes.delete(`${CONFIG_MAPS}/${name}`);
    }),
  );
  await cluster.kubernetes.post(CONFIG_MAPS, configMap(`${label}-end`, label));
}

const hasEnded = (events: readonly Seen[], label: string): boolean =>
  events.some(([, name]) => name === `${label}-end`);

/** The events that the client library's informer tells of, until `stop`. */
async function informed(label: string) {
  const config = new KubeConfig();
  config.loadFromFile(await cluster.kubeconfig());
  const selector = encodeURIComponent(`test=${label}`);
  const informer = makeInformer<V1ConfigMap>(
    config,
    CONFIG_MAPS,
    async () => {
      const list = await cluster.kubernetes.get<ListOf<V1ConfigMap>>(`${CONFIG_MAPS}?labelSelector=${selector}`);
      return { ...list, items: [...list.items] };
    },
    `test=${label}`,
  );
  const events: Seen[] = [];
  for (const [verb, type] of [[ADD, 'ADDED'] as const, [UPDATE, 'MODIFIED'] as const, [DELETE, 'DELETED'] as const]) {
    informer.on(verb, ({ metadata }) => {
      events.push([type, metadata?.name ?? '', metadata?.resourceVersion ?? '']);
    });
  }
  const failures: unknown[] = [];
  informer.on('error', (error) => failures.push(error));
  await informer.start();
  return { events, failures, stop: () => informer.stop() };
}

describe('an informer, a raw watch and a Socket.IO subscription', () => {
  it('see the same events in the same order', async () => {
    const label = 'ordered';
    const abort = new AbortController();
    const informer = await informed(label);
    const subscription = await subscribed(await connected(), { labelSelector: `test=${label}` });
    const raw: Seen[] = [];
    const path = `${CONFIG_MAPS}?watch=1&resourceVersion=0&labelSelector=${encodeURIComponent(`test=${label}`)}`;
    const reading = (async () => {
      for await (const line of cluster.kubernetes.lines(path, abort.signal)) {
        const { type, object } = JSON.parse(line) as { type: string; object: AnyObject };
        raw.push([type, object.metadata.name, object.metadata.resourceVersion]);
      }
    })();
    try {
      await write(label);
      await eventually(() => [informer.events, subscription.events, raw].every((each) => hasEnded(each, label)));
      expect(raw).toHaveLength(10 * 6 + 5 + 1);
      expect(subscription.events).toEqual(raw);
      expect(informer.events).toEqual(raw);
      expect(informer.failures).toEqual([]);
      const versions = raw.map(([, , version]) => Number(version));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
    } finally {
      abort.abort();
      await informer.stop();
      await reading;
    }
  });
});

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

  it('is refused for a version from the future, an unknown kind and a bad selector', async () => {
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
