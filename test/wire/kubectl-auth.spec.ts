import { jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateRequestPem } from '../support/certificate-request.js';
import type { Json } from '../support/engine-harness.js';
import { eventually } from '../support/eventually.js';
import { KubectlSession } from '../support/kubectl-session.js';

jest.setTimeout(180_000);

const RBAC = 'rbac.authorization.k8s.io';
const NOBODY_MAY = [
  'selfsubjectreviews.authentication.k8s.io [] [] [create]',
  'selfsubjectaccessreviews.authorization.k8s.io [] [] [create]',
  'selfsubjectrulesreviews.authorization.k8s.io [] [] [create]',
];

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'auth', latency: 'instant', topology: { workers: 1 } });
});
afterAll(() => session.end());

const role = (rules: readonly object[], name = 'painters') => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: { name, namespace: 'default' },
  rules,
});
const binding = (subjects: readonly object[], name = 'painters') => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name, namespace: 'default' },
  roleRef: { apiGroup: RBAC, kind: 'Role', name },
  subjects,
});
const rule = (resource: string, ...verbs: readonly string[]) => ({ apiGroups: [''], resources: [resource], verbs });
const user = (name: string) => ({ apiGroup: RBAC, kind: 'User', name });
const group = (name: string) => ({ apiGroup: RBAC, kind: 'Group', name });

/** The lines of a table, with one blank between two cells. */
const rows = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '));

describe('kubectl auth can-i', () => {
  it('says yes or no, in words and by its code', async () => {
    expect(await session.attempt('auth', 'can-i', 'list', 'pods')).toMatchObject({ code: 0, stdout: 'yes\n' });
    const no = await session.attempt('auth', 'can-i', 'list', 'pods', '--as=nobody');
    expect(no).toMatchObject({ code: 1, stdout: 'no\n' });
    const quiet = await session.attempt('auth', 'can-i', 'list', 'pods', '--as=nobody', '--quiet');
    expect(quiet).toMatchObject({ code: 1, stdout: '', stderr: '' });
    expect((await session.attempt('auth', 'can-i', 'get', '/healthz', '--as=nobody')).stdout).toBe('yes\n');
    expect((await session.attempt('auth', 'can-i', 'get', '/metrics', '--as=nobody')).stdout).toBe('no\n');
    expect((await session.attempt('auth', 'can-i', 'list', 'nodes')).stderr).toBe(
      "Warning: resource 'nodes' is not namespace scoped\n\n",
    );
  });

  it('knows names and subresources', async () => {
    const named = { ...rule('configmaps', 'get'), resourceNames: ['palette'] };
    const path = await session.file(
      'names',
      role([named, rule('pods/log', 'get')], 'named'),
      binding([user('ann')], 'named'),
    );
    await session.run('apply', '-f', path);
    const may = async (...args: readonly string[]): Promise<string> =>
      (await session.attempt('auth', 'can-i', ...args, '--as=ann')).stdout.trim();
    expect(await may('get', 'configmaps/palette')).toBe('yes');
    expect(await may('get', 'configmaps/other')).toBe('no');
    expect(await may('get', 'pods', '--subresource=log')).toBe('yes');
    expect(await may('get', 'pods')).toBe('no');
    expect(await may('get', 'configmaps/palette', '-n', 'kube-system')).toBe('no');
  });

  it('lists what somebody may do', async () => {
    const [titles, ...all] = rows(await session.run('auth', 'can-i', '--list'));
    expect(titles).toBe('Resources Non-Resource URLs Resource Names Verbs');
    expect(all.slice(0, 2)).toEqual(['*.* [] [] [*]', '[*] [] [*]']);
    const nobody = rows(await session.run('auth', 'can-i', '--list', '--as=nobody'));
    expect(nobody.slice(1, 4)).toEqual(NOBODY_MAY);
    expect(new Set(nobody.slice(4))).toEqual(
      new Set(
        [
          '/api/*',
          '/api',
          '/apis/*',
          '/apis',
          '/healthz',
          '/livez',
          '/openapi/*',
          '/openapi',
          '/readyz',
          '/version/',
          '/version',
        ].map((path) => `[${path}] [] [get]`),
      ),
    );
    const account = rows(await session.run('auth', 'can-i', '--list', '--as=system:serviceaccount:default:default'));
    expect(account.slice(1, 4)).toEqual(NOBODY_MAY);
  });
});

describe('kubectl auth reconcile', () => {
  it('adds what is missing, takes away what it is told to, and makes a binding to another role anew', async () => {
    const first = await session.file('first', role([rule('pods', 'get')]), binding([user('jane')]));
    const second = await session.file('second', role([rule('pods', 'list')]), binding([user('joe')]));
    const names = ['role.rbac.authorization.k8s.io/painters', 'rolebinding.rbac.authorization.k8s.io/painters'];
    const reconciled = names.map((name) => `${name} reconciled`);
    const reconcile = async (path: string, ...args: readonly string[]): Promise<void> => {
      const stdout = await session.run('auth', 'reconcile', '-f', path, ...args);
      expect(rows(stdout).filter((line) => line.endsWith(' reconciled'))).toEqual(reconciled);
    };
    const verbs = async (): Promise<unknown> =>
      (await session.json<Json>('role', 'painters')).rules.map((each: Json) => each.verbs as unknown);
    const subjects = async (): Promise<unknown> =>
      (await session.json<Json>('rolebinding', 'painters')).subjects.map(({ name }: Json) => name as unknown);
    await reconcile(first);
    expect([await verbs(), await subjects()]).toEqual([[['get']], ['jane']]);
    await reconcile(second);
    expect([await verbs(), await subjects()]).toEqual([
      [['get'], ['list']],
      ['jane', 'joe'],
    ]);
    const { metadata } = await session.json<Json>('role', 'painters');
    await reconcile(second);
    expect((await session.json<Json>('role', 'painters')).metadata.resourceVersion).toBe(metadata.resourceVersion);
    await reconcile(second, '--remove-extra-permissions', '--remove-extra-subjects');
    expect([await verbs(), await subjects()]).toEqual([[['list']], ['joe']]);
    const before = await session.json<Json>('rolebinding', 'painters');
    const other = { ...binding([user('joe')]), roleRef: { apiGroup: RBAC, kind: 'Role', name: 'named' } };
    await session.run('auth', 'reconcile', '-f', await session.file('other', other));
    const after = await session.json<Json>('rolebinding', 'painters');
    expect([after.roleRef.name, after.metadata.uid === before.metadata.uid]).toEqual(['named', false]);
  });

  it('gives nobody more than they have', async () => {
    const path = await session.file('climb', role([rule('secrets', 'get')], 'climb'));
    const helper = [
      rule('pods', 'get'),
      { apiGroups: [RBAC], resources: ['roles'], verbs: ['get', 'create', 'update'] },
    ];
    const given = await session.file('helper', role(helper, 'helper'), binding([user('helper')], 'helper'));
    await session.run('apply', '-f', given);
    const { code, stderr } = await session.attempt('auth', 'reconcile', '-f', path, '--as=helper');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'user "helper" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    );
  });
});

describe('kubectl auth whoami', () => {
  it('tells of users, groups, uids and extras that are put on', async () => {
    const self = rows(await session.run('auth', 'whoami'));
    expect(self.slice(0, 3)).toEqual([
      'ATTRIBUTE VALUE',
      'Username kubernetes-admin',
      expect.stringMatching(/^Groups \[.*system:authenticated\]$/),
    ]);
    const put = ['--as=x', '--as-group=g1', '--as-group=g2', '--as-uid=42', '--as-user-extra=scope=a'];
    expect(rows(await session.run('auth', 'whoami', ...put))).toEqual([
      'ATTRIBUTE VALUE',
      'Username x',
      'UID 42',
      'Groups [g1 g2 system:authenticated]',
      'Extra: scope [a]',
    ]);
    const account = await session.run('auth', 'whoami', '--as=system:serviceaccount:default:default');
    expect(rows(account)).toContain(
      'Groups [system:serviceaccounts system:serviceaccounts:default system:authenticated]',
    );
  });

  it('is refused to who brings a wrong token, and nobody puts on more than they may', async () => {
    expect((await session.attempt('auth', 'whoami', '--token=wrong')).stderr).toBe(
      'error: You must be logged in to the server (Unauthorized)\n',
    );
    const rules = [{ apiGroups: [''], resources: ['users'], resourceNames: ['jane'], verbs: ['impersonate'] }];
    const actor = { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: 'actor' }, rules };
    const bound = {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'actor' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'actor' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'default' }],
    };
    await session.run('apply', '-f', await session.file('actor', actor, bound));
    const token = (await session.run('create', 'token', 'default')).trim();
    const as = (...args: readonly string[]) => session.attempt('auth', 'whoami', `--token=${token}`, ...args);
    expect(rows((await as('--as=jane')).stdout)).toContain('Username jane');
    const account = 'User "system:serviceaccount:default:default" cannot impersonate resource';
    const list = (...args: readonly string[]) => session.attempt('get', 'configmaps', `--token=${token}`, ...args);
    expect((await list('--as=root')).stderr).toContain(`users "root" is forbidden: ${account} "users" in API group ""`);
    expect((await list('--as=jane', '--as-group=system:masters')).stderr).toContain(
      `groups "system:masters" is forbidden: ${account} "groups" in API group ""`,
    );
    expect((await list('--as=jane', '--as-uid=7')).stderr).toContain(
      `uids.authentication.k8s.io "7" is forbidden: ${account} "uids" in API group "authentication.k8s.io"`,
    );
    expect((await list('--as=jane', '--as-user-extra=scope=a')).stderr).toContain(
      `userextras.authentication.k8s.io "a" is forbidden: ${account} "userextras/scope" in API group "authentication.k8s.io"`,
    );
  });
});

describe('kubectl create token', () => {
  it('makes one for an audience and an object, which ends with that object', async () => {
    await session.run('create', 'serviceaccount', 'builder');
    await session.run('create', 'secret', 'generic', 'anchor');
    const bound = ['--bound-object-kind=Secret', '--bound-object-name=anchor'];
    const token = (await session.run('create', 'token', 'builder', '--duration=20m', ...bound)).trim();
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Json;
    expect(claims.exp - claims.iat).toBe(1_200);
    expect(claims['kubernetes.io']).toMatchObject({
      namespace: 'default',
      serviceaccount: { name: 'builder' },
      secret: { name: 'anchor' },
    });
    const whoami = ['auth', 'whoami', `--token=${token}`] as const;
    expect(rows(await session.run(...whoami))).toContain('Username system:serviceaccount:default:builder');
    await session.run('delete', 'secret', 'anchor');
    await eventually(async () => expect((await session.attempt(...whoami)).code).toBe(1));
    const vault = (await session.run('create', 'token', 'builder', '--audience=vault')).trim();
    expect((await session.attempt('auth', 'whoami', `--token=${vault}`)).stderr).toContain('Unauthorized');
  });

  it('says why it makes none', async () => {
    const failure = async (...args: readonly string[]) => (await session.attempt('create', 'token', ...args)).stderr;
    expect(await failure('nope')).toBe('error: failed to create token: serviceaccounts "nope" not found\n');
    expect(await failure('default', '--duration=1m')).toBe(
      'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes\n',
    );
  });
});

describe('kubectl certificate and config', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = Buffer.from(certificateRequestPem({ commonName: 'joan', organization: 'crew' }, privateKey));
  const signing = (name: string) => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: request.toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      expirationSeconds: 3_600,
    },
  });

  it('approve and deny, once', async () => {
    await session.run('apply', '-f', await session.file('requests', signing('joan'), signing('denied')));
    const conditions = async () => rows(await session.run('get', 'csr', '--no-headers')).map((row) => row.split(' '));
    expect((await conditions()).map((row) => [row[0], row.at(-1)])).toEqual([
      ['denied', 'Pending'],
      ['joan', 'Pending'],
    ]);
    const named = 'certificatesigningrequest.certificates.k8s.io';
    expect(await session.run('certificate', 'approve', 'joan')).toBe(`${named}/joan approved\n`);
    expect(await session.run('certificate', 'deny', 'denied')).toBe(`${named}/denied denied\n`);
    await eventually(async () => {
      expect((await conditions()).map((row) => [row[0], row.at(-1)])).toEqual([
        ['denied', 'Denied'],
        ['joan', 'Approved,Issued'],
      ]);
    });
    expect((await session.attempt('certificate', 'approve', 'denied')).stderr).toBe(
      'error: certificate signing request "denied" is already Denied\n',
    );
    expect((await session.attempt('certificate', 'approve', 'nope')).stderr).toBe(
      'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "nope" not found\n',
    );
    const other = await session.attempt('certificate', 'approve', 'joan', '--as=joan', '--as-group=crew');
    expect(other.stderr).toContain('User "joan" cannot get resource "certificatesigningrequests"');
  });

  it('put a certificate into a kubeconfig, whose user is then known by it', async () => {
    const { status } = await session.json<Json>('csr', 'joan');
    const [certificate, key] = [join(session.folder, 'joan.crt'), join(session.folder, 'joan.key')];
    await writeFile(certificate, Buffer.from(status.certificate as string, 'base64'));
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const config = ['--embed-certs', `--client-certificate=${certificate}`, `--client-key=${key}`];
    await session.run('config', 'set-credentials', 'joan', ...config);
    const [cluster = ''] = rows(await session.run('config', 'view', '-o', 'jsonpath={.clusters[0].name}'));
    await session.run('config', 'set-context', 'joan', `--cluster=${cluster}`, '--user=joan', '--namespace=default');
    expect(rows(await session.run('config', 'get-contexts', '-o', 'name'))).toContain('joan');
    expect(rows(await session.run('auth', 'whoami', '--context=joan'))).toEqual([
      'ATTRIBUTE VALUE',
      'Username joan',
      'Groups [crew system:authenticated]',
      expect.stringMatching(/^Extra: authentication\.kubernetes\.io\/credential-id \[X509SHA256=[0-9a-f]{64}\]$/),
    ]);
    expect((await session.attempt('get', 'pods', '--context=joan')).stderr).toBe(
      'Error from server (Forbidden): pods is forbidden: User "joan" cannot list resource "pods" in API group "" in the namespace "default"\n',
    );
    const crew = await session.file('crew', role([rule('pods', 'list')], 'crew'), binding([group('crew')], 'crew'));
    await session.run('apply', '-f', crew);
    expect((await session.attempt('get', 'pods', '--context=joan')).stderr).toBe(
      'No resources found in default namespace.\n',
    );
  });
});
