import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { SpdyClient } from '../support/spdy-client.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';

const POD = '/api/v1/namespaces/default/pods/web';
const V4 = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const FORWARD = ['portforward.k8s.io'];

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;
const clients: SpdyClient[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'spdy', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(cluster);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end();
});
afterAll(() => server.stop());

async function connected(path: string, protocols: readonly string[]): Promise<SpdyClient> {
  const client = await SpdyClient.connect(server.httpUrl + cluster.path + POD + path, protocols);
  if (!(client instanceof SpdyClient)) throw new Error(`refused with ${client.status}`);
  clients.push(client);
  return client;
}

describe('exec over SPDY/3.1', () => {
  it('begins when all streams are there, and ends each of them', async () => {
    const client = await connected('/exec?stdin=1&stdout=1&stderr=1&command=cat', V4);
    expect(client.protocol).toBe('v4.channel.k8s.io');
    await client.open(1, { streamtype: 'error' });
    await client.open(3, { streamtype: 'stdin' });
    client.send(3, 'early ');
    await client.open(5, { streamtype: 'stdout' });
    await client.open(7, { streamtype: 'stderr' });
    client.send(3, 'text', true);
    await client.closed;
    expect(client.heard(5)).toBe('early text');
    expect(client.heard(1)).toBe('{"metadata":{},"status":"Success"}');
    expect([1, 5, 7].map((stream) => client.isEnded(stream))).toEqual([true, true, true]);
    expect(client.frames.filter(({ type }) => type === 'headers')).toHaveLength(4);
    expect(client.frames.at(-1)).toEqual({ type: 'goaway' });
  });

  it('resizes a terminal, whose one output has both', async () => {
    const client = await connected('/exec?stdout=1&stderr=1&tty=1&command=sh&command=-c&command=nosuch', V4);
    await client.open(1, { streamtype: 'error' });
    await client.open(3, { streamtype: 'stdout' });
    await client.open(5, { streamtype: 'resize' });
    client.send(5, '{"Width":10,"Height":20}\n');
    await client.closed;
    expect(client.heard(3)).toBe('sh: nosuch: not found\r\n');
    expect(client.heard(1)).toContain('"message":"127"');
  });

  it('tells before v4 of failures only, in plain text', async () => {
    for (const [command, said] of [
      ['true', ''],
      ['false', 'command terminated with non-zero exit code: error executing command [false], exit code 1'],
    ] as const) {
      const client = await connected(`/exec?stdout=1&command=${command}`, ['v2.channel.k8s.io']);
      await client.open(1, { streamtype: 'error' });
      await client.open(3, { streamtype: 'stdout' });
      await client.closed;
      expect(client.heard(1)).toBe(said);
    }
  });

  it('refuses streams that it does not know, numbers that do not grow, and protocols that nobody speaks', async () => {
    const client = await connected('/exec?stdout=1&command=true', V4);
    await client.open(1, { streamtype: 'nonsense' });
    await client.open(1, { streamtype: 'error' });
    client.ping(5);
    await eventually(() => client.frames.some(({ type }) => type === 'ping'));
    expect(client.frames.filter(({ type }) => type === 'reset')).toHaveLength(2);
    expect(client.frames).toContainEqual({ type: 'ping', id: 5 });
    const url = `${server.httpUrl}${cluster.path}${POD}/exec?stdout=1&command=true`;
    expect(await SpdyClient.connect(url, ['v9.channel.k8s.io'])).toEqual({ status: 403 });
  });

  it('ends a connection that speaks something else, and no other', async () => {
    const good = await connected('/exec?stdin=1&stdout=1&command=cat', V4);
    await good.open(1, { streamtype: 'error' });
    await good.open(3, { streamtype: 'stdin' });
    await good.open(5, { streamtype: 'stdout' });
    const bad = await connected('/exec?stdout=1&command=true', V4);
    bad.sendRaw(Buffer.from('8003000100ffffff', 'hex'));
    await bad.closed;
    good.send(3, 'still here');
    await eventually(() => good.heard(5) === 'still here');
  });
});

describe('port forwarding over SPDY/3.1', () => {
  const open = async (client: SpdyClient, first: number, port: number): Promise<void> => {
    const headers = { port: String(port), requestid: String(first) };
    await client.open(first, { ...headers, streamtype: 'error' });
    await client.open(first + 2, { ...headers, streamtype: 'data' });
  };

  it('carries many connections at a time', async () => {
    const client = await connected('/portforward', FORWARD);
    expect(client.protocol).toBe('portforward.k8s.io');
    for (const first of [1, 5, 9]) await open(client, first, 8080);
    for (const first of [9, 1, 5]) client.send(first + 2, `GET /${first} HTTP/1.1\r\nconnection: close\r\n\r\n`);
    await eventually(() => [3, 7, 11].every((stream) => client.isEnded(stream)));
    expect([3, 7, 11].map((stream) => client.heard(stream).split('\r\n\r\n')[1])).toEqual([
      'web: GET /1\n',
      'web: GET /5\n',
      'web: GET /9\n',
    ]);
    expect([1, 5, 9].every((stream) => client.isEnded(stream))).toBe(true);
  });

  it('says on the error stream that nothing listens, and gives the data stream up', async () => {
    const client = await connected('/portforward', FORWARD);
    await open(client, 1, 9);
    await eventually(() => client.isReset(3));
    expect(client.heard(1)).toMatch(
      /^error forwarding port 9 to pod [0-9a-f]{64}, uid : failed to execute portforward/,
    );
    expect(client.heard(1)).toContain('dial tcp4 127.0.0.1:9: connect: connection refused');
  });

  it('pairs the streams of clients that name no request', async () => {
    const client = await connected('/portforward', FORWARD);
    await client.open(1, { streamtype: 'error', port: '8080' });
    await client.open(3, { streamtype: 'data', port: '8080' });
    client.send(3, 'HEAD / HTTP/1.0\r\n\r\n');
    await eventually(() => client.isEnded(3));
    expect(client.heard(3)).toContain('200 OK');
    client.goAway();
    await client.closed;
  });

  it('refuses a stream without a port', async () => {
    const client = await connected('/portforward', FORWARD);
    await client.open(1, { streamtype: 'data' });
    await eventually(() => client.isReset(1));
  });
});
