import { jest } from '@jest/globals';
import { createHmac, createPublicKey, createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { io } from 'socket.io-client';
import type { ApiClient } from '../support/api-client.js';
import { Bystander } from '../support/bystander.js';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { managementOf, TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const CORE = '/api/v1/namespaces/default';
const CONFIG_MAPS = `${CORE}/configmaps`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let server: TestServer;
let bystander: Bystander;
let target: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  bystander = await Bystander.of(server);
  target = await TestCluster.create(server, { name: 'target', clock: { mode: 'paused' } });
  await target.kubernetes.post(`${RBAC}/clusterrolebindings`, {
    metadata: { name: 'accounts-view' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'Group', name: 'system:serviceaccounts:default' }],
  });
});
afterEach(() => bystander.isUnharmed(target.kubernetes));
afterAll(() => TestServer.stopAll());

interface OpenWatch {
  readonly lines: string[];
  readonly ended: Promise<void>;
  isOver: boolean;
}

/** Follows a stream until somebody ends it. */
async function follow(client: ApiClient, path: string): Promise<OpenWatch> {
  const lines: string[] = [];
  const read = async (): Promise<void> => {
    for await (const line of client.lines(path, new AbortController().signal)) lines.push(line);
  };
  const watch: OpenWatch = { lines, isOver: false, ended: read().then(() => void (watch.isOver = true)) };
  await eventually(() => lines.length > 0);
  return watch;
}

async function account(name: string): Promise<ApiClient> {
  await target.kubernetes.post(`${CORE}/serviceaccounts`, { metadata: { name } });
  return bearer(name);
}

async function bearer(name: string, spec: object = {}): Promise<ApiClient> {
  const path = `${CORE}/serviceaccounts/${name}/token`;
  const { status } = await target.kubernetes.post<{ status: { token: string } }>(path, { spec });
  return target.kubernetes.withToken(status.token);
}

const writeConfigMap = (name: string): Promise<unknown> => target.kubernetes.post(CONFIG_MAPS, { metadata: { name } });

describe('an open watch ends', () => {
  it('when the service account that opened it is deleted, and shows nothing that came after', async () => {
    const watch = await follow(await account('leaver'), `${CONFIG_MAPS}?watch=1`);
    await writeConfigMap('before');
    await eventually(() => watch.lines.some((line) => line.includes('"before"')));
    await target.kubernetes.delete(`${CORE}/serviceaccounts/leaver`);
    await writeConfigMap('after');
    await watch.ended;
    expect(watch.lines.join('')).not.toContain('"after"');
  });

  it('when its token expires', async () => {
    await account('short');
    const watch = await follow(await bearer('short', { expirationSeconds: 600 }), `${CONFIG_MAPS}?watch=1`);
    await target.advance('10m');
    await writeConfigMap('in-time');
    await eventually(() => watch.lines.some((line) => line.includes('"in-time"')));
    // go-jose gives a minute.
    await target.advance('62s');
    await watch.ended;
    await writeConfigMap('too-late');
    expect(watch.lines.join('')).not.toContain('"too-late"');
  });

  it('when what its token is bound to is deleted', async () => {
    await account('bound');
    const { metadata } = await target.kubernetes.post<{ metadata: { uid: string } }>(`${CORE}/secrets`, {
      metadata: { name: 'bond' },
    });
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 'bond', uid: metadata.uid };
    const watch = await follow(await bearer('bound', { boundObjectRef }), `${CONFIG_MAPS}?watch=1`);
    await target.kubernetes.patch(`${CORE}/secrets/bond`, { metadata: { labels: { still: 'there' } } });
    await writeConfigMap('bound');
    await eventually(() => watch.lines.some((line) => line.includes('"bound"')));
    expect(watch.isOver).toBe(false);
    await target.kubernetes.delete(`${CORE}/secrets/bond`);
    await watch.ended;
  });

  it("when its tenant's key is deleted, over HTTP and over Socket.IO", async () => {
    const management = managementOf(server);
    await management.post('/tenants', { name: 'loud' });
    const [kept, gone] = await Promise.all(
      ['kept', 'gone'].map((name) => management.post<{ id: string; secret: string }>('/tenants/loud/keys', { name })),
    );
    const cluster = await TestCluster.create(server, { name: 'c', tenant: 'loud' });
    const open = (key: string) => follow(cluster.kubernetes.withToken(key), `${CONFIG_MAPS}?watch=1`);
    const [mine, theirs] = await Promise.all([open(gone!.secret), open(kept!.secret)]);
    const socket = io(`${server.httpUrl}/watch`, {
      auth: { token: gone!.secret },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    const disconnected = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    const body = { tenant: 'loud', cluster: 'c', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
    expect(await socket.timeout(10_000).emitWithAck('subscribe', body)).toEqual({ subscription: expect.any(String) });
    await management.delete(`/tenants/loud/keys/${gone!.id}`);
    await mine!.ended;
    expect(await disconnected).toBe('io server disconnect');
    expect(theirs!.isOver).toBe(false);
    await cluster.management.delete('');
    await theirs!.ended;
  });
});

interface KeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
}

describe('a forged token opens nothing:', () => {
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const own = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const signedByMe = (message: string): string =>
    createSign('RSA-SHA256').update(message).sign(own.privateKey).toString('base64url');
  const jwk = own.publicKey.export({ format: 'jwk' });
  let claims: object;
  let real: string;
  let keys: KeySet['keys'];
  let foreign: KeySet['keys'];

  beforeAll(async () => {
    await account('honest');
    const path = `${CORE}/serviceaccounts/honest/token`;
    real = (await target.kubernetes.post<{ status: { token: string } }>(path, {})).status.token;
    claims = JSON.parse(Buffer.from(real.split('.')[1]!, 'base64url').toString()) as object;
    keys = (await target.kubernetes.get<KeySet>('/openid/v1/jwks')).keys;
    foreign = (await bystander.cluster.kubernetes.get<KeySet>('/openid/v1/jwks')).keys;
  });

  const withMine = (header: object, more: object = {}): string => {
    const message = `${encoded(header)}.${encoded({ ...claims, ...more })}`;
    return `${message}.${signedByMe(message)}`;
  };
  /** The public key taken for a shared secret. */
  const hashed = (secret: string): string => {
    const message = `${encoded({ alg: 'HS256', kid: keys[0]!.kid })}.${encoded(claims)}`;
    return `${message}.${createHmac('sha256', secret).update(message).digest('base64url')}`;
  };
  const publicPem = (type: 'spki' | 'pkcs1'): string =>
    String(createPublicKey({ key: keys[0]!, format: 'jwk' }).export({ type, format: 'pem' }));

  it.each<readonly [string, () => string]>([
    ['no algorithm', () => `${encoded({ alg: 'none' })}.${encoded(claims)}.`],
    ['no algorithm, in other letters', () => `${encoded({ alg: 'nOnE', typ: 'JWT' })}.${encoded(claims)}.AA`],
    ['no header', () => `.${encoded(claims)}.${real.split('.')[2]!}`],
    ['the public key as a secret', () => hashed(publicPem('spki'))],
    ['the public key as a secret, in its other form', () => hashed(publicPem('pkcs1'))],
    ["the public key's number as a secret", () => hashed(keys[0]!.n!)],
    ['a key of its own', () => withMine({ alg: 'RS256' })],
    ["a key of its own under the cluster's name", () => withMine({ alg: 'RS256', kid: keys[0]!.kid })],
    ['a key of its own under the name of another cluster', () => withMine({ alg: 'RS256', kid: foreign[0]!.kid })],
    ['the key in the header', () => withMine({ alg: 'RS256', jwk })],
    ['the key elsewhere', () => withMine({ alg: 'RS256', jku: 'http://127.0.0.1:1/jwks', kid: 'mine' })],
    ['a certificate elsewhere', () => withMine({ alg: 'RS256', x5u: 'http://127.0.0.1:1/cert' })],
    ['a certificate in the header', () => withMine({ alg: 'RS256', x5c: [publicPem('spki')] })],
    ['a critical header', () => withMine({ alg: 'RS256', crit: ['exp'], exp: 9_999_999_999 })],
    ['a name that leads out of a folder', () => withMine({ alg: 'RS256', kid: '../../../../dev/null' })],
    ['other claims below a real signature', () => real.replace(/\.[^.]+\./, `.${encoded({ ...claims, sub: 'x' })}.`)],
    ['a cut signature', () => real.slice(0, -8)],
    ['a fourth part', () => `${real}.${encoded({})}`],
    ['a header that nests deeply', () => withMine({ alg: 'RS256', a: JSON.parse('['.repeat(900) + ']'.repeat(900)) })],
    ['prototypes in the header', () => withMine(JSON.parse('{"alg":"RS256","__proto__":{"kid":""}}') as object)],
  ])('%s', async (_what, forge) => {
    const { status } = await target.kubernetes.withToken(forge()).send('GET', CONFIG_MAPS);
    expect(status).toBe(401);
    expect((await target.kubernetes.withToken(real).send('GET', CONFIG_MAPS)).status).toBe(200);
  });

  it('one that is good elsewhere', async () => {
    expect((await bystander.cluster.kubernetes.withToken(real).send('GET', CONFIG_MAPS)).status).toBe(401);
    const watch = await bystander.cluster.kubernetes.withToken(real).send('GET', `${CONFIG_MAPS}?watch=1`);
    expect(watch.status).toBe(401);
  });
});
