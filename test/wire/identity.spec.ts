import { jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateRequestPem } from '../support/certificate-request.js';
import { eventually } from '../support/eventually.js';
import { tokenOfKubeconfig } from '../support/kubeconfig-token.js';
import { kubectl, type CommandResult } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SEED = 7;

let server: TestServer;
/** Two clusters with one seed: whatever is drawn from it is the same in both. */
let one: TestCluster;
let two: TestCluster;
let folder: string;

beforeAll(async () => {
  server = await TestServer.start();
  const clock = { mode: 'paused', start: '2026-01-01T00:00:00Z' } as const;
  [one, two] = (await Promise.all(
    ['one', 'two'].map((name) => TestCluster.create(server, { name, seed: SEED, clock, topology: { workers: 1 } })),
  )) as [TestCluster, TestCluster];
  folder = await mkdtemp(join(tmpdir(), 'flotilla-identity-'));
  await one.kubernetes.post(`${RBAC}/namespaces/default/roles`, {
    metadata: { name: 'readers' },
    rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }],
  });
  await one.kubernetes.post(`${RBAC}/namespaces/default/rolebindings`, {
    metadata: { name: 'readers' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'readers' },
    subjects: [
      { kind: 'User', name: 'jane' },
      { kind: 'Group', name: 'painters' },
      { kind: 'ServiceAccount', name: 'default', namespace: 'default' },
    ],
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await server.stop();
  await rm(server.dataDir, { recursive: true, force: true });
});

async function kubeconfigFor(body: object, name: string): Promise<string> {
  const { status, text } = await one.management.send('POST', '/kubeconfig', body);
  expect(status).toBe(200);
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

const printed = ({ code, stdout, stderr }: CommandResult): string => {
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

const accountToken = async (cluster: TestCluster, spec: object = {}): Promise<string> => {
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  return (await cluster.kubernetes.post<{ status: { token: string } }>(path, { spec })).status.token;
};
const statusWith = async (cluster: TestCluster, token: string, path = CONFIG_MAPS): Promise<number> =>
  (await cluster.kubernetes.withToken(token).send('GET', path)).status;

describe('the token of a kubeconfig', () => {
  const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
  const audiences = ['https://kubernetes.default.svc.cluster.local'];
  const review = async (cluster: TestCluster, token: string): Promise<object> => {
    const { status } = await cluster.kubernetes.post<{ readonly status: object }>(REVIEWS, { spec: { token } });
    return status;
  };

  it('is told of by a review of its own cluster, and of no other', async () => {
    const administrator = tokenOfKubeconfig((await one.management.send('GET', '/kubeconfig')).text);
    const groups = ['system:masters', 'system:authenticated'];
    const user = { username: 'kubernetes-admin', groups };
    expect(await review(one, administrator)).toEqual({ authenticated: true, user, audiences });
    expect(await review(two, administrator)).toEqual({ user: {}, error: 'invalid bearer token' });
    const order = { user: 'ann', uid: 'u1', groups: ['dev'] };
    const ann = tokenOfKubeconfig((await one.management.send('POST', '/kubeconfig', order)).text);
    const known = { username: 'ann', uid: 'u1', groups: ['dev', 'system:authenticated'] };
    expect(await review(one, ann)).toEqual({ authenticated: true, user: known, audiences });
    expect(await review(one, `${ann.slice(0, -4)}AAAA`)).toEqual({ user: {}, error: 'invalid bearer token' });
  });
});

describe('kubectl', () => {
  it('says who the holder of a kubeconfig is', async () => {
    const jane = await kubeconfigFor({ user: 'jane', groups: ['painters'], uid: 'u-1' }, 'jane');
    const whoami = printed(await kubectl(jane, 'auth', 'whoami', '-o', 'json'));
    expect(JSON.parse(whoami)).toMatchObject({
      status: { userInfo: { username: 'jane', uid: 'u-1', groups: ['painters', 'system:authenticated'] } },
    });
    const account = await kubeconfigFor({ serviceAccount: { namespace: 'default', name: 'default' } }, 'account');
    expect(printed(await kubectl(account, 'auth', 'whoami'))).toContain('system:serviceaccount:default:default');
  });

  it('tells what somebody may do', async () => {
    const jane = await kubeconfigFor({ user: 'jane' }, 'jane');
    expect(printed(await kubectl(jane, 'auth', 'can-i', 'list', 'configmaps')).trim()).toBe('yes');
    expect((await kubectl(jane, 'auth', 'can-i', 'list', 'secrets')).stdout.trim()).toBe('no');
    const list = printed(await kubectl(jane, 'auth', 'can-i', '--list'));
    expect(list).toMatch(/^configmaps +\[\] +\[\] +\[get list\]$/m);
    expect(list).toMatch(/^ +\[\/healthz\] +\[\] +\[get\]$/m);
    const admin = await one.kubeconfig();
    expect(printed(await kubectl(admin, 'auth', 'can-i', '*', '*')).trim()).toBe('yes');
  });

  it('acts as somebody else, if it may', async () => {
    const admin = await one.kubeconfig();
    printed(await kubectl(admin, 'get', 'configmaps', '--as', 'jane'));
    const refused = await kubectl(admin, 'get', 'secrets', '--as', 'jane', '--as-group', 'painters');
    expect(refused.stderr).toContain(
      'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"',
    );
    const jane = await kubeconfigFor({ user: 'jane' }, 'jane');
    const climbing = await kubectl(jane, 'get', 'secrets', '--as', 'root', '--as-group', 'system:masters');
    expect(climbing.stderr).toContain(
      'users "root" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });

  it('creates tokens', async () => {
    const admin = await one.kubeconfig();
    const token = printed(await kubectl(admin, 'create', 'token', 'default', '--duration=20m')).trim();
    expect(await statusWith(one, token)).toBe(200);
    expect(await statusWith(one, token, '/api/v1/nodes')).toBe(403);
  });

  it('approves a request, whose certificate then opens the TLS door', async () => {
    const admin = await one.kubeconfig();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = certificateRequestPem({ commonName: 'joe', organization: 'painters' }, privateKey);
    const signing = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    await one.kubernetes.post(signing, {
      metadata: { name: 'joe' },
      spec: {
        request: Buffer.from(pem).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    });
    printed(await kubectl(admin, 'certificate', 'approve', 'joe'));
    await one.advance('1s');
    const { status } = await one.kubernetes.get<{ status: { certificate: string } }>(`${signing}/joe`);
    const cert = Buffer.from(status.certificate, 'base64').toString();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const get = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = { cert, key, rejectUnauthorized: false, agent: false };
        request(`${server.httpsUrl}${path}`, options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await get(`${one.path}${CONFIG_MAPS}`)).toBe(200);
    expect(await get(`${one.path}/api/v1/nodes`)).toBe(403);
    // The twin has drawn the same names from the same seed, and another key.
    expect(await get(`${two.path}/version`)).toBe(401);
    await one.advance('8784h');
    expect(await get(`${one.path}${CONFIG_MAPS}`)).toBe(401);
  });
});

describe('a token', () => {
  it('of one cluster is nothing to its twin', async () => {
    const uid = async (cluster: TestCluster) =>
      (
        await cluster.kubernetes.get<{ metadata: { uid: string } }>(
          '/api/v1/namespaces/default/serviceaccounts/default',
        )
      ).metadata.uid;
    expect(await uid(one)).toBe(await uid(two));
    const token = await accountToken(one);
    expect([await statusWith(one, token), await statusWith(two, token)]).toEqual([200, 401]);
    const { text } = await one.management.send('POST', '/kubeconfig', { user: 'root', groups: ['system:masters'] });
    const user = tokenOfKubeconfig(text);
    expect([await statusWith(one, user), await statusWith(two, user)]).toEqual([200, 404]);
  });

  it('of a user or account opens no management path', async () => {
    const { text } = await one.management.send('POST', '/kubeconfig', { user: 'root', groups: ['system:masters'] });
    for (const token of [tokenOfKubeconfig(text), await accountToken(one)]) {
      expect((await one.management.withToken(token).send('GET', '')).status).toBe(401);
    }
  });

  it('ends by the clock of its cluster', async () => {
    const token = await accountToken(one, { expirationSeconds: 600 });
    await one.advance('10m');
    expect(await statusWith(one, token)).toBe(200);
    await one.advance('2m');
    expect(await statusWith(one, token)).toBe(401);
  });

  it('cannot be forged', async () => {
    const token = await accountToken(one);
    const [, claims = '', signature = ''] = token.split('.');
    const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const mine = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
    const forged = [
      `${encoded({ alg: 'none' })}.${claims}.`,
      `${encoded({ alg: 'none' })}.${claims}.${signature}`,
      `${encoded({ alg: 'RS256' })}.${encoded({ ...mine, exp: 9_999_999_999 })}.${signature}`,
      `${encoded({ alg: 'HS256', typ: 'JWT' })}.${claims}.${signature}`,
      `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ iss: 'flotilla', aud: 'one', sub: 'x' })}.${signature}`,
    ];
    for (const each of forged) expect([each, await statusWith(one, each)]).toEqual([each, 401]);
  });

  it('still counts after the server was killed', async () => {
    const token = await accountToken(one);
    await server.kill('SIGKILL');
    server = await TestServer.start({ dataDir: server.dataDir });
    one = TestCluster.at(server, 'one');
    two = TestCluster.at(server, 'two');
    await eventually(async () => expect(await statusWith(one, token)).toBe(200));
    expect(await statusWith(two, token)).toBe(401);
  });
});
