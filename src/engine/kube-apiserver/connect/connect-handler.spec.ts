import { ClusterHarness, isReady } from '../../../../test/support/cluster-harness.js';
import { createApiHarness, textCodec } from '../../../../test/support/engine-harness.js';
import { clusterAdministrator, type UserInfo } from '../../machinery/user.js';
import type { ApiServer } from '../api-server.js';
import type { Authorizer } from '../authorizer.port.js';
import type { ProcessSink } from '../container-sessions.port.js';
import type { WireResponse } from '../wire.js';
import type { WireConnection } from './wire-connection.js';

const POD = '/api/v1/namespaces/default/pods/web';

/** Asks to connect, as a client that can switch protocols. */
function connect(server: ApiServer, path: string, query: string, user: UserInfo = clusterAdministrator) {
  const seen: { connection?: WireConnection; response?: WireResponse } = {};
  const call = server.handle(
    { method: 'GET', path, query, headers: {}, body: new Uint8Array(), user },
    {
      respond: (response) => void (seen.response = response),
      stream: () => ({ write: () => undefined, end: () => undefined }),
      connect: (connection) => {
        seen.connection = connection;
        return { end: () => undefined };
      },
    },
  );
  const { connection, response } = seen;
  const message = response?.body.map((part) => textCodec.decode(part)).join('') ?? '';
  return { call, connection, status: response?.status, message };
}

function collector() {
  const seen = { out: '', end: undefined as number | string | undefined };
  const sink: ProcessSink = {
    stdout: (bytes) => (seen.out += textCodec.decode(bytes)),
    stderr: (bytes) => (seen.out += textCodec.decode(bytes)),
    exit: (code) => (seen.end = code),
    fail: (message) => (seen.end = message),
  };
  return { seen, sink };
}

function clusterWithPod(container: object = {}) {
  const harness = new ClusterHarness({ latency: 'instant', topology: { workers: 1 } });
  const ports = [{ containerPort: 8080 }];
  harness.createPod('web', { containers: [{ name: 'app', image: 'registry.example/web:1', ports, ...container }] });
  harness.runUntil(() => isReady(harness.pod('web')));
  return harness;
}

function processOf(server: ApiServer, query: string, subresource = 'exec') {
  const { connection, call } = connect(server, `${POD}/${subresource}`, query);
  if (connection?.type !== 'process') throw new Error('there is no process to connect to');
  return { connection, call };
}

describe('a connection into a pod', () => {
  it('reaches a program, which ends with its client', () => {
    const harness = clusterWithPod();
    const { connection, call } = processOf(harness.cluster.apiServer, 'command=sleep&command=5&stdout=1');
    const { seen, sink } = collector();
    connection.start(sink);
    call.cancel();
    harness.runFor(10);
    expect(seen.end).toBeUndefined();
    const second = collector();
    processOf(harness.cluster.apiServer, 'command=sleep&command=5&stdout=1').connection.start(second.sink);
    harness.runFor(10);
    expect(second.seen.end).toBe(0);
  });

  it('has one output where there is a terminal', () => {
    const { apiServer } = clusterWithPod().cluster;
    const { connection } = processOf(apiServer, 'command=sh&stdin=true&stdout=true&stderr=true&tty=true');
    expect(connection).toMatchObject({ stdin: true, stdout: true, stderr: false, tty: true, command: ['sh'] });
  });

  it('gives a program the environment of its container', () => {
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A)-$$(A)-$(C)' },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    const { apiServer } = clusterWithPod({ env, workingDir: '/tmp' }).cluster;
    const script = 'echo $A $B $POD $HOSTNAME; pwd';
    const query = ['sh', '-c', script].map((each) => `command=${encodeURIComponent(each)}`).join('&');
    const { seen, sink } = collector();
    processOf(apiServer, `${query}&stdout=1`).connection.start(sink);
    expect(seen.out).toBe('a a-$(A)-$(C) web web\n/tmp\n');
  });

  it('hears by attaching what the container prints from now on, and its end', () => {
    const harness = clusterWithPod({ command: ['sh', '-c', 'echo before; sleep 60; echo after'] });
    const { seen, sink } = collector();
    processOf(harness.cluster.apiServer, 'stdout=1', 'attach').connection.start(sink);
    harness.runFor(70);
    expect(seen).toEqual({ out: 'after\n', end: 0 });
  });

  it('is killed with its container', () => {
    const harness = clusterWithPod();
    const { seen, sink } = collector();
    processOf(harness.cluster.apiServer, 'command=sleep&command=infinity&stdout=1').connection.start(sink);
    harness.request('DELETE', POD);
    harness.runFor(60);
    expect(seen.end).toBe(137);
  });

  it('is refused by a kubelet that has stopped, and by one that has no such container', () => {
    const harness = clusterWithPod();
    const { apiServer } = harness.cluster;
    expect(connect(apiServer, `${POD}/exec`, 'command=ls').connection?.refusal?.response.status).toBe(400);
    harness.cluster.stopKubelet('worker-1');
    const { connection } = connect(apiServer, `${POD}/exec`, 'command=ls&stdout=1');
    expect(connection?.refusal?.message).toMatch(/dial tcp [0-9.]+:10250: connect: connection refused$/);
    expect(connection?.refusal?.response.status).toBe(500);
  });

  it('gives one history whatever is run in it that writes nothing', () => {
    const historyOf = (commands: readonly string[]) => {
      const harness = clusterWithPod();
      for (const command of commands) {
        processOf(harness.cluster.apiServer, `command=${command}&stdout=1`).connection.start(collector().sink);
      }
      harness.createDeployment('later', 2);
      harness.runFor(30);
      return harness.history.map(({ key, value }) => [key, value && textCodec.decode(value)]);
    };
    expect(historyOf(['ls', 'env', 'nosuch'])).toEqual(historyOf([]));
  });
});

describe('a container that is a shell', () => {
  const SHELL = { image: 'busybox:1.36', stdin: true };
  const attached = ({ cluster }: ClusterHarness) => {
    const { seen, sink } = collector();
    const { connection, call } = processOf(cluster.apiServer, 'stdin=1&stdout=1', 'attach');
    const input = connection.start(sink);
    return { seen, call, type: (text: string) => input.stdin(textCodec.encode(text)), end: () => input.closeStdin() };
  };
  const ended = (harness: ClusterHarness): unknown =>
    harness.pod('web').status.containerStatuses[0].lastState.terminated?.exitCode;

  it('waits for whoever attaches, and tells all of them what it prints', () => {
    const harness = clusterWithPod({ ...SHELL, tty: true, env: [{ name: 'GREETING', value: 'hi' }] });
    harness.runFor(600);
    const one = attached(harness);
    expect(one.seen.out).toBe('/ # ');
    const two = attached(harness);
    one.type('echo $GREETING\r');
    expect([one.seen.out, two.seen.out]).toEqual(['/ # echo $GREETING\r\nhi\r\n/ # ', 'echo $GREETING\r\nhi\r\n/ # ']);
    one.call.cancel();
    two.type('exit 3\r');
    expect([one.seen.end, two.seen.end]).toEqual([undefined, 0]);
    harness.runFor(5);
    expect(ended(harness)).toBe(3);
  });

  it('goes on when a client leaves, unless its input is for the first one only', () => {
    for (const stdinOnce of [false, true]) {
      const harness = clusterWithPod({ ...SHELL, stdinOnce });
      const { type, end, seen } = attached(harness);
      type('echo one\n');
      end();
      harness.runFor(5);
      expect([seen.out, seen.end, ended(harness)]).toEqual([
        'one\n',
        stdinOnce ? 0 : undefined,
        stdinOnce ? 0 : undefined,
      ]);
    }
  });

  it('is killed with its container', () => {
    const harness = clusterWithPod(SHELL);
    const { seen } = attached(harness);
    harness.request('DELETE', `${POD}?gracePeriodSeconds=5`);
    harness.runFor(10);
    expect(seen.end).toBe(0);
    expect(() => harness.pod('web')).toThrow('not found');
  });
});

describe('permission to connect', () => {
  const reader: UserInfo = { username: 'reader', groups: [] };
  const readsOnly: Authorizer = {
    authorize: ({ verb }) => ({ isAllowed: verb === 'get', reason: '' }),
    rulesFor: () => ({ rules: [], isIncomplete: true, error: '' }),
  };

  it('is permission to create, whatever the method', () => {
    const { server } = createApiHarness({ authorizer: readsOnly });
    for (const subresource of ['exec', 'attach', 'portforward']) {
      expect(connect(server, `${POD}/${subresource}`, 'command=ls&stdout=1', reader).status).toBe(403);
    }
    expect(connect(server, `${POD}/log`, '', reader).status).toBe(404);
  });
});
