import { jest } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenOfKubeconfig } from '../support/kubeconfig-token.js';
import {
  goneOf,
  playRecorded,
  playTwice,
  RECORDED,
  unexpectedOf,
  type Difference,
  type Outcome,
} from '../support/recorded-conversations.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(240_000);

const CONVERSATIONS_AT_A_TIME = 8;
const EXCHANGES = 419;
/** Whom the recorded server took its administrator for. */
const RECORDED_ADMIN = { user: 'admin', uid: 'admin-uid', groups: ['system:masters'] };

const DIFFERENCES: readonly Difference[] = [
  {
    conversation: 'identity-anonymous',
    exchanges: [25],
    reason: 'the token is one of the recorded server, which the replay replaces in its usual spelling only',
  },
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

const describeRecorded = existsSync(RECORDED) ? describe : describe.skip;

describeRecorded('conversations about identity (skipped where ../shared/reference is absent)', () => {
  let server: TestServer;
  let cluster: TestCluster;
  let outcomes: readonly Outcome[];

  beforeAll(async () => {
    server = await TestServer.start();
    const topology = { workers: 3, zones: ['a', 'b', 'c'] };
    cluster = await TestCluster.create(server, { name: 'recorded', topology });
    const { text } = await cluster.management.send('POST', '/kubeconfig', RECORDED_ADMIN);
    const folder = join(RECORDED, 'exchanges');
    const files = readdirSync(folder)
      .filter((file) => file.startsWith('identity-'))
      .map((file) => join(folder, file));
    const door = { url: server.httpUrl + cluster.path, token: tokenOfKubeconfig(text) };
    outcomes = await playTwice(files, DIFFERENCES, (some, how) =>
      playRecorded({ ...door, files: some, concurrency: how === 'alone' ? 1 : CONVERSATIONS_AT_A_TIME }),
    );
  });
  afterAll(() => server.stop());

  it('are all played', () => {
    expect(outcomes.reduce((sum, { exchanges }) => sum + exchanges, 0)).toBe(EXCHANGES);
  });

  it('differ in nothing but what is known', () => expect(unexpectedOf(outcomes, DIFFERENCES)).toEqual([]));

  it('differ still where that is known', () => expect(goneOf(outcomes, DIFFERENCES)).toEqual([]));

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
