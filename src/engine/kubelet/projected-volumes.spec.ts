import { createApiHarness, textCodec, type Json } from '../../../test/support/engine-harness.js';
import { fakeTokenKeys } from '../../../test/support/fake-token-keys.js';
import { Client } from '../client/client.js';
import { ContainerProcesses } from '../container-runtime/container-processes.js';
import { instant, milliseconds } from '../kernel/clock.js';
import { pod as podKind } from '../kinds/pod.js';
import { shownEvent } from '../kube-apiserver/audit/audit-event.js';
import { PodTokens } from './pod-tokens.js';
import { ProjectedVolumes } from './projected-volumes.js';

const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
const HOUR_SECONDS = 3_607;

function podOnNode(spec: Json = {}) {
  const keys = fakeTokenKeys();
  let signed = 0;
  const sign: typeof keys.sign = (message) => {
    signed++;
    return keys.sign(message);
  };
  const harness = createApiHarness({ tokenKeys: { ...keys, sign }, audit: { address: '10.0.0.1' } });
  const { request, loop, server } = harness;
  request('POST', '/api/v1/nodes', { metadata: { name: 'n1' } });
  const configMaps = '/api/v1/namespaces/default/configmaps';
  request('POST', configMaps, { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': 'CERTIFICATE\n' } });
  const container = { name: 'app', image: 'app', ...spec.container };
  const created = request('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'web', labels: { a: '1' }, annotations: { b: 'two "words"', a: '1' } },
    spec: { nodeName: 'n1', containers: [container], volumes: spec.volumes ?? [] },
  });
  if (created.status !== 201) throw new Error(created.text);
  const client = new Client({
    api: server.resources,
    simulation: loop,
    propagation: milliseconds(0),
    user: { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'], isInternal: true },
    fieldManager: 'kubelet',
    onError: ({ message }) => {
      throw new Error(message);
    },
  });
  const tokens = new PodTokens(client);
  const volumes = new ProjectedVolumes({ client, text: textCodec, tokens });
  const disk = { put: () => undefined, delete: () => undefined, entries: () => [] };
  const processes = new ContainerProcesses({ simulation: loop, disk, text: textCodec });
  const pod = client.get(podKind, 'default/web')!;
  const shell = (script: string) => {
    const seen = { out: '', err: '', code: -1 };
    const world = { environment: {}, workingDirectory: '/', hostname: 'web', isTerminal: false };
    processes.exec(
      'c1',
      { ...world, argv: ['sh', '-c', script], mounts: volumes.mountsOf(pod, 'app') },
      {
        stdout: (bytes) => (seen.out += textCodec.decode(bytes)),
        stderr: (bytes) => (seen.err += textCodec.decode(bytes)),
        exit: (code) => (seen.code = code),
        fail: (message) => (seen.err += message),
      },
    );
    return seen;
  };
  const review = (token: string): Json =>
    request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } }).json.status;
  const runFor = (seconds: number): string => loop.run(instant(loop.now + seconds * 1_000), () => true);
  return { ...harness, shell, review, runFor, signed: () => signed, token: () => shell(`cat ${DIRECTORY}/token`).out };
}

describe('the volume of a service account', () => {
  it('holds a token of the pod, the authority and the namespace', () => {
    const { shell, token, review, signed } = podOnNode();
    expect(shell(`ls ${DIRECTORY}`).out).toBe('ca.crt\nnamespace\ntoken\n');
    expect(shell(`cat ${DIRECTORY}/ca.crt ${DIRECTORY}/namespace`).out).toBe('CERTIFICATE\ndefault');
    expect(signed()).toBe(0);
    const { authenticated, user } = review(token());
    expect(authenticated).toBe(true);
    expect(user.username).toBe('system:serviceaccount:default:default');
    expect(user.extra).toMatchObject({
      'authentication.kubernetes.io/node-name': ['n1'],
      'authentication.kubernetes.io/pod-name': ['web'],
    });
  });

  it('asks for the token as the node of the pod, which an audit shows', () => {
    const { server, token } = podOnNode();
    server.auditor.policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };
    token();
    const { entries } = server.auditor.trail.page({ filter: {}, after: 0, limit: Infinity });
    expect(entries.map(({ event }) => shownEvent(event)).at(-1)).toMatchObject({
      verb: 'create',
      user: { username: 'system:node:n1' },
      objectRef: { resource: 'serviceaccounts', namespace: 'default', name: 'default', subresource: 'token' },
      responseStatus: { code: 201 },
    });
  });

  it('renews the token after four fifths of its life, and asks no sooner', () => {
    const { token, review, runFor, signed } = podOnNode();
    const first = token();
    runFor(HOUR_SECONDS - Math.floor(HOUR_SECONDS / 5));
    expect(token()).toBe(first);
    expect(signed()).toBe(1);
    runFor(1);
    const second = token();
    expect(second).not.toBe(first);
    expect(signed()).toBe(2);
    expect(review(second).authenticated).toBe(true);
  });

  it('renews a token that lives for long after a day', () => {
    const sources = [{ serviceAccountToken: { path: 'vault', audience: 'vault', expirationSeconds: 7 * 86_400 } }];
    const { shell, runFor } = podOnNode({
      volumes: [{ name: 'own', projected: { sources } }],
      container: { volumeMounts: [{ name: 'own', mountPath: '/own/' }] },
    });
    const token = (): string => shell('cat /own/vault').out;
    const first = token();
    expect(JSON.parse(Buffer.from(first.split('.')[1]!, 'base64url').toString()).aud).toEqual(['vault']);
    runFor(86_400);
    expect(token()).toBe(first);
    runFor(1);
    expect(token()).not.toBe(first);
  });

  it('holds a token that is good no more when the pod is deleted', () => {
    const { request, token, review } = podOnNode();
    const last = token();
    request('DELETE', '/api/v1/namespaces/default/pods/web?gracePeriodSeconds=0');
    expect(review(last).authenticated).not.toBe(true);
  });

  it('is seen behind links, and cannot be written to', () => {
    const { shell } = podOnNode();
    const all = shell(`ls -a ${DIRECTORY}`).out.split('\n');
    expect(all[0]).toMatch(/^\.\.2026_01_01_00_00_00\.\d+$/);
    expect(all.slice(1)).toEqual(['..data', 'ca.crt', 'namespace', 'token', '']);
    expect(shell(`ls -l ${DIRECTORY}`).out).toMatch(/^lrwxrwxrwx .* ca\.crt -> \.\.data\/ca\.crt\n/);
    expect(shell(`ls ${DIRECTORY}/..data && cat ${DIRECTORY}/..data/namespace`).out).toBe(
      'ca.crt\nnamespace\ntoken\ndefault',
    );
    expect(shell(`cd; echo x > ${DIRECTORY}/token`).err).toContain(
      `can't create ${DIRECTORY}/token: Read-only file system\n`,
    );
    expect(shell(`rm ${DIRECTORY}/token`)).toMatchObject({
      err: `rm: can't remove '${DIRECTORY}/token': Read-only file system\n`,
      code: 1,
    });
    expect(shell(`rm -r /var/run`).err).toBe("rm: can't remove '/var/run': Resource busy\n");
    expect(shell(`mkdir ${DIRECTORY}/new`).err).toContain(': Read-only file system\n');
    expect(shell('echo x > /var/run/mine; ls /var/run').out).toBe('mine\nsecrets\n');
  });
});

describe('a projected volume', () => {
  it('shows ConfigMaps, Secrets and fields of the pod as they are now', () => {
    const sources = [
      { configMap: { name: 'settings', items: [{ key: 'a', path: 'deep/er/a.txt' }] } },
      { secret: { name: 'keys' } },
      {
        downwardAPI: {
          items: [
            { path: 'notes', fieldRef: { fieldPath: 'metadata.annotations' } },
            { path: 'label', fieldRef: { fieldPath: "metadata.labels['a']" } },
            { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
          ],
        },
      },
    ];
    const { request, shell } = podOnNode({
      volumes: [{ name: 'all', projected: { sources, defaultMode: 0o400 } }],
      container: {
        volumeMounts: [
          { name: 'all', mountPath: '/all' },
          { name: 'all', mountPath: '/one', subPath: 'name' },
        ],
      },
    });
    expect(shell('ls /all').out).toBe('label\nname\nnotes\n');
    const settings = { metadata: { name: 'settings' }, data: { a: 'first', b: 'unseen' } };
    request('POST', '/api/v1/namespaces/default/configmaps', settings);
    request('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 'keys' }, data: { key: '+/+/' } });
    expect(shell('cat /all/deep/er/a.txt; ls /all; ls /all/deep').out).toBe('firstdeep\nkey\nlabel\nname\nnotes\ner\n');
    expect(shell('ls -l /all/..data/key').out).toMatch(/^-r-------- 1 root root +3 /);
    expect(shell('cat /all/notes').out).toBe('a="1"\nb="two \\"words\\""');
    expect(shell('cat /all/label /all/name').out).toBe('1web');
    const path = '/api/v1/namespaces/default/configmaps/settings';
    const type = { 'content-type': 'application/merge-patch+json' };
    request('PATCH', path, { data: { a: 'second' } }, type);
    expect(shell('cat /all/deep/er/a.txt').out).toBe('second');
    expect(shell('ls /one').code).toBe(1);
  });
});
