import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { helm } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject } from '../support/test-cluster.js';

jest.setTimeout(90_000);

const PODINFO = fileURLToPath(new URL('../../../shared/inputs/charts/podinfo', import.meta.url));

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/info-podinfo';

interface Deployment extends AnyObject {
  readonly metadata: AnyObject['metadata'] & {
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
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

  const deployment = (): Promise<Deployment> => cluster.kubernetes.get<Deployment>(DEPLOYMENT);

  it('installs, and waits until all is ready', async () => {
    const output = await run('install', 'info', PODINFO, '--wait', '--timeout', '60s');
    expect(output).toMatch(/^STATUS: deployed$/m);
    expect((await deployment()).status.availableReplicas).toBe(1);
  });

  it('upgrades', async () => {
    const values = ['--set', 'replicaCount=3,image.tag=6.14.0'];
    await run('upgrade', 'info', PODINFO, ...values, '--wait', '--timeout', '60s');
    const { spec, status } = await deployment();
    expect([spec.replicas, status.availableReplicas]).toEqual([3, 3]);
    expect(spec.template.spec.containers[0]?.image).toBe('ghcr.io/stefanprodan/podinfo:6.14.0');
  });

  it('rolls back', async () => {
    await run('rollback', 'info', '1', '--wait', '--timeout', '60s');
    const { spec } = await deployment();
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0]?.image).toBe('ghcr.io/stefanprodan/podinfo:6.14.1');
    expect(await run('history', 'info')).toMatch(/3 .*deployed.*Rollback to 1/);
  });

  it('lists, and shows what it installed', async () => {
    expect(await run('list')).toMatch(/^info\s+default\s+3\s+.*deployed\s+podinfo-/m);
    expect(await run('get', 'manifest', 'info')).toContain('kind: Deployment');
  });

  it('tests what it installed, by pods that run to their end', async () => {
    expect(await run('test', 'info', '--timeout', '60s')).toMatch(/^Phase: +Succeeded$/m);
  });

  it('owns its fields as one who applies, and names who else does', async () => {
    const { metadata } = await deployment();
    const managers = metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
    expect(managers).toContain('helm Apply');
    await cluster.kubernetes.patch(DEPLOYMENT, { spec: { replicas: 2 } });
    const { code, stderr } = await helm(kubeconfig, 'upgrade', 'info', PODINFO, '--set', 'replicaCount=4');
    expect(code).toBe(1);
    expect(stderr).toMatch(/conflict with .*: \.spec\.replicas/);
    await run('upgrade', 'info', PODINFO, '--set', 'replicaCount=4', '--force-conflicts', '--wait', '--timeout', '60s');
    expect((await deployment()).spec.replicas).toBe(4);
  });

  it('installs and upgrades on the client side, too', async () => {
    const flags = ['--server-side=false', '--wait', '--timeout', '60s'];
    await run('install', 'older', PODINFO, ...flags);
    await run('upgrade', 'older', PODINFO, '--set', 'replicaCount=2', ...flags);
    await run('rollback', 'older', '1', ...flags);
    await run('uninstall', 'older', '--wait', '--timeout', '60s');
  });

  it('uninstalls', async () => {
    await run('uninstall', 'info', '--wait', '--timeout', '60s');
    expect((await cluster.kubernetes.send('GET', DEPLOYMENT)).status).toBe(404);
    expect(await cluster.list('/api/v1/namespaces/default/secrets?labelSelector=owner%3Dhelm')).toEqual([]);
  });
});
