import { jest } from '@jest/globals';
import { jsonOf } from '../support/api-client.js';
import { endpointsOf, type Endpoint } from '../support/fuzz/endpoints.js';
import { faultOf, isRefusedTooLate } from '../support/fuzz/known-faults.js';
import { RawClient, type RawAnswer, type RawRequest } from '../support/fuzz/raw-client.js';
import { isWatching, mayChange, requestTo } from '../support/fuzz/request-maker.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

/** Two thousand requests with every change; `FLOTILLA_TEST_REQUESTS=100000` every night. */
const REQUESTS = Number(process.env['FLOTILLA_TEST_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['FLOTILLA_TEST_SEED'] ?? 1);
/** After so many a cluster is full of what they left, and another one takes its place. */
const REQUESTS_PER_CLUSTER = 4_000;
const REQUESTS_PER_ADVANCE = 100;
const FAULTS_MAX = 20;
const SHOWN_CHARACTERS_MAX = 1_500;

jest.setTimeout(120_000 + REQUESTS * 20);

let server: TestServer;
let client: RawClient;

beforeAll(async () => {
  server = await TestServer.start();
  client = new RawClient(server.httpUrl, ADMIN_TOKEN);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** A cluster with one object of a custom kind's definition and a pod, whose time stands still. */
async function createCluster(name: string): Promise<TestCluster> {
  const cluster = await TestCluster.create(server, {
    name,
    seed: SEED,
    clock: { mode: 'paused' },
    topology: { workers: 1 },
    durability: 'ephemeral',
    latency: 'instant',
  });
  await cluster.kubernetes.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', WIDGETS);
  for (const [path, body] of FIXTURES) {
    await cluster.kubernetes.post(path.replace('*', 'namespaces/default'), { metadata: { name: 'made-0' }, ...body });
  }
  await cluster.advance('30s');
  return cluster;
}

const LABELS = { app: 'made' };
const POD_SPEC = { containers: [{ name: 'app', image: 'registry.example/web:1', ports: [{ containerPort: 80 }] }] };
const WORKLOAD = { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec: POD_SPEC } };
/** Something to change for the kinds that are seldom made by chance. */
const FIXTURES: readonly (readonly [path: string, body: object])[] = [
  ['/api/v1/*/pods', { spec: POD_SPEC }],
  ['/api/v1/*/services', { spec: { selector: LABELS, ports: [{ port: 80 }] } }],
  ['/api/v1/*/configmaps', { data: { a: '1' } }],
  ['/apis/apps/v1/*/deployments', { spec: WORKLOAD }],
  ['/apis/apps/v1/*/statefulsets', { spec: { ...WORKLOAD, serviceName: 'made-0' } }],
  ['/apis/apps/v1/*/daemonsets', { spec: WORKLOAD }],
  ['/apis/batch/v1/*/jobs', { spec: { template: { spec: { ...POD_SPEC, restartPolicy: 'Never' } } } }],
  ['/apis/policy/v1/*/poddisruptionbudgets', { spec: { minAvailable: 1, selector: { matchLabels: LABELS } } }],
];

const WIDGETS = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer', minimum: 0, default: 1 },
                  size: { 'x-kubernetes-int-or-string': true },
                  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  parts: {
                    type: 'array',
                    items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                  },
                },
                'x-kubernetes-validations': [{ rule: 'self.replicas < 100', message: 'too many' }],
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

/** The revision of everything in a cluster. */
async function revisionOf({ path }: TestCluster): Promise<string> {
  const target = `${path}/api/v1/namespaces/none/configmaps?limit=1`;
  const { text } = await client.send({ method: 'GET', target, headers: { accept: 'application/json' } });
  return /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? text;
}

const shown = ({ method, target, headers, body }: RawRequest): string => {
  const text = body === undefined ? '' : body.toString();
  const isText = body === undefined || Buffer.from(text).equals(body);
  const whole = isText ? text : `(base64) ${body.toString('base64')}`;
  return `${method} ${target.slice(0, SHOWN_CHARACTERS_MAX)} ${JSON.stringify(headers)}\n${whole.slice(0, SHOWN_CHARACTERS_MAX)}`;
};

interface Tally {
  /** What the last request left. */
  revision: string;
  readonly faults: string[];
  readonly byStatus: Map<number, number>;
}

/** Sends one request and looks at what it did. */
async function assail(cluster: TestCluster, { action }: Endpoint, sent: RawRequest, tally: Tally): Promise<void> {
  const { byStatus, faults, revision } = tally;
  let answer: RawAnswer;
  try {
    answer = await client.send(sent);
  } catch (error) {
    faults.push(`no answer (${String(error)}): ${shown(sent)}\n${server.output.slice(-SHOWN_CHARACTERS_MAX)}`);
    return;
  }
  byStatus.set(answer.status, (byStatus.get(answer.status) ?? 0) + 1);
  const fault = faultOf(answer);
  if (fault !== undefined) faults.push(`${fault}: ${shown(sent)}`);
  if (server.output.includes('has stopped')) {
    throw new Error(`${faults.join('\n\n')}\n${server.output.slice(-SHOWN_CHARACTERS_MAX)}`);
  }
  if (isWatching(sent) && !mayChange(sent)) return;
  tally.revision = await revisionOf(cluster);
  // A collection is deleted one by one, until one refuses.
  const isTaken = answer.status < 300 || isRefusedTooLate(answer) || action === 'deletecollection';
  if (tally.revision === revision || (isTaken && mayChange(sent))) return;
  const change = `${answer.status} changed something (${revision} to ${tally.revision})`;
  faults.push(`${change}: ${shown(sent)}\n${answer.text.slice(0, SHOWN_CHARACTERS_MAX)}`);
}

interface Discovery {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly { readonly resource: string }[];
    }[];
  }[];
}

/** Versions and plurals of all resources that discovery names. */
async function discovered({ kubernetes }: TestCluster): Promise<readonly string[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const found: string[] = [];
  for (const path of ['/api', '/apis']) {
    const { items } = jsonOf<Discovery>(await kubernetes.send('GET', path, undefined, { accept }));
    for (const { metadata, versions } of items) {
      for (const { version, resources = [] } of versions) {
        const group = metadata?.name === undefined || metadata.name === '' ? '' : `${metadata.name}/`;
        found.push(...resources.map(({ resource }) => `${group}${version} ${resource}`));
      }
    }
  }
  return found;
}

/** The endpoints in an order that mixes them, again and again. */
function* endlessly(endpoints: readonly Endpoint[]): Generator<Endpoint> {
  const step = 7_919;
  for (let at = 0; ; at += step) {
    const endpoint = endpoints[at % endpoints.length];
    if (endpoint !== undefined) yield endpoint;
  }
}

describe(`${REQUESTS} requests of any kind`, () => {
  it('are answered as a real server might, and change nothing unless they say so', async () => {
    const tally: Tally = { revision: '', faults: [], byStatus: new Map() };
    let cluster = await createCluster('fuzzed-0');
    const endpoints = await endpointsOf(cluster.kubernetes);
    expect(endpoints.length).toBeGreaterThan(600);
    const described = new Set(endpoints.map(({ apiVersion, resource }) => `${apiVersion} ${resource}`));
    expect(await discovered(cluster)).toEqual(
      expect.arrayContaining(['v1 pods', 'apps/v1 deployments', 'example.com/v1 widgets']),
    );
    expect((await discovered(cluster)).filter((each) => !described.has(each))).toEqual([]);
    const ways = endlessly(endpoints);
    for (let number = 0; number < REQUESTS && tally.faults.length < FAULTS_MAX; number++) {
      if (number > 0 && number % REQUESTS_PER_CLUSTER === 0) {
        await expectWell(cluster);
        await cluster.management.delete('');
        cluster = await createCluster(`fuzzed-${number}`);
      }
      if (number % REQUESTS_PER_ADVANCE === 0) {
        await cluster.advance('5s');
        tally.revision = await revisionOf(cluster);
      }
      const endpoint = ways.next().value as Endpoint;
      await assail(cluster, endpoint, requestTo(endpoint, cluster.path, SEED * 1_000_003 + number), tally);
    }
    expect(tally.faults.join('\n\n')).toBe('');
    await expectWell(cluster);
    expect(tally.byStatus.get(201)).toBeGreaterThan(REQUESTS / 400);
    process.stdout.write(`${REQUESTS} requests by status: ${JSON.stringify(Object.fromEntries(tally.byStatus))}\n`);
  });
});

/** The cluster goes on, and so does its server. */
async function expectWell(cluster: TestCluster): Promise<void> {
  expect(server.output).not.toContain('has stopped');
  await cluster.advance('1m');
  const name = 'untouched';
  const made = await cluster.kubernetes.send('POST', '/api/v1/namespaces/kube-public/configmaps', {
    metadata: { name },
  });
  expect([made.status, made.text.includes('polluted')]).toEqual([201, false]);
}
