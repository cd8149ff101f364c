import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';

jest.setTimeout(120_000);
afterAll(() => TestServer.stopAll());

const WAIT_MS_MAX = 20_000;

interface Seen {
  readonly type: string;
  readonly subscription: string;
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}
interface Acknowledgement {
  readonly subscription?: string;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One connection, and all that it was told. */
class Reader {
  readonly socket: Socket;
  readonly events: Seen[] = [];
  readonly bookmarks: { readonly subscription: string; readonly resourceVersion: string }[] = [];
  readonly errors: { readonly subscription: string; readonly code: number }[] = [];

  constructor(url: string, token: string) {
    this.socket = io(`${url}/watch`, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    this.socket.on('event', (event: Seen) => this.events.push(event));
    this.socket.on('bookmark', (bookmark: Reader['bookmarks'][number]) => this.bookmarks.push(bookmark));
    this.socket.on('error', (error: Reader['errors'][number]) => this.errors.push(error));
  }

  subscribe(body: unknown): Promise<Acknowledgement> {
    return this.socket.timeout(WAIT_MS_MAX).emitWithAck('subscribe', body) as Promise<Acknowledgement>;
  }

  unsubscribe(subscription: string | undefined): Promise<Acknowledgement> {
    return this.socket.timeout(WAIT_MS_MAX).emitWithAck('unsubscribe', { subscription }) as Promise<Acknowledgement>;
  }

  /** Type and name of each event, in order. */
  get story(): readonly string[] {
    return this.events.map(({ type, object }) => `${type} ${object.metadata.name}`);
  }
}

async function eventually(condition: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS_MAX;
  while (!condition()) {
    await sleep(10);
    if (Date.now() > end) throw new Error(`not within ${WAIT_MS_MAX} ms: ${condition.toString()}`);
  }
}

describe('/watch', () => {
  let server: TestServer;
  const readers: Reader[] = [];
  const reader = (token = ADMIN_TOKEN): Reader => {
    const made = new Reader(server.httpUrl, token);
    readers.push(made);
    return made;
  };
  const root = '/k8s/default/streamed/api/v1/namespaces/default/configmaps';
  const put = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } });
    const answer = await server.request('POST', root, { body });
    expect(answer.status).toBe(201);
  };
  const remove = (name: string) => server.request('DELETE', `${root}/${name}`);
  const subject = { tenant: 'default', cluster: 'streamed', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };

  beforeAll(async () => {
    server = await TestServer.start();
    await server.call('POST', '/tenants/default/clusters', { name: 'streamed', topology: { workers: 0 } });
  });
  afterEach(() => {
    for (const { socket } of readers.splice(0)) socket.disconnect();
  });

  it('shows the present state, its end, and then every change in order', async () => {
    await put('before');
    const { events, bookmarks, subscribe, ...rest } = bound(reader());
    const { subscription } = await subscribe({ ...subject, labelSelector: '!kept' });
    expect(subscription).toEqual(expect.any(String));
    await eventually(() => bookmarks.length === 1);
    await put('after');
    await remove('before');
    await remove('after');
    await eventually(() => rest.story().at(-1) === 'DELETED after');
    expect(rest.story().filter((line) => !line.endsWith('kube-root-ca.crt'))).toEqual([
      'ADDED before',
      'ADDED after',
      'DELETED before',
      'DELETED after',
    ]);
    expect(events.every((event) => event.subscription === subscription)).toBe(true);
  });

  it('resumes from a resourceVersion without a gap or a repetition', async () => {
    const first = bound(reader());
    await first.subscribe(subject);
    await eventually(() => first.bookmarks.length === 1);
    await put('one');
    await eventually(() => first.story().includes('ADDED one'));
    first.socket.disconnect();
    const { resourceVersion } = first.events.at(-1)!.object.metadata;
    await put('two');
    await put('three');
    const second = bound(reader());
    await second.subscribe({ ...subject, resourceVersion });
    await put('four');
    await eventually(() => second.events.length === 3);
    await sleep(50);
    expect(second.story()).toEqual(['ADDED two', 'ADDED three', 'ADDED four']);
    for (const name of ['one', 'two', 'three', 'four']) await remove(name);
  });

  it('chooses by label and tells of what leaves the choice', async () => {
    const { story, subscribe } = bound(reader());
    await subscribe({ ...subject, labelSelector: 'app=web' });
    await put('api', { app: 'api' });
    await put('web', { app: 'web' });
    const body = JSON.stringify({ metadata: { labels: { app: 'api' } } });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.request('PATCH', `${root}/web`, { body, headers });
    await eventually(() => story().includes('DELETED web'));
    expect(story()).toEqual(['ADDED web', 'DELETED web']);
    await remove('web');
    await remove('api');
  });

  it('is silent after unsubscribe', async () => {
    const { events, subscribe, unsubscribe } = bound(reader());
    const { subscription } = await subscribe({ ...subject, fieldSelector: 'metadata.name=quiet' });
    expect(await unsubscribe(subscription)).toEqual({ subscription });
    expect((await unsubscribe(subscription)).error?.code).toBe(404);
    await put('quiet');
    await sleep(50);
    expect(events).toEqual([]);
    await remove('quiet');
  });

  it('lets nobody in without a valid token', async () => {
    const refused = reader('wrong');
    const error = await new Promise<Error & { data?: unknown }>((resolve) =>
      refused.socket.once('connect_error', resolve),
    );
    expect([error.message, error.data]).toEqual(['a valid token is required', { code: 401 }]);
  });

  it("shows nothing of another tenant's cluster", async () => {
    await server.call('POST', '/tenants', { name: 'stranger' });
    const { secret } = (await server.call('POST', '/tenants/stranger/keys', { name: 'key' })).json as {
      secret: string;
    };
    const { subscribe } = bound(reader(secret));
    const foreign = await subscribe(subject);
    const unknown = await subscribe({ ...subject, cluster: 'nothing' });
    expect([foreign.error?.code, unknown.error?.code]).toEqual([404, 404]);
    expect(foreign.error?.message).toBe(unknown.error?.message.replaceAll('nothing', 'streamed'));
  });

  it.each([
    [undefined, 400],
    ['text', 400],
    [{}, 400],
    [{ ...subject, colour: 'red' }, 400],
    [{ ...subject, apiVersion: 'a/b/c' }, 400],
    [{ ...subject, resourceVersion: 'newest' }, 400],
    [{ ...subject, labelSelector: '!!!' }, 400],
    [{ ...subject, kind: 'Unheard' }, 404],
    [{ ...subject, cluster: 'none' }, 404],
  ])('refuses %j with %i', async (body, code) => {
    const { subscribe } = bound(reader());
    expect((await subscribe(body)).error?.code).toBe(code);
  });

  it('limits the subscriptions of one connection', async () => {
    const { subscribe } = bound(reader());
    const one = { ...subject, fieldSelector: 'metadata.name=none' };
    const answers = await Promise.all(Array.from({ length: 101 }, () => subscribe(one)));
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(100);
    expect(answers.at(-1)?.error?.code).toBe(429);
  });

  it('ends a subscription with its cluster', async () => {
    await server.call('POST', '/tenants/default/clusters', { name: 'short', topology: { workers: 0 } });
    const { errors, subscribe } = bound(reader());
    const { subscription } = await subscribe({ ...subject, cluster: 'short' });
    await server.call('DELETE', '/tenants/default/clusters/short');
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([{ subscription, code: 404 }]);
  });
});

/** A reader's parts, to be taken apart. */
const bound = (reader: Reader) => ({
  socket: reader.socket,
  events: reader.events,
  bookmarks: reader.bookmarks,
  errors: reader.errors,
  story: () => reader.story,
  subscribe: (body: unknown) => reader.subscribe(body),
  unsubscribe: (subscription: string | undefined) => reader.unsubscribe(subscription),
});
