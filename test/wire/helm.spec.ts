import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { helm } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject } from '../support/test-cluster.js';

jest.setTimeout(90_000);

const PODINFO = fileURLToPath(new URL('../../../shared/inputs/charts/podinfo', import.meta.url));

interface Deployment extends AnyObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  readonly status: { readonly availableReplicas?: number };
}

const describeChart = existsSync(PODINFO) ? describe : describe.skip;

describeChart('Helm with the chart podinfo (skipped where ../shared/inputs is absent)', () => {
  let server: TestServer;
  let cluster: TestCluster;
  let kubeconfig: string;

  beforeAll(async () => {
    server = await TestServer.start();
    cluster = await TestCluster.create(server, { name: 'charts', clock: { mode: 'scaled', rate: 30 } });
    kubeconfig = await cluster.kubeconfig();
  });
  afterAll(async () => {
    await cluster.cleanUp();
    await server.stop();
  });

  async function run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await helm(kubeconfig, ...args);
    if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  const deployment = (): Promise<Deployment> =>
    cluster.kubernetes.get<Deployment>('/apis/apps/v1/namespaces/default/deployments/info-podinfo');

  it('installs, and waits until all is ready', async () => {
    // Server-side apply is what Helm 4 prefers; the server does not offer it yet.
    const output = await run('install', 'info', PODINFO, '--wait', '--timeout', '60s', '--server-side=false');
    expect(output).toMatch(/^STATUS: deployed$/m);
    expect((await deployment()).status.availableReplicas).toBe(1);
  });

  it('upgrades', async () => {
    await run(
      'upgrade',
      'info',
      PODINFO,
      '--set',
      'replicaCount=3,image.tag=6.14.0',
      '--wait',
      '--timeout',
      '60s',
      '--server-side=false',
    );
    const { spec, status } = await deployment();
    expect([spec.replicas, status.availableReplicas]).toEqual([3, 3]);
    expect(spec.template.spec.containers[0]?.image).toBe('ghcr.io/stefanprodan/podinfo:6.14.0');
  });

  it('rolls back', async () => {
    await run('rollback', 'info', '1', '--wait', '--timeout', '60s', '--server-side=false');
    const { spec } = await deployment();
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0]?.image).toBe('ghcr.io/stefanprodan/podinfo:6.14.1');
    expect(await run('history', 'info')).toMatch(/3 .*deployed.*Rollback to 1/);
  });

  it('lists, and shows what it installed', async () => {
    expect(await run('list')).toMatch(/^info\s+default\s+3\s+.*deployed\s+podinfo-/m);
    expect(await run('get', 'manifest', 'info')).toContain('kind: Deployment');
  });

  it('uninstalls', async () => {
    await run('uninstall', 'info', '--wait', '--timeout', '60s');
    expect(
      (await cluster.kubernetes.send('GET', '/apis/apps/v1/namespaces/default/deployments/info-podinfo')).status,
    ).toBe(404);
    expect(await cluster.list('/api/v1/namespaces/default/secrets?labelSelector=owner%3Dhelm')).toEqual([]);
  });
});
