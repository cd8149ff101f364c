import { jest } from '@jest/globals';
import { io } from 'socket.io-client';
import { jsonOf } from '../support/api-client.js';
import { kubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { managementOf, TestCluster } from '../support/test-cluster.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

jest.setTimeout(60_000);

let server: TestServer;
let red: TestCluster;
let blue: TestCluster;
let redKey: string;
let blueKey: string;

beforeAll(async () => {
  server = await TestServer.start();
  const management = managementOf(server);
  const keys: string[] = [];
  for (const tenant of ['red', 'blue']) {
    await management.post('/tenants', { name: tenant });
    const { secret } = await management.post<{ secret: string }>(`/tenants/${tenant}/keys`, { name: 'tests' });
    keys.push(secret);
  }
  [redKey = '', blueKey = ''] = keys;
  red = await TestCluster.create(server, { name: 'same', tenant: 'red', seed: 1 });
  blue = await TestCluster.create(server, { name: 'same', tenant: 'blue', seed: 1 });
});
afterAll(async () => {
  await red.cleanUp();
  await blue.cleanUp();
  await server.stop();
});

/** The acknowledgement of a subscription to ConfigMaps, or why the connection was refused. */
async function subscribe(token: string, tenant: string, cluster = 'same'): Promise<unknown> {
  const socket = io(`${server.httpUrl}/watch`, { auth: { token }, transports: ['websocket'], forceNew: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    const body = { tenant, cluster, apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
    return await socket.timeout(10_000).emitWithAck('subscribe', body);
  } finally {
    socket.disconnect();
  }
}

describe('two tenants with clusters of the same name', () => {
  it('see nothing of each other', async () => {
    await red.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'secret-of-red' } });
    await blue.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'secret-of-blue' } });
    const names = async (cluster: TestCluster): Promise<readonly string[]> =>
      (await cluster.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name);
    expect(await names(red)).toEqual(['kube-root-ca.crt', 'secret-of-red']);
    expect(await names(blue)).toEqual(['kube-root-ca.crt', 'secret-of-blue']);
  });

  it('are driven by kubeconfigs of their own', async () => {
    const [ofRed, ofBlue] = [await red.kubeconfig(), await blue.kubeconfig()];
    for (const [kubeconfig, name] of [[ofRed, 'red'] as const, [ofBlue, 'blue'] as const]) {
      const { stdout } = await kubectl(kubeconfig, 'get', 'configmaps', '-o', 'name');
      expect(stdout).toBe(`configmap/kube-root-ca.crt\nconfigmap/secret-of-${name}\n`);
    }
    const foreign = await kubectl(ofRed, 'get', 'configmaps', '--server', `${server.httpsUrl}${blue.path}`);
    expect(foreign.code).not.toBe(0);
    expect(foreign.stdout).toBe('');
  });

  it("answer 404 to the other's key, as for what does not exist", async () => {
    const paths = [
      ['GET', '/api/v1/tenants/blue'],
      ['GET', '/api/v1/tenants/blue/keys'],
      ['GET', '/api/v1/tenants/blue/clusters'],
      ['GET', '/api/v1/tenants/blue/clusters/same'],
      ['GET', '/api/v1/tenants/blue/clusters/same/kubeconfig'],
      ['GET', '/api/v1/tenants/blue/clusters/same/nodes'],
      ['POST', '/api/v1/tenants/blue/clusters/same/clock/advance'],
      ['DELETE', '/api/v1/tenants/blue/clusters/same'],
      ['GET', `/k8s/blue/same${CONFIG_MAPS}`],
      ['GET', `/k8s/blue/same${CONFIG_MAPS}?watch=1`],
      ['POST', `/k8s/blue/same${CONFIG_MAPS}`],
      ['DELETE', `/k8s/blue/same${CONFIG_MAPS}/secret-of-blue`],
      ['GET', '/k8s/blue/same/version'],
      ['GET', '/k8s/blue/same/healthz'],
    ] as const;
    for (const [method, path] of paths) {
      const body = method === 'POST' ? JSON.stringify({ metadata: { name: 'from-red' }, duration: '1s' }) : undefined;
      const foreign = await server.request(method, path, { token: redKey, body });
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      const missing = await server.request(method, path.replace('blue', 'nobody'), { token: redKey, body });
      expect([path, missing.status, missing.text]).toEqual([path, 404, foreign.text.replaceAll('blue', 'nobody')]);
    }
    expect((await blue.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name)).toContain('secret-of-blue');
  });

  it("answer a subscription with the other's key by 404", async () => {
    expect(await subscribe(blueKey, 'blue')).toEqual({ subscription: expect.any(String) });
    const refused = { error: { code: 404, message: expect.any(String) } };
    expect(await subscribe(redKey, 'blue')).toEqual(refused);
    expect(await subscribe(redKey, 'nobody')).toEqual(refused);
  });

  it('list only what the key may see', async () => {
    const { text } = await managementOf(server).withToken(redKey).send('GET', '/tenants');
    expect(jsonOf<{ name: string }[]>({ text }).map(({ name }) => name)).toEqual(['red']);
  });

  it('are deleted apart', async () => {
    await red.management.delete('');
    expect((await red.kubernetes.send('GET', CONFIG_MAPS)).status).toBe(404);
    expect((await blue.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name)).toContain('secret-of-blue');
  });
});
