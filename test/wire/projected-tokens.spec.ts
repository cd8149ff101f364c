import { jest } from '@jest/globals';
import { KubectlSession } from '../support/kubectl-session.js';
import { createWebPod } from '../support/web-pod.js';

jest.setTimeout(120_000);

const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
const ACCOUNT = 'system:serviceaccount:default:default';

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'projected', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(session.cluster);
});
afterAll(() => session.end());

describe('the service account in a container', () => {
  it('is who a program says it is that sends the token of its volume', async () => {
    const token = await session.run('exec', 'web', '--', 'cat', `${DIRECTORY}/token`);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, object>;
    const { spec, metadata } = await session.json<{
      readonly spec: { readonly nodeName: string };
      readonly metadata: { readonly uid: string };
    }>('pod', 'web');
    expect(claims['kubernetes.io']).toMatchObject({
      namespace: 'default',
      pod: { name: 'web', uid: metadata.uid },
      node: { name: spec.nodeName },
      serviceaccount: { name: 'default' },
    });
    const server = await session.run('config', 'view', '--raw', '-o', 'jsonpath={.clusters[0].cluster.server}');
    // The administrator's own token stays out of it.
    const asAccount = [
      '--kubeconfig=/dev/null',
      `--server=${server}`,
      '--insecure-skip-tls-verify',
      `--token=${token}`,
    ];
    const name = ['-o', 'jsonpath={.status.userInfo.username}'];
    expect(await session.run('auth', 'whoami', ...asAccount, ...name)).toBe(ACCOUNT);
    await session.run('delete', 'pod', 'web', '--now');
    const { code, stderr } = await session.attempt('auth', 'whoami', ...asAccount);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Unauthorized|must be logged in/);
    await createWebPod(session.cluster);
  });

  it('has the authority and the namespace beside it, and nobody writes there', async () => {
    const inPod = (...args: readonly string[]) => session.attempt('exec', 'web', '--', ...args);
    expect(await inPod('ls', DIRECTORY)).toMatchObject({ stdout: 'ca.crt\nnamespace\ntoken\n', code: 0 });
    const authority = await session.json<{ readonly data: Readonly<Record<string, string>> }>(
      'configmap',
      'kube-root-ca.crt',
    );
    expect((await inPod('cat', `${DIRECTORY}/ca.crt`)).stdout).toBe(authority.data['ca.crt']);
    expect((await inPod('cat', `${DIRECTORY}/namespace`)).stdout).toBe('default');
    expect(await inPod('sh', '-c', `echo x > ${DIRECTORY}/token`)).toMatchObject({
      stderr: `sh: can't create ${DIRECTORY}/token: Read-only file system\ncommand terminated with exit code 1\n`,
      code: 1,
    });
  });
});
