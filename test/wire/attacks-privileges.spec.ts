import { jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { ApiClient } from '../support/api-client.js';
import { Bystander } from '../support/bystander.js';
import { certificateRequestPem } from '../support/certificate-request.js';
import { tokenOfKubeconfig } from '../support/kubeconfig-token.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CORE = '/api/v1/namespaces/default';
const SIGNING = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const REVIEWS = '/apis/authorization.k8s.io/v1';
const ROLE_REF = 'rbac.authorization.k8s.io';

let server: TestServer;
let bystander: Bystander;
let target: TestCluster;
/** May write roles, bindings, certificate requests and pods, and read what she made: the owner of a namespace, say. */
let mallory: ApiClient;

async function as(user: object): Promise<ApiClient> {
  const { text } = await target.management.send('POST', '/kubeconfig', user);
  return target.kubernetes.withToken(tokenOfKubeconfig(text));
}

beforeAll(async () => {
  server = await TestServer.start();
  bystander = await Bystander.of(server);
  target = await TestCluster.create(server, { name: 'target', topology: { workers: 2 } });
  await target.kubernetes.post(`${RBAC}/clusterroles`, {
    metadata: { name: 'mallory' },
    rules: [
      // Of roles everything but the two verbs that would let her grant what she has not.
      {
        verbs: ['create', 'get', 'list', 'update', 'patch', 'delete', 'watch'],
        apiGroups: [ROLE_REF],
        resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
      },
      { verbs: ['create', 'get', 'list', 'update', 'patch'], apiGroups: ['certificates.k8s.io'], resources: ['*'] },
      { verbs: ['create', 'get', 'list', 'update', 'patch'], apiGroups: [''], resources: ['pods', 'configmaps'] },
      { verbs: ['create', 'get', 'list'], apiGroups: [''], resources: ['serviceaccounts'] },
    ],
  });
  await target.kubernetes.post(`${RBAC}/clusterrolebindings`, {
    metadata: { name: 'mallory' },
    roleRef: { apiGroup: ROLE_REF, kind: 'ClusterRole', name: 'mallory' },
    subjects: [{ kind: 'User', name: 'mallory' }],
  });
  await target.kubernetes.post(`${CORE}/secrets`, { metadata: { name: 'crown' }, stringData: { jewels: 'x' } });
  mallory = await as({ user: 'mallory' });
});
afterEach(async () => {
  // Whatever she tried, she has not got any further.
  expect((await mallory.send('GET', `${CORE}/secrets/crown`)).status).toBe(403);
  await bystander.isUnharmed(target.kubernetes);
});
afterAll(() => TestServer.stopAll());

const SECRETS = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] };
const EVERYTHING = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const bindingTo = (name: string, kind = 'ClusterRole', more: object = {}) => ({
  metadata: { name: `to-${name}`, ...more },
  roleRef: { apiGroup: ROLE_REF, kind, name },
  subjects: [{ kind: 'User', name: 'mallory' }],
});

async function refusal(client: ApiClient, method: string, path: string, body?: unknown, type?: string) {
  const headers = type === undefined ? {} : { 'content-type': type };
  const { status, text } = await client.send(method, path, body, headers);
  return { status, message: (JSON.parse(text) as { message?: string }).message ?? '' };
}

describe('who may write roles cannot', () => {
  it.each([
    ['a role', `${RBAC}/namespaces/default/roles`, { metadata: { name: 'r' }, rules: [SECRETS] }],
    ['a cluster role', `${RBAC}/clusterroles`, { metadata: { name: 'r' }, rules: [SECRETS] }],
    ['a cluster role of everything', `${RBAC}/clusterroles`, { metadata: { name: 'r' }, rules: [EVERYTHING] }],
    [
      'a cluster role of all paths',
      `${RBAC}/clusterroles`,
      { metadata: { name: 'r' }, rules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] },
    ],
    [
      'a role that lets her escalate',
      `${RBAC}/clusterroles`,
      { metadata: { name: 'r' }, rules: [{ verbs: ['escalate', 'bind'], apiGroups: [ROLE_REF], resources: ['*'] }] },
    ],
    [
      'a role that lets her be somebody else',
      `${RBAC}/clusterroles`,
      { metadata: { name: 'r' }, rules: [{ verbs: ['impersonate'], apiGroups: [''], resources: ['users', 'groups'] }] },
    ],
    [
      'a role that collects all others',
      `${RBAC}/clusterroles`,
      { metadata: { name: 'r' }, aggregationRule: { clusterRoleSelectors: [{}] }, rules: [] },
    ],
  ])('make %s', async (_what, path, body) => {
    const { status, message } = await refusal(mallory, 'POST', path, body);
    expect([status, message]).toEqual([
      403,
      expect.stringMatching(
        /is attempting to grant RBAC permissions not currently held|must have cluster-admin privileges/,
      ),
    ]);
  });

  it.each([
    ['cluster-admin', 'ClusterRole'],
    ['admin', 'ClusterRole'],
    ['system:controller:generic-garbage-collector', 'ClusterRole'],
  ])('bind herself to %s', async (name, kind) => {
    for (const path of [`${RBAC}/clusterrolebindings`, `${RBAC}/namespaces/default/rolebindings`]) {
      const { status, message } = await refusal(mallory, 'POST', path, bindingTo(name, kind));
      expect([status, message]).toEqual([403, expect.stringContaining('is attempting to grant RBAC permissions')]);
    }
  });

  it.each([
    ['a merge patch', 'application/merge-patch+json', { rules: [EVERYTHING] }],
    ['a JSON patch', 'application/json-patch+json', [{ op: 'add', path: '/rules/0', value: EVERYTHING }]],
    ['a strategic patch', 'application/strategic-merge-patch+json', { rules: [EVERYTHING] }],
  ])('widen her own role by %s', async (_what, type, patch) => {
    const { status } = await refusal(mallory, 'PATCH', `${RBAC}/clusterroles/mallory`, patch, type);
    expect(status).toBe(403);
  });

  it('widen her own role by applying it', async () => {
    const applied = {
      apiVersion: `${ROLE_REF}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'mallory' },
      rules: [EVERYTHING],
    };
    const path = `${RBAC}/clusterroles/mallory?fieldManager=m&force=true`;
    const { status } = await refusal(mallory, 'PATCH', path, applied, 'application/apply-patch+yaml');
    expect(status).toBe(403);
  });

  it('widen a role that is aggregated into others', async () => {
    const body = { metadata: { name: 'r', labels: { [`${ROLE_REF}/aggregate-to-view`]: 'true' } } };
    const { status } = await refusal(mallory, 'POST', `${RBAC}/clusterroles`, { ...body, rules: [SECRETS] });
    expect(status).toBe(403);
    // Labels alone add her own rules to a role, and nothing that she has not.
    const own = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] };
    expect((await refusal(mallory, 'POST', `${RBAC}/clusterroles`, { ...body, rules: [own] })).status).toBe(201);
  });

  it('change what a binding refers to', async () => {
    await target.kubernetes.post(`${RBAC}/namespaces/default/roles`, { metadata: { name: 'harmless' }, rules: [] });
    const path = `${RBAC}/namespaces/default/rolebindings`;
    expect((await refusal(mallory, 'POST', path, bindingTo('harmless', 'Role'))).status).toBe(201);
    const patch = { roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } };
    const type = 'application/merge-patch+json';
    const { status } = await refusal(mallory, 'PATCH', `${path}/to-harmless`, patch, type);
    expect([403, 422]).toContain(status);
    // Nor the role that is bound already.
    const roles = `${RBAC}/namespaces/default/roles/harmless`;
    expect((await refusal(mallory, 'PATCH', roles, { rules: [SECRETS] }, type)).status).toBe(403);
  });
});

describe('who may not impersonate cannot', () => {
  it.each<readonly [string, Record<string, string>]>([
    ['be another user', { 'impersonate-user': 'kubernetes-admin' }],
    ['be of the masters', { 'impersonate-user': 'mallory', 'impersonate-group': 'system:masters' }],
    ['be a service account', { 'impersonate-user': 'system:serviceaccount:kube-system:default' }],
    ['be a node', { 'impersonate-user': 'system:node:worker-1', 'impersonate-group': 'system:nodes' }],
    ['have another uid', { 'impersonate-user': 'mallory', 'impersonate-uid': '1' }],
    ['have more about her', { 'impersonate-user': 'mallory', 'impersonate-extra-scopes': 'all' }],
    ['have groups without a user', { 'impersonate-group': 'system:masters' }],
  ])('%s', async (_what, headers) => {
    const { status } = await mallory.send('GET', `${CORE}/secrets/crown`, undefined, headers);
    expect([400, 403, 500]).toContain(status);
  });

  it('say who she is in headers of proxies', async () => {
    const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
    expect((await mallory.send('GET', `${CORE}/secrets/crown`, undefined, headers)).status).toBe(403);
    const stranger = target.kubernetes.withToken(undefined);
    expect([401, 403]).toContain((await stranger.send('GET', `${CORE}/secrets/crown`, undefined, headers)).status);
  });
});

describe('a certificate request', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = (commonName: string, organization: string): string =>
    Buffer.from(certificateRequestPem({ commonName, organization }, privateKey)).toString('base64');
  const body = (name: string, spec: object) => ({ metadata: { name }, spec: { usages: ['client auth'], ...spec } });
  const client = 'kubernetes.io/kube-apiserver-client';

  it('for the masters is refused, whoever sends it', async () => {
    const asked = body('masters', { request: request('root', 'system:masters'), signerName: client });
    for (const each of [mallory, target.kubernetes]) {
      const { status, message } = await refusal(each, 'POST', SIGNING, asked);
      expect([status, message]).toEqual([
        403,
        expect.stringContaining(
          'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
        ),
      ]);
    }
  });

  it('says who sent it, whatever it says', async () => {
    const claimed = { username: 'root', groups: ['system:masters'], uid: '1' };
    const asked = body('claimed', { request: request('x', 'y'), signerName: client, ...claimed });
    expect((await refusal(mallory, 'POST', SIGNING, asked)).status).toBe(201);
    const { spec } = await target.kubernetes.get<{ spec: object }>(`${SIGNING}/claimed`);
    expect(spec).toMatchObject({ username: 'mallory', groups: ['system:authenticated'] });
  });

  it('is not approved or signed by who may not for its signer', async () => {
    const asked = body('mine', { request: request('mallory', 'painters'), signerName: client });
    expect((await refusal(mallory, 'POST', SIGNING, asked)).status).toBe(201);
    const { data } = await target.kubernetes.get<{ data: Record<string, string> }>(
      `${CORE}/configmaps/kube-root-ca.crt`,
    );
    const certificate = Buffer.from(data['ca.crt'] ?? '').toString('base64');
    const approved = { conditions: [{ type: 'Approved', status: 'True', reason: 'I', message: 'say so' }] };
    const type = 'application/merge-patch+json';
    for (const [path, status] of [
      ['approval', approved],
      ['status', { certificate }],
    ] as const) {
      const { status: code, message } = await refusal(mallory, 'PATCH', `${SIGNING}/mine/${path}`, { status }, type);
      expect([code, message]).toEqual([
        403,
        expect.stringMatching(/user not permitted to (approve|sign) requests with signerName/),
      ]);
    }
  });

  it('of a node is approved for that node only', async () => {
    const asked = body('node', {
      request: request('system:node:worker-1', 'system:nodes'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    });
    expect((await refusal(mallory, 'POST', SIGNING, asked)).status).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { status } = await target.kubernetes.get<{ status?: object }>(`${SIGNING}/node`);
    expect(JSON.stringify(status ?? {})).not.toContain('Approved');
  });
});

describe('a node', () => {
  let node: ApiClient;
  beforeAll(async () => {
    node = await as({ user: 'system:node:worker-1', groups: ['system:nodes'] });
  });

  it.each([
    ['reads a Secret that none of its pods uses', 'GET', `${CORE}/secrets/crown`, undefined],
    ['lists all Secrets', 'GET', `${CORE}/secrets`, undefined],
    ['watches all Secrets', 'GET', `${CORE}/secrets?watch=1`, undefined],
    [
      'reads the Lease of another',
      'GET',
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-2',
      undefined,
    ],
    ['changes another node', 'PATCH', '/api/v1/nodes/worker-2', { metadata: { labels: { a: 'b' } } }],
    ['taints itself', 'PATCH', '/api/v1/nodes/worker-1', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }],
    [
      'isolates itself',
      'PATCH',
      '/api/v1/nodes/worker-1',
      { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } },
    ],
    ['asks for a token of any account', 'POST', `${CORE}/serviceaccounts/default/token`, { spec: {} }],
    ['makes a node of another name', 'POST', '/api/v1/nodes', { metadata: { name: 'worker-9' } }],
    [
      'makes a pod',
      'POST',
      `${CORE}/pods`,
      { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ],
    ['binds a role', 'POST', `${RBAC}/clusterrolebindings`, bindingTo('cluster-admin')],
  ])('is refused when it %s', async (_what, method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const { status } = await node.send(method, path, body, { 'content-type': type });
    expect(status).toBe(403);
  });
});

describe('a service account', () => {
  it('asks for no tokens of others, and of itself for none of another pod', async () => {
    for (const name of ['plain', 'rich'])
      await target.kubernetes.post(`${CORE}/serviceaccounts`, { metadata: { name } });
    const plain = await as({ serviceAccount: { namespace: 'default', name: 'plain' } });
    for (const name of ['rich', 'plain', 'default']) {
      expect((await plain.send('POST', `${CORE}/serviceaccounts/${name}/token`, { spec: {} })).status).toBe(403);
    }
    const path = '/api/v1/namespaces/kube-system/serviceaccounts/generic-garbage-collector/token';
    expect((await mallory.send('POST', path, { spec: {} })).status).toBe(403);
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'nobody', uid: 'x' };
    const answer = await target.kubernetes.send('POST', `${CORE}/serviceaccounts/rich/token`, {
      spec: { boundObjectRef },
    });
    expect([404, 409, 422]).toContain(answer.status);
  });

  it('is not told what others may do', async () => {
    const plain = await as({ serviceAccount: { namespace: 'default', name: 'default' } });
    const spec = { user: 'root', resourceAttributes: { verb: 'get', resource: 'secrets' } };
    expect((await plain.send('POST', `${REVIEWS}/subjectaccessreviews`, { spec })).status).toBe(403);
    expect(
      (await plain.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } })).status,
    ).toBe(403);
  });
});

describe('what a path says is what is checked', () => {
  it.each([
    `${CORE}/secrets/crown`,
    `${CORE}//secrets/crown`,
    `${CORE}/./secrets/crown`,
    `${CORE}/configmaps/../secrets/crown`,
    `${CORE}/secrets%2Fcrown`,
    `${CORE}/%73ecrets/crown`,
    `/api/v1/namespaces/default%2Fsecrets/crown`,
    `/api/v1/watch/namespaces/default/secrets/crown?timeoutSeconds=1`,
    `/api/v1/secrets?fieldSelector=metadata.name%3Dcrown`,
    `${CORE}/secrets?watch=1&timeoutSeconds=1`,
    `${CORE}/configmaps/crown?kind=Secret`,
    `/healthz/../api/v1/namespaces/default/secrets/crown`,
    `/version/../../../etc/passwd`,
    `/openapi/../${CORE.slice(1)}/secrets/crown`,
  ])('%s shows no jewels', async (path) => {
    const { status, text } = await mallory.send('GET', path);
    expect(text).not.toContain('jewels');
    expect([301, 400, 403, 404]).toContain(status);
  });
});
