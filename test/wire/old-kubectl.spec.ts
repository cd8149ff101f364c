import { jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kubectlWith, type ToolRelease } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;
let kubeconfig: string;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'old', latency: 'instant', topology: { workers: 1 } });
  kubeconfig = await cluster.kubeconfig();
  await createWebPod(cluster);
});
afterAll(async () => {
  await cluster.cleanUp();
  await server.stop();
});

describe.each<ToolRelease>([22, 30])('kubectl 1.%i', (release) => {
  const run = (input: string | undefined, ...args: readonly string[]) =>
    kubectlWith({ kubeconfig, release, input }, ...args);

  it('gets, as a table and as YAML', async () => {
    const { stdout, code } = await run(undefined, 'get', 'pods', '-o', 'wide');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/);
    expect((await run(undefined, 'get', 'pod', 'web', '-o', 'yaml')).stdout).toContain('kind: Pod');
  });

  it('applies, and applies again', async () => {
    const name = `applied-by-${release}`;
    const manifest = join(dirname(kubeconfig), `${name}.json`);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } };
    await writeFile(manifest, JSON.stringify(object));
    expect(await run(undefined, 'apply', '-f', manifest)).toMatchObject({
      stdout: `configmap/${name} created\n`,
      code: 0,
    });
    await writeFile(manifest, JSON.stringify({ ...object, data: { a: 'c' } }));
    const again = await run(undefined, 'apply', '-f', manifest);
    expect(again).toMatchObject({ stdout: `configmap/${name} configured\n`, code: 0 });
  });

  it('checks what it applies against the schemas of the server', async () => {
    const manifest = join(dirname(kubeconfig), `strict-${release}.json`);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'strict' }, dota: { a: 'b' } };
    await writeFile(manifest, JSON.stringify(object));
    const { stderr, code } = await run(undefined, 'apply', '-f', manifest);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      release === 22 ? /unknown field "dota" in io\.k8s\.api\.core\.v1\.ConfigMap/ : /unknown field "dota"/,
    );
  });

  it('merges lists by their keys, which it knows from there', async () => {
    const name = `merged-by-${release}`;
    const manifest = join(dirname(kubeconfig), `${name}.json`);
    const pod = (image: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'app', image }] },
    });
    await writeFile(manifest, JSON.stringify(pod('registry.example/app:1')));
    await run(undefined, 'apply', '-f', manifest);
    await writeFile(manifest, JSON.stringify(pod('registry.example/app:2')));
    expect(await run(undefined, 'apply', '-f', manifest)).toMatchObject({
      stdout: `pod/${name} configured\n`,
      code: 0,
    });
  });

  it('explains', async () => {
    const { stdout, code } = await run(undefined, 'explain', 'pod.spec.containers.image');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^FIELD: +image <string>$/m);
    expect(stdout).toContain('Container image name.');
    const all = await run(undefined, 'explain', 'deployment', '--recursive');
    expect(all.stdout).toMatch(/^ +progressDeadlineSeconds\t<integer>$/m);
  });

  it('watches until a condition holds', async () => {
    const { stdout, code } = await run(undefined, 'wait', '--for=condition=Ready', 'pod/web', '--timeout=20s');
    expect(stdout).toBe('pod/web condition met\n');
    expect(code).toBe(0);
  });

  it('runs programs in containers, and copies files', async () => {
    expect(await run('text', 'exec', '-i', 'web', '--', 'cat')).toMatchObject({ stdout: 'text', code: 0 });
    expect(await run(undefined, 'exec', 'web', '--', 'sh', '-c', 'exit 3')).toMatchObject({ code: 3 });
    expect(await run(undefined, 'cp', kubeconfig, `web:/tmp/${release}`)).toMatchObject({ code: 0 });
    const { stdout } = await run(undefined, 'exec', 'web', '--', 'cat', `/tmp/${release}`);
    expect(stdout).toContain('kind: Config');
  });
});
