import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenOfKubeconfig } from '../support/kubeconfig-token.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(240_000);

const RECORDED = fileURLToPath(new URL('../../../shared/reference/kubernetes-1.35/recorded', import.meta.url));
const CONVERSATIONS_AT_A_TIME = 8;
/** Exchanges that may fail because the machine is busy. */
const SLACK = 2;
const EXCHANGES = 419;
/** Whom the recorded server took its administrator for. */
const RECORDED_ADMIN = { user: 'admin', uid: 'admin-uid', groups: ['system:masters'] };

/** What comes out otherwise, and why; managedFields are left out of the comparison. */
const DIFFERENCES: readonly (readonly [conversation: string, step: number, reason: string])[] = [
  [
    'identity-anonymous',
    25,
    'the token is one of the recorded server, which the replay replaces in its usual spelling only',
  ],
  ['identity-access-reviews', 20, 'the error shows the managedFields of a review, which are not made here'],
];

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

interface FactObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}
interface Fact {
  readonly path: string;
  readonly resource: string;
  readonly object: FactObject;
}

const isBootstrap = ({ metadata }: FactObject): boolean =>
  metadata.labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';

const nameOf = ({ resource, object: { metadata } }: Fact): string =>
  `${resource}/${metadata.namespace ?? ''}/${metadata.name}`;
const byName = (one: Fact, other: Fact): number => (nameOf(one) < nameOf(other) ? -1 : 1);

function withoutIdentity({ metadata, ...rest }: FactObject): FactObject {
  const { name, namespace, labels, annotations } = metadata;
  const kept = { name, namespace, labels, annotations };
  const content = Object.entries(rest).filter(([key]) => key !== 'kind' && key !== 'apiVersion');
  return JSON.parse(JSON.stringify({ metadata: kept, ...Object.fromEntries(content) })) as FactObject;
}

async function play(url: string, token: string): Promise<string> {
  const folder = join(RECORDED, 'exchanges');
  const files = readdirSync(folder).filter((file) => file.startsWith('identity-'));
  const options = ['--server', url, '--token', token, '--drop', 'managedFields', '--verbose'];
  const width = ['--concurrency', String(CONVERSATIONS_AT_A_TIME)];
  const args = ['check', ...options, ...width, ...files.map((file) => join(folder, file))];
  return new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [join(RECORDED, 'replay.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
}

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations about identity (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let cluster: TestCluster;
  let output: string;

  beforeAll(async () => {
    server = await TestServer.start();
    const topology = { workers: 3, zones: ['a', 'b', 'c'] };
    cluster = await TestCluster.create(server, { name: 'recorded', topology });
    const { text } = await cluster.management.send('POST', '/kubeconfig', RECORDED_ADMIN);
    output = await play(server.httpUrl + cluster.path, tokenOfKubeconfig(text));
  });
  afterAll(() => server.stop());

  it('come out alike but for those that are listed here', () => {
    const outcomes = Array.from(output.matchAll(/^(?:ok|FAIL) (\S+): (-?\d+) of (\d+)$/gm));
    const alike = outcomes.reduce((sum, [, , each]) => sum + Number(each), 0);
    expect(outcomes.reduce((sum, [, , , each]) => sum + Number(each), 0)).toBe(EXCHANGES);
    if (alike < EXCHANGES - DIFFERENCES.length) console.log(output);
    expect(alike).toBeGreaterThanOrEqual(EXCHANGES - DIFFERENCES.length - SLACK);
  });

  it('stand on the same roles and bindings as a new cluster of the recorded server has', async () => {
    const lines = readFileSync(join(RECORDED, 'facts', 'bootstrap-objects.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const expected = lines.map((line) => JSON.parse(line) as Fact).filter(({ path }) => path === RBAC);
    const found: Fact[] = [];
    for (const resource of new Set(expected.map((fact) => fact.resource))) {
      for (const object of await cluster.list<FactObject>(`${RBAC}/${resource}`)) {
        if (isBootstrap(object)) found.push({ path: RBAC, resource, object: withoutIdentity(object) });
      }
    }
    const ofBootstrap = expected.filter(({ object }) => isBootstrap(object));
    expect(ofBootstrap.length).toBeGreaterThan(100);
    expect(found.toSorted(byName)).toEqual(ofBootstrap.toSorted(byName));
  });

  it('leave the cluster alive', () => expect(server.output).not.toContain('has stopped'));
});
