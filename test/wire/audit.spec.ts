import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../support/eventually.js';
import { kubectlWith } from '../support/kubectl.js';
import { ADMIN_TOKEN, TestServer, type Answer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);
afterAll(() => TestServer.stopAll());

const CLUSTERS = '/tenants/default/clusters';
const WAIT_MS_MAX = 20_000;
const TYPE = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };
const METADATA = { ...TYPE, rules: [{ level: 'Metadata' }] };
const MAPS_POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: RequestResponse
    omitManagedFields: true
    resources: [{ group: "", resources: [configmaps] }]
  - level: Metadata
`;

interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly objectRef?: { readonly resource: string; readonly name?: string };
  readonly requestObject?: object;
  readonly responseObject?: object;
}
interface EventList {
  readonly metadata: { readonly continue?: string };
  readonly position: string;
  readonly lost: number;
  readonly items: readonly AuditEvent[];
}
interface Told {
  readonly subscription: string;
  readonly position: string;
  readonly event: AuditEvent;
}
interface Acknowledgement {
  readonly subscription?: string;
  readonly error?: { readonly code: number };
}

const listOf = ({ status, json, text }: Answer): EventList => {
  if (status !== 200) throw new Error(text);
  return json as EventList;
};

/** One connection to `/audit`, and all that it was told. */
class Listener {
  readonly socket: Socket;
  readonly told: Told[] = [];
  readonly errors: { readonly code: number }[] = [];
  failure: string | undefined;

  constructor(url: string, token: string) {
    const options = { auth: { token }, transports: ['websocket'], forceNew: true, reconnection: false };
    this.socket = io(`${url}/audit`, options);
    this.socket.on('event', (event: Told) => this.told.push(event));
    this.socket.on('error', (error: { code: number }) => this.errors.push(error));
    this.socket.on('connect_error', ({ message }) => (this.failure = message));
  }

  send(name: string, body: unknown): Promise<Acknowledgement> {
    return this.socket.timeout(WAIT_MS_MAX).emitWithAck(name, body) as Promise<Acknowledgement>;
  }
}

describe('the audit log of a cluster', () => {
  let server: TestServer;
  let cluster: TestCluster;
  const listeners: Listener[] = [];
  const path = `${CLUSTERS}/audited`;
  const listener = (token = ADMIN_TOKEN): Listener => {
    const made = new Listener(server.httpUrl, token);
    listeners.push(made);
    return made;
  };
  const events = async (query: string): Promise<EventList> =>
    listOf(await server.call('GET', `${path}/audit/events${query}`));
  const yaml = (body: string) =>
    server.request('PUT', `/api/v1${path}/audit/policy`, { body, headers: { 'content-type': 'application/yaml' } });
  const maps = '/api/v1/namespaces/default/configmaps';
  const put = (name: string) => cluster.kubernetes.post(maps, { metadata: { name }, data: { secret: name } });

  beforeAll(async () => {
    server = await TestServer.start();
    const created = await server.call('POST', CLUSTERS, {
      name: 'audited',
      topology: { workers: 1 },
      audit: { policy: METADATA },
    });
    expect(created.status).toBe(201);
    cluster = TestCluster.at(server, 'audited');
  });
  afterEach(() => {
    for (const { socket } of listeners.splice(0)) socket.disconnect();
  });

  it('tells of components from the first request on, by their users', async () => {
    const pods = { metadata: { name: 'web' }, spec: { containers: [{ name: 'a', image: 'nginx' }] } };
    await cluster.kubernetes.post('/api/v1/namespaces/default/pods', pods);
    await eventually(
      async () => (await events('?user=system:node:worker-1&subresource=status&name=web')).items.length > 0,
    );
    const [binding] = (await events('?user=system:kube-scheduler&subresource=binding&stage=ResponseComplete')).items;
    expect(binding).toMatchObject({
      verb: 'create',
      requestURI: '/api/v1/namespaces/default/pods/web/binding',
      responseStatus: { code: 201 },
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason':
          'RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole "system:kube-scheduler" to User "system:kube-scheduler"',
      },
    });
    expect((await events('?resource=nodes&verb=create')).items.length).toBeGreaterThan(0);
  });

  it('tells of kubectl, by identity, address and agent', async () => {
    const kubeconfig = await cluster.kubeconfig();
    const made = await kubectlWith(
      { kubeconfig },
      'create',
      'configmap',
      'by-kubectl',
      '--from-literal=a=b',
      '--as=jane',
    );
    expect(made.code).not.toBe(0);
    const [refused] = (await events('?user=jane&verb=create&stage=ResponseComplete')).items;
    expect(refused).toMatchObject({
      user: { username: 'kubernetes-admin' },
      impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent: expect.stringMatching(/^kubectl\//),
      responseStatus: { reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
  });

  it('tells of a connection when it stands and when it ends', async () => {
    const kubeconfig = await cluster.kubeconfig();
    await kubectlWith({ kubeconfig }, 'wait', '--for=condition=Ready', 'pod/web');
    expect((await kubectlWith({ kubeconfig }, 'exec', 'web', '--', 'echo', 'hi')).stdout).toBe('hi\n');
    await eventually(async () => (await events('?subresource=exec&stage=ResponseComplete')).items.length === 1);
    const { items } = await events('?subresource=exec');
    expect(items.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
    expect(items[1]).toMatchObject({ responseStatus: { code: 101 }, objectRef: { name: 'web' } });
  });

  it('knows a request by its Audit-Id, which every answer tells', async () => {
    const own = await cluster.kubernetes.send('GET', maps, undefined, { 'audit-id': 'my-own' });
    expect(own.headers.get('audit-id')).toBe('my-own');
    const { items } = await events('?auditID=my-own');
    expect(items.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
    const given = await cluster.kubernetes.send('GET', '/nowhere');
    expect(given.headers.get('audit-id')).toMatch(/^[0-9a-f]{8}-/);
    expect((await events(`?auditID=${given.headers.get('audit-id')}`)).items).toHaveLength(2);
    const stranger = await server.request('GET', '/k8s/default/none/api', { token: '' });
    expect([stranger.status, stranger.headers.get('audit-id')]).toEqual([401, expect.any(String)]);
  });

  it('takes another policy while it runs, as YAML as well, and keeps it over a restart', async () => {
    const taken = await yaml(MAPS_POLICY);
    expect([taken.status, taken.json]).toEqual([200, expect.objectContaining({ omitStages: ['RequestReceived'] })]);
    await put('told');
    await cluster.kubernetes.get('/api/v1/namespaces');
    const [told] = (await events('?name=told')).items;
    expect(told).toMatchObject({
      level: 'RequestResponse',
      stage: 'ResponseComplete',
      requestObject: { kind: 'ConfigMap', metadata: { name: 'told' }, data: { secret: 'told' } },
      responseObject: { kind: 'ConfigMap', metadata: { uid: expect.any(String) } },
    });
    expect(JSON.stringify(told)).not.toContain('managedFields');
    const [listed] = (await events('?resource=namespaces&verb=list&level=Metadata')).items.slice(-1);
    expect(listed).not.toHaveProperty('responseObject');

    const before = (await events('')).position;
    await server.kill('SIGKILL');
    server = await TestServer.start({ dataDir: server.dataDir });
    cluster = TestCluster.at(server, 'audited');
    expect((await server.call('GET', `${path}/audit/policy`)).json).toEqual(taken.json);
    expect((await events('?name=told')).items).toEqual([]);
    expect((await server.call('GET', `${path}/audit/events?continue=${before}`)).status).toBe(410);
    await put('afterwards');
    expect((await events('?name=afterwards')).items).toHaveLength(1);
  });

  it('is read in pages that lose and repeat nothing', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await put(name);
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await events(
        `?resource=configmaps&verb=create&limit=2${next === undefined ? '' : `&continue=${next}`}`,
      );
      names.push(...page.items.map(({ objectRef }) => objectRef?.name ?? ''));
      next = page.metadata.continue;
    } while (next !== undefined);
    expect(names.filter((name) => /^p\d$/.test(name))).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect((await events('?since=2999-01-01T00:00:00Z')).items).toEqual([]);
  });

  it('is streamed as it grows, from a position on, until nobody wants it', async () => {
    const { position } = await events('?since=2999-01-01T00:00:00Z');
    await put('first');
    const { told, errors, socket } = listener();
    const { subscription } = await new Promise<Acknowledgement>((resolve) =>
      socket.emit('subscribe', { tenant: 'default', cluster: 'audited', resource: 'configmaps', position }, resolve),
    );
    await put('second');
    await eventually(() => told.length === 2);
    expect(told.map(({ event }) => event.objectRef?.name)).toEqual(['first', 'second']);
    expect(told[1]).toMatchObject({
      subscription,
      event: { kind: 'Event', requestObject: { data: { secret: 'second' } } },
    });
    const later = listener();
    const resumed = await later.send('subscribe', {
      tenant: 'default',
      cluster: 'audited',
      position: told[0]!.position,
    });
    expect(resumed.subscription).toEqual(expect.any(String));
    await eventually(() => later.told.some(({ event }) => event.objectRef?.name === 'second'));
    expect(later.told.some(({ event }) => event.objectRef?.name === 'first')).toBe(false);
    await new Promise((resolve) => socket.emit('unsubscribe', { subscription }, resolve));
    await put('third');
    await sleep(100);
    expect([told.length, errors]).toEqual([2, []]);
  });

  it('ends with the cluster', async () => {
    await server.call('POST', CLUSTERS, { name: 'short', topology: { workers: 0 }, audit: { policy: METADATA } });
    const reader = listener();
    await reader.send('subscribe', { tenant: 'default', cluster: 'short' });
    await server.call('DELETE', `${CLUSTERS}/short`);
    await eventually(() => reader.errors.length === 1);
    expect(reader.errors[0]?.code).toBe(404);
  });

  it('is only for who may reach the cluster', async () => {
    await server.call('POST', '/tenants', { name: 'other' });
    const { json } = await server.call('POST', '/tenants/other/keys', { name: 'k' });
    const token = (json as { readonly secret: string }).secret;
    for (const below of ['events', 'policy']) {
      expect((await server.request('GET', `/api/v1${path}/audit/${below}`, { token })).status).toBe(404);
      expect((await server.request('GET', `/api/v1${path}/audit/${below}`, { token: '' })).status).toBe(401);
    }
    const stranger = listener(token);
    const refused = await stranger.send('subscribe', { tenant: 'default', cluster: 'audited' });
    expect(refused.error?.code).toBe(404);
    const nobody = listener('nothing');
    await eventually(() => nobody.failure === 'a valid token is required');
  });

  it.each([
    ['?limit=0', 'limit must be a number from 1 to 500'],
    ['?code=99', 'code must be an HTTP status code'],
    ['?since=today', 'since must be an RFC 3339 time such as 2026-01-31T12:00:00Z, from 1970 on'],
    ['?who=me', 'who is not a known field'],
  ])('refuses the query %s', async (query, message) => {
    const { status, json } = await server.call('GET', `${path}/audit/events${query}`);
    expect([status, json]).toEqual([400, expect.objectContaining({ detail: message })]);
  });

  it('refuses policies in words that name the field, and changes nothing', async () => {
    const before = (await server.call('GET', `${path}/audit/policy`)).json;
    const wrong = await server.call('PUT', `${path}/audit/policy`, {
      ...TYPE,
      rules: [{ level: 'All' }, { user: 'x' }],
    });
    expect([wrong.status, wrong.json]).toEqual([
      400,
      expect.objectContaining({
        errors: [{ field: 'rules[1].user', message: 'strict decoding error: unknown field "rules[1].user"' }],
      }),
    ]);
    expect((await yaml('rules: [')).status).toBe(400);
    expect((await yaml('a: &a [1]\nb: [*a, *a]\n')).status).toBe(400);
    const text = await server.request('PUT', `/api/v1${path}/audit/policy`, {
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(text.status).toBe(415);
    const asYaml = { body: 'name: x', headers: { 'content-type': 'application/yaml' } };
    expect((await server.request('POST', `/api/v1${CLUSTERS}`, asYaml)).status).toBe(415);
    const made = await server.call('POST', CLUSTERS, { name: 'never', audit: { policy: { ...TYPE, rules: [] } } });
    expect([made.status, made.json]).toEqual([
      400,
      expect.objectContaining({
        errors: [{ field: 'audit.policy.rules', message: 'loaded illegal policy with 0 rules' }],
      }),
    ]);
    expect((await server.call('GET', `${path}/audit/policy`)).json).toEqual(before);
  });

  it('is silent without a policy, and keeps what was told', async () => {
    expect((await server.call('DELETE', `${path}/audit/policy`)).status).toBe(204);
    expect((await server.call('DELETE', `${path}/audit/policy`)).status).toBe(404);
    const { position } = await events('?name=second');
    await put('silent');
    expect(await events(`?continue=${position}`)).toMatchObject({ items: [], position });
    expect((await events('?name=second')).items).toHaveLength(1);
    expect((await events('?name=silent')).items).toEqual([]);
  });
});
