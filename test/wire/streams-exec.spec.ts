import { jest } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlWith } from '../support/kubectl.js';
import { eventually } from '../support/eventually.js';
import { kubectl, startKubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod, WEB_POD } from '../support/web-pod.js';

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;
let kubeconfig: string;
let folder: string;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'exec', latency: 'instant', topology: { workers: 1 } });
  kubeconfig = await cluster.kubeconfig();
  folder = await mkdtemp(join(tmpdir(), 'flotilla-exec-'));
  await createWebPod(cluster);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.cleanUp();
  await server.stop();
});

/** kubectl's first choice, and what it falls back to. */
const carriers = [
  ['WebSocket', {}],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
] as const;

describe.each(carriers)('kubectl over %s', (carrier, environment) => {
  const run = (input: string | undefined, ...args: readonly string[]) =>
    kubectlWith({ kubeconfig, environment, input }, ...args);

  it('runs a program and hands its output and exit code on', async () => {
    expect(await run(undefined, 'exec', 'web', '--', 'echo', 'hello', 'world')).toEqual({
      stdout: 'hello world\n',
      stderr: '',
      code: 0,
    });
    const failed = await run(undefined, 'exec', 'web', '--', 'sh', '-c', 'echo $GREETING; nosuch; exit 3');
    expect(failed.code).toBe(3);
    expect(failed.stdout).toBe('hi there\n');
    expect(failed.stderr).toBe('sh: nosuch: not found\ncommand terminated with exit code 3\n');
  });

  it('hands standard input in, and its end', async () => {
    const text = `${'line of text\n'.repeat(20_000)}last`;
    expect(await run(text, 'exec', '-i', 'web', '--', 'cat')).toMatchObject({ stdout: text, code: 0 });
  });

  it('says what the runtime says of a program that is not there', async () => {
    const { stderr, code } = await run(undefined, 'exec', 'web', '--', 'nosuch');
    expect(code).toBe(1);
    expect(stderr).toContain('exec: "nosuch": executable file not found in $PATH: unknown');
  });

  it('copies a file and a folder into a container, and back', async () => {
    const source = join(folder, `in-${carrier}`);
    await mkdir(join(source, 'deep', 'er'), { recursive: true });
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    await writeFile(join(source, 'deep', 'er', 'data.bin'), bytes);
    await writeFile(join(source, 'a.txt'), 'text\n');
    expect(await run(undefined, 'cp', source, `web:/tmp/${carrier}`)).toMatchObject({ code: 0, stderr: '' });
    expect((await run(undefined, 'exec', 'web', '--', 'cat', `/tmp/${carrier}/a.txt`)).stdout).toBe('text\n');
    const target = join(folder, `out-${carrier}`);
    expect((await run(undefined, 'cp', `web:/tmp/${carrier}`, target)).code).toBe(0);
    expect(await readFile(join(target, 'deep', 'er', 'data.bin'))).toEqual(bytes);
    expect(await readFile(join(target, 'a.txt'), 'utf8')).toBe('text\n');
  });

  it('attaches to what a container prints, until it ends', async () => {
    const name = `ticker-${carrier.toLowerCase()}`;
    const script = 'sleep 3; echo one; sleep 1; echo two; sleep 1';
    const spec = {
      containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', script] }],
      restartPolicy: 'Never',
    };
    await cluster.kubernetes.post('/api/v1/namespaces/default/pods', { metadata: { name }, spec });
    await kubectl(kubeconfig, 'wait', '--for=jsonpath={.status.phase}=Running', `pod/${name}`);
    const { stdout, code } = await run(undefined, 'attach', name);
    expect(stdout).toContain('one\ntwo\n');
    expect(code).toBe(0);
  });
});

describe('kubectl', () => {
  it('is told before anything is switched what cannot be reached', async () => {
    const inContainer = (container: string) => kubectl(kubeconfig, 'exec', 'web', '-c', container, '--', 'ls');
    expect((await inContainer('nope')).stderr).toContain('container nope is not valid for pod web');
    const pending = { ...WEB_POD, metadata: { name: 'pending' }, spec: { ...WEB_POD.spec, schedulerName: 'nobody' } };
    await cluster.kubernetes.post('/api/v1/namespaces/default/pods', pending);
    const { stderr } = await kubectl(kubeconfig, 'exec', 'pending', '--', 'ls');
    expect(stderr).toContain('pod pending does not have a host assigned');
  });

  it('follows a log', async () => {
    const script = 'echo first; sleep 1; echo second; sleep 3600';
    const spec = { containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', script] }] };
    await cluster.kubernetes.post('/api/v1/namespaces/default/pods', { metadata: { name: 'logger' }, spec });
    await kubectl(kubeconfig, 'wait', '--for=condition=Ready', 'pod/logger');
    const following = await startKubectl(kubeconfig, 'logs', '-f', 'logger');
    await eventually(() => following.output().includes('second'));
    expect(following.output()).toBe('first\nsecond\n');
    await following.stop();
  });

  it('keeps what was written when the server is killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-kept-'));
    const first = await TestServer.start({ dataDir: directory });
    const kept = await TestCluster.create(first, { name: 'kept', latency: 'instant', topology: { workers: 1 } });
    await createWebPod(kept);
    const write = ['exec', 'web', '--', 'sh', '-c', 'echo kept > /tmp/file'];
    expect(await kubectl(await kept.kubeconfig(), ...write)).toMatchObject({ code: 0 });
    await first.kill('SIGKILL');
    const second = await TestServer.start({ dataDir: directory });
    const again = TestCluster.at(second, 'kept');
    const read = await kubectl(await again.kubeconfig(), 'exec', 'web', '--', 'cat', '/tmp/file');
    expect(read).toEqual({ stdout: 'kept\n', stderr: '', code: 0 });
    await kept.cleanUp();
    await again.cleanUp();
    await second.stop();
    await rm(directory, { recursive: true, force: true });
  });
});
