import { jest } from '@jest/globals';
import { createPublicKey, generateKeyPairSync, verify, X509Certificate, type JsonWebKey } from 'node:crypto';
import type { ApiClient } from '../support/api-client.js';
import { certificateRequestPem } from '../support/certificate-request.js';
import type { Json } from '../support/engine-harness.js';
import { eventually } from '../support/eventually.js';
import { kubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const CORE = '/api/v1/namespaces/default';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1';
const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const SIGNING = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const ROLE_GROUP = 'rbac.authorization.k8s.io';

let server: TestServer;
let cluster: TestCluster;
let admin: ApiClient;
let kubeconfig: string;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'c', topology: { workers: 1 } });
  admin = cluster.kubernetes;
  kubeconfig = await cluster.kubeconfig();
  await admin.post(`${CORE}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1d'] }] },
  });
  await eventually(async () => {
    const { status } = await admin.get<Json>(`${CORE}/pods/p`);
    expect(status.phase).toBe('Running');
  });
});
afterAll(async () => {
  await cluster.cleanUp();
  await TestServer.stopAll();
});

const decoded = (part: string | undefined): Json => JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Json;
const claimsOf = (token: string): Json => decoded(token.split('.')[1]);

async function tokenFor(spec: object = {}): Promise<{ readonly token: string; readonly expirationTimestamp: string }> {
  return (await admin.post<Json>(`${CORE}/serviceaccounts/default/token`, { spec })).status;
}

async function whoIs(client: ApiClient, headers: Record<string, string> = {}): Promise<Json> {
  const { text } = await client.send('POST', `${AUTHENTICATION}/selfsubjectreviews`, {}, headers);
  return (JSON.parse(text) as Json).status.userInfo;
}

describe('a token of a service account', () => {
  it('says whose it is, for whom, how long, and what it is bound to', async () => {
    const pod = await admin.get<Json>(`${CORE}/pods/p`);
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: pod.metadata.uid };
    const { token, expirationTimestamp } = await tokenFor({ expirationSeconds: 1_200, boundObjectRef });
    const claims = claimsOf(token);
    expect(claims).toMatchObject({
      iss: ISSUER,
      aud: [ISSUER],
      sub: 'system:serviceaccount:default:default',
      'kubernetes.io': {
        namespace: 'default',
        serviceaccount: { name: 'default', uid: expect.any(String) },
        pod: { name: 'p', uid: pod.metadata.uid },
        node: { name: pod.spec.nodeName, uid: expect.any(String) },
      },
    });
    expect([claims.exp - claims.iat, Date.parse(expirationTimestamp)]).toEqual([1_200, claims.exp * 1_000]);
    const { extra } = await whoIs(admin.withToken(token));
    expect(extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/node-name': [pod.spec.nodeName],
      'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
    });
  });

  it('may be bound to a Secret or a Node, and to nothing else', async () => {
    const node = (await cluster.list('/api/v1/nodes'))[0]!;
    const { uid, name } = node.metadata;
    const bound = await tokenFor({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name, uid } });
    expect(claimsOf(bound.token)['kubernetes.io'].node).toEqual({ name, uid });
    const { status, text } = await admin.send('POST', `${CORE}/serviceaccounts/default/token`, {
      spec: { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'kube-root-ca.crt' } },
    });
    expect([status, text]).toEqual([
      400,
      expect.stringContaining('cannot bind token to object of type /v1, Kind=ConfigMap'),
    ]);
  });

  it('can be checked by anybody, with the published keys', async () => {
    const stranger = admin.withToken((await tokenFor()).token);
    const configuration = await stranger.get<Json>('/.well-known/openid-configuration');
    expect(configuration).toMatchObject({
      issuer: ISSUER,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
    expect(configuration.jwks_uri).toMatch(/\/openid\/v1\/jwks$/);
    const { keys } = await stranger.get<{ keys: (JsonWebKey & { kid: string })[] }>('/openid/v1/jwks');
    const { token } = await tokenFor({ audiences: ['vault'] });
    const [head = '', body = '', signature = ''] = token.split('.');
    const jwk = keys.find(({ kid }) => kid === decoded(head).kid);
    const key = createPublicKey({ key: jwk!, format: 'jwk' });
    expect(verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(claimsOf(token).aud).toEqual(['vault']);
    expect((await admin.withToken(token).send('GET', `${CORE}/pods`)).status).toBe(401);
  });
});

describe('who asks is', () => {
  it('nobody, where nothing says who', async () => {
    const stranger = admin.withToken(undefined);
    expect((await stranger.send('GET', '/version')).status).toBe(200);
    const { status, text } = await stranger.send('GET', `${CORE}/pods`);
    expect([status, (JSON.parse(text) as Json).message]).toEqual([
      403,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    ]);
  });

  it('a machine that joins, by a bootstrap token', async () => {
    const stringData = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:mine',
    };
    await admin.post('/api/v1/namespaces/kube-system/secrets', {
      metadata: { name: 'bootstrap-token-abcdef' },
      type: 'bootstrap.kubernetes.io/token',
      stringData,
    });
    expect(await whoIs(admin.withToken('abcdef.0123456789abcdef'))).toEqual({
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:mine', 'system:authenticated'],
    });
  });

  it('whom they say, where they may', async () => {
    const headers = {
      'impersonate-user': 'jane',
      'impersonate-uid': 'u-1',
      'impersonate-group': 'painters',
      'impersonate-extra-scopes': 'view',
      'impersonate-extra-acme.com%2Fproject': 'x',
    };
    expect(await whoIs(admin, headers)).toEqual({
      username: 'jane',
      uid: 'u-1',
      groups: ['painters', 'system:authenticated'],
      extra: { scopes: ['view'], 'acme.com/project': ['x'] },
    });
  });

  it('told by a review of a token', async () => {
    const { token } = await tokenFor();
    const review = async (spec: object): Promise<Json> =>
      (await admin.post<Json>(`${AUTHENTICATION}/tokenreviews`, { spec })).status;
    expect(await review({ token })).toMatchObject({
      authenticated: true,
      audiences: [ISSUER],
      user: { username: 'system:serviceaccount:default:default' },
    });
    expect(await review({ token: 'x' })).toMatchObject({ error: expect.stringContaining('invalid bearer token') });
  });
});

describe('who may do what', () => {
  const SUBJECT = { kind: 'User', name: 'jane' };
  const can = async (user: string, verb: string, resource: string, namespace = 'default'): Promise<boolean> => {
    const resourceAttributes = { verb, resource, namespace };
    const { status } = await admin.post<Json>(`${AUTHORIZATION}/subjectaccessreviews`, {
      spec: { user, resourceAttributes },
    });
    return status.allowed as boolean;
  };

  beforeAll(async () => {
    await admin.post(`${RBAC}/namespaces/default/roles`, {
      metadata: { name: 'reader' },
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'] }],
    });
    await admin.post(`${RBAC}/namespaces/default/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: ROLE_GROUP, kind: 'Role', name: 'reader' },
      subjects: [SUBJECT],
    });
  });

  it('is told of others, of oneself, in one namespace, and as a list of rules', async () => {
    const resourceAttributes = { verb: 'get', resource: 'configmaps', namespace: 'default', name: 'one' };
    const spec = { user: 'jane', resourceAttributes };
    const { status } = await admin.post<Json>(`${AUTHORIZATION}/subjectaccessreviews`, { spec });
    expect(status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "jane"',
    });
    const local = `${AUTHORIZATION}/namespaces/default/localsubjectaccessreviews`;
    expect((await admin.post<Json>(local, { metadata: { namespace: 'default' }, spec })).status.allowed).toBe(true);
    const as = { 'impersonate-user': 'jane' };
    const self = async (attributes: object): Promise<boolean> => {
      const { text } = await admin.send('POST', `${AUTHORIZATION}/selfsubjectaccessreviews`, { spec: attributes }, as);
      return (JSON.parse(text) as Json).status.allowed as boolean;
    };
    expect(await self({ resourceAttributes })).toBe(true);
    expect(await self({ resourceAttributes: { ...resourceAttributes, name: 'two' } })).toBe(false);
    expect(await self({ nonResourceAttributes: { verb: 'get', path: '/healthz' } })).toBe(true);
    const { text } = await admin.send(
      'POST',
      `${AUTHORIZATION}/selfsubjectrulesreviews`,
      { spec: { namespace: 'default' } },
      as,
    );
    const rules = (JSON.parse(text) as Json).status;
    expect(rules.incomplete).toBe(false);
    expect(rules.resourceRules).toContainEqual({
      verbs: ['get', 'list'],
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: ['one'],
    });
  });

  it('grows with roles that are aggregated', async () => {
    await admin.post(`${RBAC}/clusterrolebindings`, {
      metadata: { name: 'jim' },
      roleRef: { apiGroup: ROLE_GROUP, kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'jim' }],
    });
    expect([await can('jim', 'list', 'pods'), await can('jim', 'list', 'nodes')]).toEqual([true, false]);
    await admin.post(`${RBAC}/clusterroles`, {
      metadata: { name: 'more', labels: { [`${ROLE_GROUP}/aggregate-to-view`]: 'true' } },
      rules: [{ verbs: ['list'], apiGroups: [''], resources: ['nodes'] }],
    });
    await eventually(() => can('jim', 'list', 'nodes'));
    await admin.delete(`${RBAC}/clusterroles/more`);
    await eventually(async () => !(await can('jim', 'list', 'nodes')));
  });

  it('stands on the roles that every cluster has', async () => {
    const names = (await cluster.list(`${RBAC}/clusterroles`)).map(({ metadata }) => metadata.name);
    expect(names).toEqual(
      expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'view', 'system:discovery', 'system:node']),
    );
    const bindings = (await cluster.list(`${RBAC}/clusterrolebindings`)).map(({ metadata }) => metadata.name);
    expect(bindings).toEqual(
      expect.arrayContaining(['cluster-admin', 'system:basic-user', 'system:public-info-viewer']),
    );
  });
});

describe('a cluster always has', () => {
  it('its namespaces, and the Service of its API server with where that is', async () => {
    const names = (await cluster.list('/api/v1/namespaces')).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    const service = await admin.get<Json>(`${CORE}/services/kubernetes`);
    expect(service).toMatchObject({
      metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { ports: [{ name: 'https', port: 443 }] },
    });
    const [slice] = (
      await admin.get<Json>(
        '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dkubernetes',
      )
    ).items;
    expect(slice).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: [expect.any(String)] }] });
  });

  it.each([
    ['the authority of its API server', `${CORE}/configmaps/kube-root-ca.crt`],
    ['an account for pods', `${CORE}/serviceaccounts/default`],
    ['the first, in every new namespace', '/api/v1/namespaces/fresh/configmaps/kube-root-ca.crt'],
    ['the second, in every new namespace', '/api/v1/namespaces/fresh/serviceaccounts/default'],
  ])('%s, also after somebody has deleted it', async (_what, path) => {
    await admin.send('POST', '/api/v1/namespaces', { metadata: { name: 'fresh' } });
    const before = await eventually(() => admin.get<Json>(path));
    await admin.delete(path);
    const after = await eventually(async () => {
      const found = await admin.get<Json>(path);
      return found.metadata.uid === before.metadata.uid ? false : found;
    });
    expect(after['data']).toEqual(before['data']);
  });
});

describe('a certificate request', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = async (name: string, spec: object): Promise<X509Certificate> => {
    await admin.post(SIGNING, { metadata: { name }, spec });
    expect((await kubectl(kubeconfig, 'certificate', 'approve', name)).code).toBe(0);
    const certificate = await eventually(async () => {
      const { status } = await admin.get<Json>(`${SIGNING}/${name}`);
      return (status.certificate as string | undefined) ?? false;
    });
    return new X509Certificate(Buffer.from(certificate, 'base64'));
  };
  const request = (commonName: string, organization: string, dnsName?: string): string =>
    Buffer.from(certificateRequestPem({ commonName, organization, dnsName }, privateKey)).toString('base64');
  const authority = async (): Promise<X509Certificate> => {
    const { data } = await admin.get<Json>(`${CORE}/configmaps/kube-root-ca.crt`);
    return new X509Certificate(data['ca.crt'] as string);
  };

  it('of a user is signed with a real certificate', async () => {
    const certificate = await signed('jane', {
      request: request('jane', 'painters'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth', 'digital signature'],
      expirationSeconds: 3_600,
    });
    expect(certificate.subject.split('\n').sort()).toEqual(['CN=jane', 'O=painters']);
    const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
    expect(hours).toBeGreaterThan(0.9);
    expect(hours).toBeLessThan(1.2);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.issuer).toContain('CN=kubernetes');
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
    expect((await authority()).ca).toBe(true);
  });

  it("of a node's server is signed as such", async () => {
    const node = (await cluster.list('/api/v1/nodes'))[0]!.metadata.name;
    const headers = { 'impersonate-user': `system:node:${node}`, 'impersonate-group': 'system:nodes' };
    const spec = {
      request: request(`system:node:${node}`, 'system:nodes', node),
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    };
    expect((await admin.send('POST', SIGNING, { metadata: { name: 'serving' }, spec }, headers)).status).toBe(201);
    expect((await kubectl(kubeconfig, 'certificate', 'approve', 'serving')).code).toBe(0);
    const text = await eventually(async () => {
      const { status } = await admin.get<Json>(`${SIGNING}/serving`);
      return (status.certificate as string | undefined) ?? false;
    });
    const certificate = new X509Certificate(Buffer.from(text, 'base64'));
    expect([certificate.subjectAltName, certificate.keyUsage]).toEqual([`DNS:${node}`, ['1.3.6.1.5.5.7.3.1']]);
  });

  it('that is denied is not signed', async () => {
    await admin.post(SIGNING, {
      metadata: { name: 'denied' },
      spec: {
        request: request('x', 'y'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    });
    expect((await kubectl(kubeconfig, 'certificate', 'deny', 'denied')).code).toBe(0);
    const { status } = await admin.get<Json>(`${SIGNING}/denied`);
    expect([status.certificate, status.conditions[0].type]).toEqual([undefined, 'Denied']);
  });
});
