import { jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Json } from '../support/engine-harness.js';
import { kubectlWith, type CommandResult } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { WebhookServer } from '../support/webhook-server.js';

jest.setTimeout(180_000);

const INPUTS = new URL('../../../shared/inputs/', import.meta.url);
const CALICO = fileURLToPath(new URL('network-addons/calico.yaml', INPUTS));
const INGRESS_NGINX = fileURLToPath(new URL('addons/ingress-nginx.yaml', INPUTS));
const ADMISSION = 'ingress-nginx-controller-admission';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/**
 * What kubectl sends a patch for at every client-side apply, to any server, and to no effect: merge patches of a
 * `null`, of values that Go leaves out when they are empty (false, 0, a status of a definition), of what a server
 * fills in within a list that is replaced as a whole, and of fields whose strategy is to be replaced.
 */
const ALWAYS_PATCHED: Readonly<Record<string, readonly string[]>> = {
  [CALICO]: [
    'poddisruptionbudget.policy/calico-kube-controllers',
    'customresourcedefinition.apiextensions.k8s.io/clusternetworkpolicies.policy.networking.k8s.io',
    'daemonset.apps/calico-node',
  ],
  [INGRESS_NGINX]: [
    'configmap/ingress-nginx-controller',
    'deployment.apps/ingress-nginx-controller',
    'validatingwebhookconfiguration.admissionregistration.k8s.io/ingress-nginx-admission',
  ],
};

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => TestServer.stopAll());

/** Time stands still, so that whatever runs to its end and goes is there to be applied again. */
async function startCluster(name: string, more: object = {}) {
  const clock = { mode: 'paused' } as const;
  const cluster = await TestCluster.create(server, { name, clock, topology: { workers: 2 }, ...more });
  const kubeconfig = await cluster.kubeconfig();
  const attempt = (...args: readonly string[]): Promise<CommandResult> => kubectlWith({ kubeconfig }, ...args);
  const run = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await attempt(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const versions = async (path: string): Promise<readonly string[]> => {
    const columns = 'custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion';
    return run('get', '-f', path, '-o', columns, '--no-headers');
  };
  return { cluster, attempt, run, versions };
}

const outcomes = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.map((line) => line.split(' ').at(-1) ?? '')),
];
const countIn = (path: string): number => readFileSync(path, 'utf8').match(/^kind: /gm)?.length ?? 0;
const isHere = existsSync(CALICO) && existsSync(INGRESS_NGINX);
const describeAddons = isHere ? describe : describe.skip;
const given = isHere ? '' : ' (skipped: ../shared/inputs is absent)';

describeAddons.each([
  ['calico', CALICO],
  ['ingress-nginx', INGRESS_NGINX],
])(`%s${given}`, (name, path) => {
  it('is applied by the client, and left alone by a second apply', async () => {
    const { cluster, run, versions } = await startCluster(`${name}-client`);
    const lines = await run('apply', '-f', path);
    expect(lines).toHaveLength(countIn(path));
    expect(outcomes(lines)).toEqual(['created']);
    await cluster.advance('1ms');
    const before = await versions(path);
    expect(await run('diff', '-f', path)).toEqual([]);
    const again = await run('apply', '-f', path);
    expect(again.filter((line) => !line.endsWith(' unchanged'))).toEqual(
      ALWAYS_PATCHED[path]?.map((each) => `${each} configured`),
    );
    expect(await versions(path)).toEqual(before);
    expect(await run('diff', '-f', path)).toEqual([]);
    await cluster.cleanUp();
  });

  it('is applied by the server, and left alone by a second apply', async () => {
    const { cluster, run, versions } = await startCluster(`${name}-server`);
    const apply = ['apply', '--server-side', '-f', path];
    expect(outcomes(await run(...apply))).toEqual(['serverside-applied']);
    await cluster.advance('1ms');
    const before = await versions(path);
    expect(await run('diff', '--server-side', '-f', path)).toEqual([]);
    expect(outcomes(await run(...apply))).toEqual(['serverside-applied']);
    expect(await versions(path)).toEqual(before);
    expect(await run('diff', '-f', path)).toEqual([]);
    await cluster.cleanUp();
  });
});

describeAddons(`the definitions of calico${given}`, () => {
  it('are served, explained and printed', async () => {
    const { cluster, run } = await startCluster('definitions');
    await run('apply', '-f', CALICO);
    await run('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
    const [group, kind] = await run('explain', 'ippools.spec.blockSize');
    expect([group, kind].map((line) => line?.replaceAll(/ +/g, ' '))).toEqual([
      'GROUP: crd.projectcalico.org',
      'KIND: IPPool',
    ]);
    expect(await run('get', 'ippools.crd.projectcalico.org', '-o', 'name')).toEqual([]);
    await cluster.cleanUp();
  });
});

describeAddons(`the admission of ingress-nginx${given}`, () => {
  const ingress = ['create', 'ingress', 'web', '--class=nginx', '--rule=web.example.com/=web:80'] as const;

  it('cannot be reached where its pods are simulated, and says so as any server does', async () => {
    const { cluster, run, attempt } = await startCluster('refused');
    await run('apply', '-f', INGRESS_NGINX);
    await cluster.advance('1m');
    const events = await run('get', 'events', '-n', 'ingress-nginx', '--field-selector=reason=Completed', '-o', 'name');
    expect(events).toHaveLength(2);
    // Jobs that are to be gone as soon as they are finished.
    expect(await run('get', 'jobs', '-n', 'ingress-nginx', '-o', 'name')).toEqual([]);
    expect(
      await run('get', 'deployment', '-n', 'ingress-nginx', '-o', 'jsonpath={.items[*].status.readyReplicas}'),
    ).toEqual(['1']);
    const [address = ''] = await run(
      'get',
      'service',
      '-n',
      'ingress-nginx',
      ADMISSION,
      '-o',
      'jsonpath={.spec.clusterIP}',
    );
    const { code, stdout, stderr } = await attempt(...ingress);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'error: failed to create ingress: Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": ' +
        `failed to call webhook: Post "https://${ADMISSION}.ingress-nginx.svc:443/networking/v1/ingresses?timeout=10s": ` +
        `dial tcp ${address}:443: connect: connection refused\n`,
    ]);
    // What it guards is not changed by it, and goes without being asked for.
    expect((await attempt('get', 'ingress')).stderr).toBe('No resources found in default namespace.\n');
    await run('delete', 'validatingwebhookconfiguration', 'ingress-nginx-admission');
    expect(await run(...ingress)).toEqual(['ingress.networking.k8s.io/web created']);
    await cluster.cleanUp();
  });

  it('is asked where the cluster is told that it runs on the host', async () => {
    const host = `${ADMISSION}.ingress-nginx.svc`;
    const controller = await WebhookServer.start(
      ({ object }: Json) =>
        object.metadata.name === 'web'
          ? { allowed: true, warnings: ['no Secret for TLS'] }
          : { allowed: false, status: { message: 'only web' } },
      host,
    );
    const outsideServices = { [`ingress-nginx/${ADMISSION}`]: controller.url };
    const { cluster, run, attempt } = await startCluster('asked', { outsideServices });
    await run('apply', '-f', INGRESS_NGINX);
    // What the second of the Jobs does.
    const patch = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: controller.caBundle }];
    await cluster.kubernetes.patch(`${WEBHOOKS}/ingress-nginx-admission`, patch, 'application/json-patch+json');
    const { stdout, stderr } = await attempt(...ingress);
    expect([stdout, stderr]).toEqual(['ingress.networking.k8s.io/web created\n', 'Warning: no Secret for TLS\n']);
    const refused = await attempt('create', 'ingress', 'other', '--class=nginx', '--rule=other.example.com/=other:80');
    expect(refused.stderr).toBe(
      'error: failed to create ingress: admission webhook "validate.nginx.ingress.kubernetes.io" denied the request: only web\n',
    );
    expect(controller.asked).toEqual(['CREATE Ingress', 'CREATE Ingress']);
    // An apply by the client leaves alone what it has never said.
    expect(await run('diff', '-f', INGRESS_NGINX)).toEqual([]);
    await controller.stop();
    await cluster.cleanUp();
  });
});
