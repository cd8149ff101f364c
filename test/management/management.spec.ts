import { jest } from '@jest/globals';
import { parse } from 'yaml';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';

jest.setTimeout(120_000);
afterAll(() => TestServer.stopAll());

const CLUSTERS = '/tenants/default/clusters';
const PROBLEM = 'application/problem+json; charset=utf-8';

describe('the management API', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const newKey = async (tenant: string, name = 'ci'): Promise<string> => {
    const { json } = await server.call('POST', `/tenants/${tenant}/keys`, { name });
    return (json as { secret: string }).secret;
  };

  describe('tenants', () => {
    it('has one of the name default from the first start', async () => {
      expect((await server.call('GET', '/tenants/default')).json).toMatchObject({ name: 'default' });
    });

    it('creates, lists, gets and deletes', async () => {
      const created = await server.call('POST', '/tenants', { name: 'acme' });
      expect([created.status, created.headers.get('location')]).toEqual([201, '/api/v1/tenants/acme']);
      expect((await server.call('GET', '/tenants')).json).toMatchObject([{ name: 'acme' }, { name: 'default' }]);
      expect((await server.call('POST', '/tenants', { name: 'acme' })).status).toBe(409);
      expect((await server.call('DELETE', '/tenants/acme')).status).toBe(204);
      expect((await server.call('GET', '/tenants/acme')).status).toBe(404);
    });

    it('keeps one that has clusters', async () => {
      await server.call('POST', '/tenants', { name: 'busy' });
      await server.call('POST', '/tenants/busy/clusters', { name: 'one', topology: { workers: 0 } });
      expect((await server.call('DELETE', '/tenants/busy')).status).toBe(409);
      expect((await server.call('DELETE', '/tenants/busy/clusters/one')).status).toBe(204);
      expect((await server.call('DELETE', '/tenants/busy')).status).toBe(204);
    });
  });

  describe('keys', () => {
    beforeAll(async () => {
      await server.call('POST', '/tenants', { name: 'left' });
      await server.call('POST', '/tenants', { name: 'right' });
      for (const tenant of ['left', 'right']) {
        await server.call('POST', `/tenants/${tenant}/clusters`, { name: 'same', topology: { workers: 0 } });
      }
    });

    it('show their secret once', async () => {
      const created = await server.call('POST', '/tenants/left/keys', { name: 'once' });
      expect(created.status).toBe(201);
      const listed = await server.call('GET', '/tenants/left/keys');
      const { secret, ...rest } = created.json as { secret: string };
      expect(listed.json).toContainEqual(rest);
      expect(listed.text).not.toContain(secret);
    });

    it("open their own tenant, and show nothing of another's", async () => {
      const token = await newKey('left', 'own');
      const get = async (path: string) => (await server.request('GET', path, { token })).status;
      expect(await get('/api/v1/tenants/left/clusters/same')).toBe(200);
      expect(await get('/api/v1/tenants/right/clusters/same')).toBe(404);
      expect(await get('/api/v1/tenants/right')).toBe(404);
      expect(await get('/api/v1/tenants/right/keys')).toBe(404);
      expect(await get('/k8s/left/same/version')).toBe(200);
      expect(await get('/k8s/right/same/version')).toBe(404);
      const unknown = await server.request('GET', '/k8s/right/nothing/version', { token });
      const foreign = await server.request('GET', '/k8s/right/same/version', { token });
      expect(foreign.text).toBe(unknown.text.replaceAll('nothing', 'same'));
      const tenants = (await server.request('GET', '/api/v1/tenants', { token })).json;
      expect(tenants).toMatchObject([{ name: 'left' }]);
    });

    it('may not make or delete tenants', async () => {
      const token = await newKey('left', 'limited');
      const body = JSON.stringify({ name: 'mine' });
      expect((await server.request('POST', '/api/v1/tenants', { token, body })).status).toBe(403);
      expect((await server.request('DELETE', '/api/v1/tenants/left', { token })).status).toBe(403);
    });

    it('open nothing once deleted', async () => {
      const created = (await server.call('POST', '/tenants/left/keys', { name: 'short' })).json;
      const { id, secret: token } = created as { id: string; secret: string };
      expect((await server.request('GET', '/k8s/left/same/version', { token })).status).toBe(200);
      expect((await server.call('DELETE', `/tenants/right/keys/${id}`)).status).toBe(404);
      expect((await server.call('DELETE', `/tenants/left/keys/${id}`)).status).toBe(204);
      expect((await server.request('GET', '/k8s/left/same/version', { token })).status).toBe(401);
      expect((await server.request('GET', '/api/v1/tenants/left', { token })).status).toBe(401);
    });
  });

  describe('clusters', () => {
    it('have one control plane and three workers unless asked otherwise', async () => {
      const created = await server.call('POST', CLUSTERS, { name: 'preset' });
      expect([created.status, created.headers.get('location')]).toEqual([201, `/api/v1${CLUSTERS}/preset`]);
      expect(created.json).toMatchObject({
        name: 'preset',
        tenant: 'default',
        state: 'running',
        server: `${server.httpsUrl}/k8s/default/preset`,
        clock: { mode: 'realtime', rate: 1 },
        latency: 'fast',
        durability: 'durable',
        topology: {
          controlPlanes: 1,
          workers: 3,
          workerCapacity: { cpu: '8', memory: '32Gi', pods: 110 },
          zones: [],
        },
      });
      const nodes = await server.call('GET', `${CLUSTERS}/preset/nodes`);
      expect(nodes.json).toEqual([
        { name: 'control-plane-1', role: 'control-plane', kubelet: 'running' },
        { name: 'worker-1', role: 'worker', kubelet: 'running' },
        { name: 'worker-2', role: 'worker', kubelet: 'running' },
        { name: 'worker-3', role: 'worker', kubelet: 'running' },
      ]);
    });

    it('are listed by name, got, and deleted', async () => {
      await server.call('POST', CLUSTERS, { name: 'b', topology: { workers: 0 } });
      await server.call('POST', CLUSTERS, { name: 'a', topology: { workers: 0 }, durability: 'ephemeral' });
      const names = ((await server.call('GET', CLUSTERS)).json as { name: string }[]).map(({ name }) => name);
      expect(names.filter((name) => name.length === 1)).toEqual(['a', 'b']);
      expect((await server.call('DELETE', `${CLUSTERS}/a`)).status).toBe(204);
      expect((await server.call('GET', `${CLUSTERS}/a`)).status).toBe(404);
      expect((await server.request('GET', '/k8s/default/a/version')).status).toBe(404);
      expect((await server.call('POST', CLUSTERS, { name: 'b' })).status).toBe(409);
    });

    it('deal their nodes over zones', async () => {
      const topology = { workers: 3, zones: ['east', 'west'] };
      await server.call('POST', CLUSTERS, { name: 'zoned', topology });
      const nodes = (await server.call('GET', `${CLUSTERS}/zoned/nodes`)).json as { role: string; zone: string }[];
      const workers = nodes.filter(({ role }) => role === 'worker');
      expect(workers.map(({ zone }) => zone).toSorted()).toHaveLength(3);
      expect(new Set(workers.map(({ zone }) => zone))).toEqual(new Set(['east', 'west']));
    });

    it('give a kubeconfig that opens the Kubernetes API by TLS and nothing else', async () => {
      await server.call('POST', CLUSTERS, { name: 'config', topology: { workers: 0 } });
      const answer = await server.call('GET', `${CLUSTERS}/config/kubeconfig`);
      expect(answer.headers.get('content-type')).toBe('application/yaml');
      const config = parse(answer.text) as { users: [{ user: { token: string } }]; clusters: [{ cluster: object }] };
      expect(config.clusters[0].cluster).toMatchObject({ server: `${server.httpsUrl}/k8s/default/config` });
      const { token } = config.users[0].user;
      expect((await server.request('GET', '/k8s/default/config/version', { token })).status).toBe(200);
      expect((await server.request('GET', '/k8s/default/preset/version', { token })).status).toBe(404);
      expect((await server.request('GET', `/api/v1${CLUSTERS}`, { token })).status).toBe(401);
    });

    it('stop and start the kubelet of a node', async () => {
      await server.call('POST', CLUSTERS, { name: 'kubelets', topology: { workers: 1 } });
      const path = `${CLUSTERS}/kubelets/nodes/worker-1`;
      expect((await server.call('PUT', `${path}/kubelet`, { state: 'stopped' })).json).toMatchObject({
        kubelet: 'stopped',
      });
      expect((await server.call('GET', path)).json).toMatchObject({ kubelet: 'stopped' });
      expect((await server.call('PUT', `${path}/kubelet`, { state: 'running' })).json).toMatchObject({
        kubelet: 'running',
      });
      expect((await server.call('PUT', `${path}/kubelet`, { state: 'broken' })).status).toBe(400);
      expect((await server.call('PUT', `${CLUSTERS}/kubelets/nodes/none/kubelet`, { state: 'stopped' })).status).toBe(
        404,
      );
    });
  });

  describe('clocks', () => {
    it('advance by hand when paused, and only then', async () => {
      const clock = { mode: 'paused', start: '2026-01-01T00:00:00Z' };
      await server.call('POST', CLUSTERS, { name: 'timed', topology: { workers: 0 }, clock });
      const path = `${CLUSTERS}/timed/clock`;
      expect((await server.call('GET', path)).json).toEqual({
        mode: 'paused',
        rate: 0,
        now: '2026-01-01T00:00:00.000Z',
      });
      expect((await server.call('POST', `${path}/advance`, { duration: '1h30m' })).json).toMatchObject({
        now: '2026-01-01T01:30:00.000Z',
      });
      expect((await server.call('PATCH', path, { mode: 'scaled', rate: 60 })).json).toMatchObject({
        mode: 'scaled',
        rate: 60,
      });
      expect((await server.call('POST', `${path}/advance`, { duration: '1s' })).status).toBe(409);
      for (const duration of ['', '-1s', '1', '1y', 5, '0s']) {
        expect((await server.call('POST', `${path}/advance`, { duration })).status).toBe(400);
      }
    });
  });

  describe('bad input', () => {
    it.each([
      [{}, 'name'],
      [{ name: 'Upper' }, 'name'],
      [{ name: 'a'.repeat(64) }, 'name'],
      [{ name: 'x', colour: 'red' }, 'colour'],
      [{ name: 'x', seed: -1 }, 'seed'],
      [{ name: 'x', seed: '1' }, 'seed'],
      [{ name: 'x', latency: 'slow' }, 'latency'],
      [{ name: 'x', durability: 'maybe' }, 'durability'],
      [{ name: 'x', clock: { rate: -1 } }, 'clock.rate'],
      [{ name: 'x', clock: { mode: 'scaled' } }, 'clock.rate'],
      [{ name: 'x', clock: { mode: 'paused', rate: 2 } }, 'clock.rate'],
      [{ name: 'x', clock: { start: '2026-02-30T00:00:00Z' } }, 'clock.start'],
      [{ name: 'x', clock: { start: 'yesterday' } }, 'clock.start'],
      [{ name: 'x', topology: { controlPlanes: 0 } }, 'topology.controlPlanes'],
      [{ name: 'x', topology: { workers: 5_001 } }, 'topology.workers'],
      [{ name: 'x', topology: { workers: 1.5 } }, 'topology.workers'],
      [{ name: 'x', topology: [] }, 'topology'],
      [{ name: 'x', topology: { workerCapacity: { cpu: 'many' } } }, 'topology.workerCapacity.cpu'],
      [{ name: 'x', topology: { workerCapacity: { memory: '-1Gi' } } }, 'topology.workerCapacity.memory'],
      [{ name: 'x', topology: { workerCapacity: { pods: 0 } } }, 'topology.workerCapacity.pods'],
      [{ name: 'x', topology: { zones: ['a', 'a'] } }, 'topology.zones'],
      [{ name: 'x', topology: { zones: ['a b'] } }, 'topology.zones'],
    ])('%j is refused, and the answer names %s', async (body, field) => {
      const answer = await server.call('POST', CLUSTERS, body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, PROBLEM]);
      const { errors } = answer.json as { errors: { field: string }[] };
      expect(errors.map((error) => error.field)).toContain(field);
      expect((await server.call('GET', `${CLUSTERS}/x`)).status).toBe(404);
    });

    it.each([
      ['POST', CLUSTERS, '{"name":', 400],
      ['POST', CLUSTERS, 'null', 400],
      ['POST', CLUSTERS, '[]', 400],
      ['POST', CLUSTERS, `"${'a'.repeat(1_100_000)}"`, 413],
      ['GET', '/nothing', undefined, 404],
      ['GET', '/tenants/nobody', undefined, 404],
      ['GET', '/tenants/%zz', undefined, 400],
      ['GET', `${CLUSTERS}/none/kubeconfig`, undefined, 404],
    ])('%s %s is answered by problem details', async (method, path, body, status) => {
      const answer = await server.request(method, `/api/v1${path}`, { body });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, PROBLEM]);
      expect(answer.json).toMatchObject({ type: 'about:blank', status });
      expect(answer.text).not.toMatch(/ at .*\.[jt]s/);
    });

    it('takes JSON only', async () => {
      const headers = { 'content-type': 'text/plain' };
      const answer = await server.request('POST', `/api/v1${CLUSTERS}`, { body: '{"name":"x"}', headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([415, PROBLEM]);
    });

    it.each(['wrong', 'fl_wrong', `${ADMIN_TOKEN}x`])('the token %j opens nothing', async (token) => {
      const management = await server.request('GET', '/api/v1/tenants', { token });
      expect([management.status, management.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="flotilla"']);
      expect(management.json).toMatchObject({ status: 401 });
      const kubernetes = await server.request('GET', '/k8s/default/preset/api', { token });
      expect(kubernetes.json).toMatchObject({ kind: 'Status', code: 401, message: 'Unauthorized' });
    });
  });

  it('tells of its health and has docs', async () => {
    expect((await server.request('GET', '/healthz', { token: '' })).text).toBe('ok');
    expect((await server.request('GET', '/metrics', { token: '' })).text).toContain(
      'flotilla_clusters{state="running"}',
    );
    expect((await server.request('GET', '/docs/openapi.yaml', { token: '' })).text).toContain('/api/v1/tenants');
    expect((await server.request('GET', '/docs', { token: '' })).status).toBe(200);
  });
});

describe('a start', () => {
  it('shows a generated admin token once', async () => {
    const first = await TestServer.start({ environment: { FLOTILLA_ADMIN_TOKEN: '' } });
    const [, token = ''] = /Admin token (\S+)/.exec(first.output) ?? [];
    expect((await first.request('GET', '/api/v1/tenants', { token })).status).toBe(200);
    expect(await first.kill('SIGTERM')).toBe(0);
    const second = await TestServer.start({ dataDir: first.dataDir, environment: { FLOTILLA_ADMIN_TOKEN: '' } });
    expect(second.output).not.toContain(token);
    expect((await second.request('GET', '/api/v1/tenants', { token })).status).toBe(200);
    await second.stop();
    await first.stop();
  });

  it('is refused with a message when a setting is wrong', async () => {
    const environment = { FLOTILLA_HTTP_PORT: 'eighty' };
    await expect(TestServer.start({ environment })).rejects.toThrow('FLOTILLA_HTTP_PORT must be a port');
  });

  it('brings clusters back that SIGTERM put away', async () => {
    const first = await TestServer.start();
    const clock = { mode: 'paused', start: '2026-01-01T00:00:00Z' };
    await first.call('POST', CLUSTERS, { name: 'kept', clock });
    await first.call('POST', `${CLUSTERS}/kept/clock/advance`, { duration: '10m' });
    const uids = async (server: TestServer): Promise<readonly string[]> => {
      const { json } = await server.request('GET', '/k8s/default/kept/api/v1/nodes');
      return (json as { items: { metadata: { uid: string } }[] }).items.map(({ metadata }) => metadata.uid);
    };
    const before = await uids(first);
    expect(before).toHaveLength(4);
    expect(await first.kill('SIGTERM')).toBe(0);
    const second = await TestServer.start({ dataDir: first.dataDir });
    expect(await uids(second)).toEqual(before);
    expect((await second.call('GET', `${CLUSTERS}/kept/clock`)).json).toMatchObject({
      now: '2026-01-01T00:10:00.000Z',
    });
    await second.stop();
    await first.stop();
  });
});
