import { jest } from '@jest/globals';
import { request } from 'node:http';
import { eventually } from '../support/eventually.js';
import { startKubectl, type RunningKubectl } from '../support/kubectl.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';

const NAMESPACE = '/api/v1/namespaces/default';

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;
let kubeconfig: string;
const running: RunningKubectl[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'ports', latency: 'instant', topology: { workers: 1 } });
  kubeconfig = await cluster.kubeconfig();
  await createWebPod(cluster);
  const ports = [{ name: 'web', port: 80, targetPort: 'http' }];
  await cluster.kubernetes.post(`${NAMESPACE}/services`, {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports },
  });
});
afterAll(async () => {
  for (const each of running) await each.stop();
  await cluster.cleanUp();
  await server.stop();
});

/** kubectl that serves on a port of its own choice, and the root of what it serves. */
async function serving(pattern: RegExp, ...args: readonly string[]): Promise<{ root: string; output: () => string }> {
  const kubectl = await startKubectl(kubeconfig, ...args);
  running.push(kubectl);
  const port = await eventually(() => pattern.exec(kubectl.output())?.[1] ?? false);
  return { root: `http://127.0.0.1:${port}`, output: () => kubectl.output() };
}

const forwarding = (target: string, port: number) =>
  serving(/127\.0\.0\.1:(\d+) ->/, 'port-forward', target, `:${port}`);

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

describe('kubectl port-forward', () => {
  it('reaches a server in a pod, many times', async () => {
    const { root } = await forwarding('pod/web', 8080);
    const paths = Array.from({ length: 20 }, (_, index) => `/path/${index}?x=y`);
    expect(await Promise.all(paths.map((path) => textOf(root + path)))).toEqual(
      paths.map((path) => `web: GET ${path}\n`),
    );
    const body = 'x'.repeat(200_000);
    expect(await (await fetch(root, { method: 'POST', body })).text()).toBe('web: POST /\n');
  });

  it('reaches a pod of a service', async () => {
    const { root } = await forwarding('service/web', 80);
    expect(await textOf(root)).toBe('web: GET /\n');
  });

  it('says that nothing listens', async () => {
    const { root, output } = await forwarding('pod/web', 9);
    await expect(fetch(root)).rejects.toThrow();
    await eventually(() => output().includes('dial tcp4 127.0.0.1:9: connect: connection refused'));
  });
});

/** Resolves with the protocol of the answer; the client of the other tests would not even offer a name with a slash. */
function tunnelled(protocols: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      'sec-websocket-protocol': protocols,
    };
    const asked = request(`${server.httpUrl}${cluster.path}${NAMESPACE}/pods/web/portforward`, { headers });
    asked.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.headers['sec-websocket-protocol']);
    });
    asked.once('response', (response) => reject(new Error(`it was answered with ${response.statusCode}`)));
    asked.once('error', reject);
    asked.end();
  });
}

describe('SPDY in a WebSocket', () => {
  it('is agreed on, though no RFC allows a slash in the name of a protocol', async () => {
    expect(await tunnelled('SPDY/3.1+portforward.k8s.io')).toBe('SPDY/3.1+portforward.k8s.io');
    expect(await tunnelled('other, SPDY/3.1+portforward.k8s.io')).toBe('SPDY/3.1+portforward.k8s.io');
  });
});

describe('kubectl proxy', () => {
  it('reaches pods, services and kubelets through the API server', async () => {
    // Clusters live below paths, which kubectl proxies only when told to.
    const { root } = await serving(/127\.0\.0\.1:(\d+)/, 'proxy', '--port=0', '--append-server-path');
    expect(await textOf(`${root}${NAMESPACE}/pods/web/proxy/a%20b?c=d`)).toBe('web: GET /a%20b?c=d\n');
    expect(await textOf(`${root}${NAMESPACE}/pods/web:8080/proxy/`)).toBe('web: GET /\n');
    expect(await textOf(`${root}${NAMESPACE}/services/web:web/proxy/x/`)).toBe('web: GET /x/\n');
    expect(await textOf(`${root}${NAMESPACE}/services/http:web:80/proxy/`)).toBe('web: GET /\n');
    expect(await textOf(`${root}/api/v1/nodes/worker-1/proxy/healthz`)).toBe('ok');
    const posted = await fetch(`${root}${NAMESPACE}/services/web/proxy/form`, { method: 'POST', body: 'a=b' });
    expect(await posted.text()).toBe('web: POST /form\n');
  });

  it('follows the way from a path without a slash', async () => {
    const answer = await cluster.kubernetes.send('GET', `${NAMESPACE}/pods/web/proxy`);
    expect(answer.text).toBe('web: GET /\n');
  });

  it('says that nothing listens', async () => {
    const { status, text } = await cluster.kubernetes.send('GET', `${NAMESPACE}/pods/web:9/proxy/`);
    expect(status).toBe(503);
    expect(text).toMatch(/error trying to reach service: dial tcp [0-9.]+:9: connect: connection refused/);
  });
});
