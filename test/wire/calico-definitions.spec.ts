import { jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kubectlWith } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

const CALICO = fileURLToPath(new URL('../../../shared/inputs/network-addons/calico.yaml', import.meta.url));
const COUNT = 23;
/** The file gives it an empty status, with which kubectl patches it every time, to no effect. */
const WITH_STATUS = 'customresourcedefinition.apiextensions.k8s.io/clusternetworkpolicies.policy.networking.k8s.io';
const SERVER_SIDE = ['apply', '--server-side', '-f', '-'] as const;
const CLIENT_SIDE = ['apply', '-f', '-'] as const;

jest.setTimeout(120_000);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const definitionsIn = (path: string): string =>
  readFileSync(path, 'utf8')
    .split(/^---\n/m)
    .filter((text) => /^kind: CustomResourceDefinition$/m.test(text))
    .join('---\n');

async function startCluster(name: string) {
  const cluster = await TestCluster.create(server, { name, clock: { mode: 'realtime' } });
  const kubeconfig = await cluster.kubeconfig();
  const input = definitionsIn(CALICO);
  const run = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await kubectlWith({ kubeconfig, input }, ...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout.trim().split('\n');
  };
  const versions = async (): Promise<readonly string[]> => {
    const items = await cluster.list('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    return items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  };
  return { cluster, run, versions };
}

const outcomes = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(' ').at(-1) ?? '');
const all = (outcome: string): readonly string[] => Array.from({ length: COUNT }, () => outcome);

const describeCalico = existsSync(CALICO) ? describe : describe.skip;

describeCalico("Calico's definitions (skipped where ../shared/inputs is absent)", () => {
  let calico: Awaited<ReturnType<typeof startCluster>>;
  beforeEach(async () => {
    calico = await startCluster(`calico-${Date.now()}`);
  });
  afterEach(() => calico.cluster.cleanUp());

  it('are applied by the client, and left alone by a second apply', async () => {
    expect(outcomes(await calico.run(...CLIENT_SIDE))).toEqual(all('created'));
    await calico.run('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
    const before = await calico.versions();
    const lines = await calico.run(...CLIENT_SIDE);
    expect(lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([`${WITH_STATUS} configured`]);
    expect(await calico.versions()).toEqual(before);
    expect(await calico.run('diff', '-f', '-')).toEqual(['']);
  });

  it('are applied by the server, and left alone by a second apply', async () => {
    expect(outcomes(await calico.run(...SERVER_SIDE))).toEqual(all('serverside-applied'));
    await calico.run('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
    const before = await calico.versions();
    expect(outcomes(await calico.run(...SERVER_SIDE))).toEqual(all('serverside-applied'));
    expect(await calico.versions()).toEqual(before);
    const [group, kind] = await calico.run('explain', 'ippools.spec.blockSize');
    expect([group, kind].map((line) => line?.replaceAll(/ +/g, ' '))).toEqual([
      'GROUP: crd.projectcalico.org',
      'KIND: IPPool',
    ]);
    expect(await calico.run('get', 'ippools.crd.projectcalico.org', '-o', 'name')).toEqual(['']);
  });
});
