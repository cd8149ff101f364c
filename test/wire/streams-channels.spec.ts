import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { kubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';
import { openSocket, refusalOf, type Message } from '../support/web-socket.js';

const EXEC = '/api/v1/namespaces/default/pods/web/exec';
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'channels', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(cluster);
});
afterAll(async () => {
  await cluster.cleanUp();
  await server.stop();
});

const at = (path: string): string => server.httpUrl + cluster.path + path;
const exec = (flags: string, ...command: readonly string[]): string =>
  at(`${EXEC}?${flags}&${command.map((each) => `command=${encodeURIComponent(each)}`).join('&')}`);
const on = (channel: number, text: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(text as string)]);
/** What came on a channel, in one piece. */
const heard = (messages: readonly Message[], channel: number): string =>
  Buffer.concat(messages.filter(({ bytes }) => bytes[0] === channel).map(({ bytes }) => bytes.subarray(1))).toString();

describe('exec over v5.channel.k8s.io', () => {
  const V5 = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

  it('tells of success on channel 3, and ends', async () => {
    const { protocol, messages, closed } = await openSocket(exec('stdout=true&stderr=true', 'echo', 'hi'), V5);
    expect(protocol).toBe('v5.channel.k8s.io');
    expect(await closed).toBe(1000);
    expect(messages[0]?.bytes).toEqual(Buffer.of(STDOUT));
    expect(heard(messages, STDOUT)).toBe('hi\n');
    expect(heard(messages, ERROR)).toBe('{"metadata":{},"status":"Success"}');
  });

  it('tells of an exit code as a cause, and keeps the two outputs apart', async () => {
    const { messages, closed } = await openSocket(
      exec('stdout=1&stderr=1', 'sh', '-c', 'echo out; nosuch; exit 7'),
      V5,
    );
    await closed;
    expect(heard(messages, STDOUT)).toBe('out\n');
    expect(heard(messages, STDERR)).toBe('sh: nosuch: not found\n');
    expect(JSON.parse(heard(messages, ERROR))).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  it('closes one channel by the signal, and reads on from the others', async () => {
    const { socket, messages, closed } = await openSocket(exec('stdin=1&stdout=1', 'cat'), V5);
    socket.send(on(STDIN, 'some '));
    socket.send(on(STDIN, 'text'));
    await eventually(() => heard(messages, STDOUT) === 'some text');
    expect(heard(messages, ERROR)).toBe('');
    socket.send(Buffer.of(CLOSE, STDIN));
    await closed;
    expect(JSON.parse(heard(messages, ERROR))).toMatchObject({ status: 'Success' });
  });

  it('serves a terminal: echo, one output, sizes, end of input', async () => {
    const { socket, messages, closed } = await openSocket(exec('stdin=1&stdout=1&tty=1', 'sh'), V5);
    socket.send(on(RESIZE, '{"Width":120,"Height":40}'));
    await eventually(() => heard(messages, STDOUT) === '/ # ');
    socket.send(on(STDIN, 'nosuch\r'));
    await eventually(() => heard(messages, STDOUT).endsWith('not found\r\n/ # '));
    socket.send(on(STDIN, 'exit 4\r'));
    await closed;
    expect(heard(messages, STDOUT)).toBe('/ # nosuch\r\nsh: nosuch: not found\r\n/ # exit 4\r\n');
    expect(heard(messages, STDERR)).toBe('');
    expect(JSON.parse(heard(messages, ERROR))).toMatchObject({ details: { causes: [{ message: '4' }] } });
  });

  it('has switched already when it learns that the kubelet refuses', async () => {
    await cluster.kubernetes.post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'done' },
      spec: { containers: [{ name: 'app', image: 'busybox', command: ['true'] }], restartPolicy: 'Never' },
    });
    await kubectl(await cluster.kubeconfig(), 'wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/done');
    const url = exec('stdout=1', 'ls').replace('/web/', '/done/');
    const { messages, closed } = await openSocket(url, V5);
    await closed;
    expect(JSON.parse(heard(messages, ERROR))).toMatchObject({
      reason: 'InternalError',
      code: 500,
      message: 'Internal error occurred: unable to upgrade connection: container not found ("app")',
    });
    expect(await refusalOf(url, ['v4.channel.k8s.io'])).toEqual({ status: 500, body: 'container not found ("app")' });
  });
});

describe('exec over older protocols', () => {
  it('v4 tells of the exit in the words of the runtime', async () => {
    const { messages, closed } = await openSocket(exec('stdout=1', 'sh', '-c', 'exit 3'), ['v4.channel.k8s.io']);
    expect(await closed).toBe(1000);
    expect(JSON.parse(heard(messages, ERROR)).message).toBe(
      'command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3',
    );
  });

  it.each(['channel.k8s.io', 'v1.channel.k8s.io', ''])(
    '%s tells of failure in plain text, and of success not at all',
    async (name) => {
      const protocols = name === '' ? [] : [name];
      const good = await openSocket(exec('stdout=1', 'echo', 'hi'), protocols);
      await good.closed;
      expect(good.messages.map(({ bytes }) => bytes.toString())).toEqual(['\u0001', '\u0001hi\n']);
      const bad = await openSocket(exec('stdout=1', 'false'), protocols);
      await bad.closed;
      expect(heard(bad.messages, ERROR)).toContain('command terminated with non-zero exit code');
    },
  );

  it('base64 names channels by digits', async () => {
    const { socket, messages } = await openSocket(exec('stdin=1&stdout=1', 'cat'), ['base64.channel.k8s.io']);
    socket.send(`0${Buffer.from('foo\n').toString('base64')}`);
    await eventually(() => messages.length === 2);
    expect(messages.map(({ text, isBinary }) => [text, isBinary])).toEqual([
      ['1', false],
      [`1${Buffer.from('foo\n').toString('base64')}`, false],
    ]);
    socket.terminate();
  });

  it('others are refused', async () => {
    expect((await refusalOf(exec('stdout=1', 'ls'), ['v9.channel.k8s.io'])).status).toBe(403);
  });

  it('somebody must listen or speak', async () => {
    expect(await refusalOf(exec('tty=1', 'ls'), ['v4.channel.k8s.io'])).toEqual({
      status: 400,
      body: 'you must specify at least 1 of stdin, stdout, stderr',
    });
  });
});

describe('port forwarding over channels', () => {
  const forward = (ports: string): string => at(`/api/v1/namespaces/default/pods/web/portforward?${ports}`);

  it('has two channels a port, which begin with the port', async () => {
    const { socket, messages } = await openSocket(forward('ports=8080&ports=9'), ['v4.channel.k8s.io']);
    await eventually(() => heard(messages, 3).includes('connection refused'));
    expect(messages.slice(0, 4).map(({ bytes }) => [...bytes])).toEqual([
      [0, 0x90, 0x1f],
      [1, 0x90, 0x1f],
      [2, 9, 0],
      [3, 9, 0],
    ]);
    socket.send(on(0, 'GET /x HTTP/1.1\r\nhost: web\r\n\r\n'));
    await eventually(() => heard(messages, 0).includes('web: GET /x'));
    expect(heard(messages, 0)).toContain('HTTP/1.1 200 OK\r\n');
    socket.terminate();
  });

  it('needs ports', async () => {
    expect(await refusalOf(forward('x=1'), ['v4.channel.k8s.io'])).toEqual({
      status: 400,
      body: 'query parameter "ports" is required',
    });
  });
});
