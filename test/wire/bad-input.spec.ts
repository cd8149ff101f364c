import { jest } from '@jest/globals';
import { request } from 'node:http';
import { jsonOf, type Answer } from '../support/api-client.js';
import { CONFIG_MAPS, JSON_PATCH, REFUSALS } from '../support/refusals.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { managementOf, TestCluster } from '../support/test-cluster.js';

jest.setTimeout(60_000);

const PROBLEM = 'application/problem+json; charset=utf-8';
const TOO_LARGE_BYTES = 3 * 1024 * 1024 + 1;
const LISTED = [
  '/api/v1/namespaces',
  '/api/v1/configmaps',
  '/api/v1/pods',
  '/api/v1/services',
  '/api/v1/nodes',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/replicasets',
];

interface Status {
  readonly kind: string;
  readonly apiVersion: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly code: number;
}

let server: TestServer;
let cluster: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  // A paused clock keeps the cluster as still as the requests leave it.
  cluster = await TestCluster.create(server, { name: 'refusing', clock: { mode: 'paused' }, topology: { workers: 1 } });
  await cluster.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'present' }, data: { a: '1' } });
  await cluster.advance('1s');
});
afterAll(() => server.stop());

/** Names and versions of all that could have been created or changed. */
async function present(): Promise<readonly string[]> {
  const lists = await Promise.all(LISTED.map((path) => cluster.list(path)));
  return lists
    .flat()
    .map(({ metadata: { namespace = '', name, resourceVersion } }) => [namespace, name, resourceVersion].join('/'));
}

function expectNoTrace({ text }: Answer): void {
  expect(text).not.toMatch(/\n\s+at |\.js:\d|\.ts:\d|TypeError|node_modules/);
}

function expectStatus(answer: Answer, code: number, reason: string): Status {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([code, 'application/json']);
  expectNoTrace(answer);
  const status = jsonOf<Status>(answer);
  expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code });
  return status;
}

describe('on Kubernetes paths', () => {
  it.each(REFUSALS)(
    '%s is refused, and leaves nothing',
    async (_what, [method, path, body, headers], code, reason, message) => {
      const before = await present();
      const answer = await cluster.kubernetes.send(method, path, body, headers);
      const status = expectStatus(answer, code, reason);
      if (typeof message === 'string') expect(status.message).toContain(message);
      else expect(status.message).toMatch(message);
      await cluster.advance('1s');
      expect(await present()).toEqual(before);
    },
  );

  it('a body of more than 3 MiB is refused, announced or not', async () => {
    const body = JSON.stringify({ metadata: { name: 'bad' }, data: { a: 'x'.repeat(TOO_LARGE_BYTES) } });
    const announced = await cluster.kubernetes.send('POST', CONFIG_MAPS, body);
    expectStatus(announced, 413, 'RequestEntityTooLarge');
    expect(await sentInChunks(cluster.path + CONFIG_MAPS, body)).toBe(413);
    expect((await cluster.kubernetes.send('GET', `${CONFIG_MAPS}/bad`)).status).toBe(404);
  });

  it('an object of more than etcd takes is refused', async () => {
    const data = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${index}`, 'x'.repeat(100_000)]));
    const answer = await cluster.kubernetes.send('POST', CONFIG_MAPS, { metadata: { name: 'bad' }, data });
    expectStatus(answer, 422, 'Invalid');
  });

  it('a JSON patch of more than 10,000 operations is refused', async () => {
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' }));
    const answer = await cluster.kubernetes.send('PATCH', `${CONFIG_MAPS}/present`, patch, JSON_PATCH);
    expectStatus(answer, 413, 'RequestEntityTooLarge');
  });

  it('deeply nested JSON is refused, and the cluster goes on', async () => {
    const depth = 20_000;
    for (const body of ['['.repeat(depth), `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`]) {
      const answer = await cluster.kubernetes.send('POST', CONFIG_MAPS, body);
      expect([answer.status >= 400 && answer.status < 500, answer.status]).toEqual([true, answer.status]);
      expectNoTrace(answer);
    }
    expect((await cluster.kubernetes.send('GET', `${CONFIG_MAPS}/present`)).status).toBe(200);
  });

  it.each(['wrong', `${ADMIN_TOKEN}x`, 'a.b.c'])('the token %j opens nothing', async (token) => {
    const stranger = cluster.kubernetes.withToken(token);
    for (const [method, path] of [
      ['GET', '/api/v1/pods'] as const,
      ['POST', CONFIG_MAPS] as const,
      ['GET', '/version'] as const,
    ]) {
      const body = method === 'POST' ? { metadata: { name: 'bad' } } : undefined;
      expectStatus(await stranger.send(method, path, body), 401, 'Unauthorized');
    }
    expect((await cluster.kubernetes.send('GET', `${CONFIG_MAPS}/bad`)).status).toBe(404);
  });

  it('a stranger sees what the cluster shows to everybody, and is not told which clusters there are', async () => {
    const stranger = cluster.kubernetes.withToken(undefined);
    expect((await stranger.send('GET', '/version')).status).toBe(200);
    expectStatus(await stranger.send('GET', '/api/v1/pods'), 403, 'Forbidden');
    expectStatus(await stranger.send('POST', CONFIG_MAPS, { metadata: { name: 'bad' } }), 403, 'Forbidden');
    const absent = await fetch(`${server.httpUrl}/k8s/default/absent/version`);
    expect(absent.status).toBe(401);
  });

  it.each(['/k8s/default/absent/api/v1/pods', '/k8s/absent/refusing/api/v1/pods', '/k8s/default', '/k8s/'])(
    '%s is no cluster',
    async (path) => {
      const { status, headers, text } = await server.request('GET', path);
      expectStatus({ status, headers, text }, 404, 'NotFound');
    },
  );
});

describe('on management paths', () => {
  const CLUSTERS = '/tenants/default/clusters';
  // What a body may say is tested beside the management API; this is about what a refusal leaves.
  const bodies: readonly (readonly [what: string, status: number, body: unknown])[] = [
    ['an unknown field in depth', 400, { name: 'bad', topology: { bogus: 1 } }],
    ['a million workers', 400, { name: 'bad', topology: { workers: 1_000_000 } }],
    ['an empty zone', 400, { name: 'bad', topology: { zones: [''] } }],
    ['a name in use', 409, { name: 'refusing' }],
  ];

  it.each(bodies)('a cluster of %s is refused by %i, and leaves nothing', async (_what, status, body) => {
    const management = managementOf(server);
    const before = (await management.send('GET', CLUSTERS)).text;
    const answer = await management.send('POST', CLUSTERS, body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, PROBLEM]);
    expectNoTrace(answer);
    const problem = jsonOf<{ status: number; title: string; detail: string }>(answer);
    expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect((await management.send('GET', CLUSTERS)).text).toBe(before);
  });

  it.each([
    ['GET', '/tenants/absent'],
    ['GET', '/tenants/absent/clusters'],
    ['POST', '/tenants/absent/clusters'],
    ['GET', '/tenants/default/clusters/absent'],
    ['GET', '/tenants/default/clusters/absent/kubeconfig'],
    ['DELETE', '/tenants/default/clusters/absent'],
    ['PUT', '/tenants/default/clusters/refusing/nodes/absent/kubelet'],
    ['GET', '/nothing'],
  ])('%s %s is 404', async (method, path) => {
    const body = method === 'POST' ? { name: 'bad' } : method === 'PUT' ? { state: 'stopped' } : undefined;
    const answer = await managementOf(server).send(method, path, body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, PROBLEM]);
    expectNoTrace(answer);
  });

  it.each([undefined, 'wrong', 'fl_wrong'])('the token %j opens nothing', async (token) => {
    const answer = await managementOf(server).withToken(token).send('POST', CLUSTERS, { name: 'bad' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, PROBLEM]);
  });

  it("a kubeconfig's token opens no management path", async () => {
    const { text } = await cluster.management.send('GET', '/kubeconfig');
    const token = /token: (\S+)/.exec(text)?.[1];
    expect((await cluster.kubernetes.withToken(token).send('GET', '/version')).status).toBe(200);
    expect((await managementOf(server).withToken(token).send('GET', CLUSTERS)).status).toBe(401);
  });

  it.each(['-1s', '0s', 'soon', '', '1000000h'])('an advance by %j is refused', async (duration) => {
    const answer = await cluster.management.send('POST', '/clock/advance', { duration });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, PROBLEM]);
  });
});

/** The status of a request whose length nobody announced. */
function sentInChunks(path: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    };
    const sent = request(server.httpUrl + path, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
