import http from 'node:http';
import { X509Certificate } from 'node:crypto';
import { AGGREGATED_GROUP, AGGREGATED_PATH, AggregatedServer, loadNamed, send } from '../support/aggregated-server.js';
import type { Json } from '../support/engine-harness.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const TRUST = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
const LOADS = `${AGGREGATED_PATH}/namespaces/default/loads`;
const START_MS_MAX = 60_000;
const TEST_MS_MAX = 60_000;

let server: TestServer;
let remote: AggregatedServer;
let cluster: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  remote = await AggregatedServer.start();
  cluster = await clusterWith('aggregate', remote);
  const { data } = await cluster.kubernetes.get<Json>(TRUST);
  remote.trust(data['requestheader-client-ca-file']);
}, START_MS_MAX);
afterAll(async () => {
  await remote.stop();
  await TestServer.stopAll();
});

/** A cluster with an APIService that is available. */
async function clusterWith(name: string, { url, caBundle }: AggregatedServer, more: object = {}): Promise<TestCluster> {
  const settings: object = { outsideServices: { 'ops/metrics': url } };
  const made = await TestCluster.create(server, { name, ...settings });
  const version = { group: AGGREGATED_GROUP, version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 };
  const spec = { ...version, service: { namespace: 'ops', name: 'metrics' }, caBundle, ...more };
  await made.kubernetes.post(SERVICES, { metadata: { name: `v1.${AGGREGATED_GROUP}` }, spec });
  await eventually(async () => (await conditionIn(made)).status === 'True');
  return made;
}

const conditionIn = async ({ kubernetes }: TestCluster): Promise<Json> =>
  (await kubernetes.get<Json>(`${SERVICES}/v1.${AGGREGATED_GROUP}`)).status.conditions?.[0] ?? {};

/** A request below what `fetch` allows: its body as it goes, its answer as it comes. */
function open(path: string, options: http.RequestOptions = {}): http.ClientRequest {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...options.headers };
  return http.request(`${server.httpUrl}${cluster.path}${path}`, { ...options, headers });
}

/** The last request that a client sent on: the cluster itself asks in between. */
const lastAsked = () => remote.asked.findLast(({ path }) => path.startsWith(LOADS));

const answerTo = (request: http.ClientRequest): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));

const nextChunk = (stream: NodeJS.ReadableStream): Promise<string> =>
  new Promise((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())));

async function textOf(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('an aggregated server on the host', () => {
  it('serves its group in the name of the cluster, which it knows by its certificate', async () => {
    const { kubernetes } = cluster;
    expect(await conditionIn(cluster)).toMatchObject({ reason: 'Passed', message: 'all checks passed' });
    const path = `${LOADS}?limit=1`;
    const forged = { 'x-remote-user': 'forged', 'x-remote-group': 'forged', 'x-remote-extra-a': 'forged' };
    const {
      status,
      text,
      headers: answered,
    } = await kubernetes.send('GET', path, undefined, {
      ...forged,
      accept: 'application/x-odd',
    });
    expect([status, JSON.parse(text).kind]).toEqual([200, 'LoadList']);
    const stored = (object: string): Promise<Json> =>
      kubernetes.get<Json>(`/apis/flowcontrol.apiserver.k8s.io/v1/${object}`);
    expect(answered.get('x-kubernetes-pf-flowschema-uid')).toBe((await stored('flowschemas/exempt')).metadata.uid);
    const { path: asked, headers } = lastAsked()!;
    expect(asked).toBe(path);
    expect(headers).toMatchObject({
      accept: 'application/x-odd',
      'x-remote-user': 'kubernetes-admin',
      'x-remote-group': 'system:masters, system:authenticated',
      'x-forwarded-uri': LOADS,
    });
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-remote-extra-a');
    const { groups } = await kubernetes.get<Json>('/apis');
    expect(groups.map(({ name }: Json) => name)).toContain(AGGREGATED_GROUP);
  });

  it('is told by a ConfigMap whom to believe, which comes back when it goes', async () => {
    const { data } = await cluster.kubernetes.get<Json>(TRUST);
    const { 'client-ca-file': clients, 'requestheader-client-ca-file': proxies, ...lists } = data;
    expect(lists).toEqual({
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    });
    const [client, proxy] = [new X509Certificate(clients), new X509Certificate(proxies)];
    expect([client.subject, client.ca, proxy.subject, proxy.ca]).toEqual([
      'CN=kubernetes',
      true,
      'CN=front-proxy-ca',
      true,
    ]);
    await cluster.kubernetes.delete(TRUST);
    await eventually(async () => (await cluster.kubernetes.get<Json>(TRUST)).data['client-ca-file'] === clients);
    const other = await TestCluster.create(server, { name: 'other' });
    const { data: others } = await other.kubernetes.get<Json>(TRUST);
    expect(others['requestheader-client-ca-file']).not.toBe(proxies);
  });

  it('has its watches passed on as they go', async () => {
    const answer = await answerTo(open(`${LOADS}?watch=true`).end());
    expect(JSON.parse(await nextChunk(answer)).object).toEqual(loadNamed('one'));
    const [watch] = remote.watches;
    for (const name of ['two', 'three']) {
      const following = nextChunk(answer);
      watch!.write(`${JSON.stringify({ type: 'ADDED', object: loadNamed(name) })}\n`);
      expect(JSON.parse(await following).object).toEqual(loadNamed(name));
    }
    watch!.end();
    await new Promise((resolve) => answer.on('end', resolve));
  });

  it('hears when a client goes, and a client when it goes', async () => {
    const request = open(`${LOADS}?watch=1`).end();
    await nextChunk(await answerTo(request));
    expect(remote.watches.size).toBe(1);
    request.destroy();
    await eventually(() => remote.watches.size === 0);
    const answer = await answerTo(open(`${LOADS}?watch=1`).end());
    await nextChunk(answer);
    const gone = new Promise((resolve) => answer.on('error', resolve));
    for (const watch of remote.watches) watch.destroy();
    expect(await gone).toMatchObject({ code: 'ECONNRESET' });
  });

  it('loses a client whose token is good no more', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await cluster.kubernetes.post(accounts, { metadata: { name: 'watcher' } });
    const { status } = await cluster.kubernetes.post<Json>(`${accounts}/watcher/token`, { spec: {} });
    await cluster.kubernetes.post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'watcher' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'watcher' }],
    });
    const headers = { authorization: `Bearer ${status.token}` };
    const answer = await answerTo(open(`${LOADS}?watch=1`, { headers }).end());
    await nextChunk(answer);
    expect(lastAsked()?.headers['x-remote-user']).toBe('system:serviceaccount:default:watcher');
    const gone = new Promise((resolve) => answer.on('close', resolve));
    answer.on('error', () => undefined);
    await cluster.kubernetes.delete(`${accounts}/watcher`);
    await gone;
    await eventually(() => remote.watches.size === 0);
  });

  it('takes a body as it comes, of any size and type', async () => {
    const request = open(LOADS, { method: 'POST', headers: { 'content-type': 'application/x-odd' } });
    request.write('begin');
    const answer = await answerTo(request);
    expect(await nextChunk(answer)).toBe('{"type":"application/x-odd"');
    const rest = textOf(answer);
    const large = Buffer.alloc(1_024 * 1_024);
    for (let count = 0; count < 8; count++) request.write(large);
    request.end();
    expect(await rest).toBe(`,"bytes":${5 + 8 * large.byteLength}}`);
  });

  it('may speak another protocol with a client', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-remote-user': 'forged' };
    const request = open(`${LOADS}/one/exec?command=sh`, { method: 'POST', headers }).end();
    const [answer, socket, head] = await new Promise<readonly [http.IncomingMessage, NodeJS.ReadWriteStream, Buffer]>(
      (resolve) => request.on('upgrade', (...given) => resolve(given)),
    );
    expect([answer.statusCode, answer.headers.upgrade]).toEqual([101, 'SPDY/3.1']);
    expect(head.byteLength > 0 ? head.toString() : await nextChunk(socket)).toBe('hello ');
    expect(lastAsked()).toMatchObject({ method: 'UPGRADE', headers: { 'x-remote-user': 'kubernetes-admin' } });
    const echo = nextChunk(socket);
    socket.write('spoken');
    expect(await echo).toBe('spoken');
    socket.end();
    await eventually(() => remote.upgraded.size === 0);
    const refused = await answerTo(open(`${LOADS}/refused/exec`, { headers }).end());
    expect([refused.statusCode, await textOf(refused)]).toEqual([403, 'no']);
  });

  it('may not send clients elsewhere', async () => {
    const { port } = new URL(server.httpUrl);
    for (const target of ['http://169.254.169.254/latest', `http://127.0.0.1:${port}/healthz`]) {
      remote.answers.set(`${LOADS}/away`, (_request, response) => send(response, 302, {}, { location: target }));
      const { status, text } = await cluster.kubernetes.send('GET', `${LOADS}/away`);
      expect([status, text]).toEqual([502, 'the backend attempted to redirect this request, which is not permitted']);
    }
  });

  it('is refused who may not, before it hears of it', async () => {
    const before = remote.asked.filter(({ path }) => path.startsWith(LOADS)).length;
    const { status } = await cluster.kubernetes.send('GET', LOADS, undefined, { 'impersonate-user': 'jane' });
    expect(status).toBe(403);
    expect(remote.asked.filter(({ path }) => path.startsWith(LOADS))).toHaveLength(before);
  });
});

describe('a server that is not who it should be', () => {
  const asked = async (made: TestCluster): Promise<readonly [number, string]> => {
    const { status, text } = await made.kubernetes.send('GET', LOADS);
    return [status, text];
  };
  const fault = (text: string): readonly [number, string] => [503, `error trying to reach service: ${text}\n`];
  const tls = 'tls: failed to verify certificate: x509: ';

  it(
    'is told nothing',
    async () => {
      const impostor = await AggregatedServer.start('impostor.ops.svc');
      try {
        const wrongAuthority = await clusterWith('wrong-authority', remote, { caBundle: impostor.caBundle });
        expect(await asked(wrongAuthority)).toEqual(fault(`${tls}certificate signed by unknown authority`));
        const noAuthority = await clusterWith('no-authority', remote, { caBundle: undefined });
        expect(await asked(noAuthority)).toEqual(fault(`${tls}certificate signed by unknown authority`));
        const wrongName = await clusterWith('wrong-name', impostor);
        expect((await asked(wrongName))[1]).toMatch(/x509: .*metrics\.ops\.svc/);
        const odd = await clusterWith('odd-authority', remote, { caBundle: Buffer.from('odd').toString('base64') });
        expect(await asked(odd)).toEqual([
          500,
          'unable to load root certificates: unable to parse bytes as PEM block\n',
        ]);
        expect(impostor.asked.every(({ path }) => path === AGGREGATED_PATH || path === '/apis')).toBe(true);
        const careless = { caBundle: undefined, insecureSkipTLSVerify: true };
        const believing = await clusterWith('careless', impostor, careless);
        // It gets through, and shows a certificate that this server does not know: another cluster's.
        expect((await asked(believing))[0]).toBe(401);
      } finally {
        await impostor.stop();
      }
    },
    TEST_MS_MAX,
  );

  it(
    'is not called where this server may not call',
    async () => {
      const urls = [
        ['https://10.11.12.13:8443', 'dial tcp 10.11.12.13:8443: connect: address 10.11.12.13 is not one'],
        ['https://[::ffff:10.11.12.13]:8443', 'is not one that this server may call'],
        ['https://0.0.0.0:8443', 'address 0.0.0.0 is not one that this server may call'],
      ] as const;
      for (const [index, [url, words]] of urls.entries()) {
        const settings: object = { outsideServices: { 'ops/metrics': url } };
        const made = await TestCluster.create(server, { name: `forbidden-${index}`, ...settings });
        const version = { group: AGGREGATED_GROUP, version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 };
        const spec = { ...version, service: { namespace: 'ops', name: 'metrics' }, insecureSkipTLSVerify: true };
        await made.kubernetes.post(SERVICES, { metadata: { name: `v1.${AGGREGATED_GROUP}` }, spec });
        await eventually(async () => (await conditionIn(made)).reason === 'FailedDiscoveryCheck');
        expect((await conditionIn(made)).message).toContain(words);
        expect(await asked(made)).toEqual([503, 'service unavailable\n']);
        // Not even where somebody says that it is available.
        const status = { conditions: [{ type: 'Available', status: 'True', reason: 'Passed' }] };
        await made.kubernetes.patch(`${SERVICES}/v1.${AGGREGATED_GROUP}/status`, { status });
        const [code, text] = await asked(made);
        expect(code).toBe(503);
        expect(text).toMatch(/^service unavailable\n$|is not one that this server may call/);
      }
    },
    TEST_MS_MAX,
  );
});
