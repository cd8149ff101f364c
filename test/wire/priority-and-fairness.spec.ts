import { Agent, request as httpRequest } from 'node:http';
import { jest } from '@jest/globals';
import type { Answer } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { managementOf, TestCluster, type NewTestCluster } from '../support/test-cluster.js';
import { WebhookServer } from '../support/webhook-server.js';

jest.setTimeout(120_000);

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const AS_SLOW = { 'impersonate-user': 'slow', 'impersonate-group': 'system:authenticated' };

let server: TestServer;
let webhook: WebhookServer;
/** Calls of the webhook that it has not answered. */
let open: (() => void)[] = [];
beforeAll(async () => {
  server = await TestServer.start();
  webhook = await WebhookServer.start(() => new Promise((answer) => open.push(() => answer({ allowed: true }))));
});
beforeEach(() => (open = []));
afterAll(async () => {
  await webhook.stop();
  await TestServer.stopAll();
});

/** A cluster where the user `slow` has a level of one seat (or none) and two places in line, and a webhook that takes its time. */
async function clusterWithOneSeat(more: NewTestCluster, shares = 1) {
  const cluster = await TestCluster.create(server, more);
  const create = (path: string, body: object): Promise<unknown> => cluster.kubernetes.post(path, body);
  const level = (name: string, limited: object): Promise<unknown> =>
    create(`${GROUP}/prioritylevelconfigurations`, { metadata: { name }, spec: { type: 'Limited', limited } });
  const queuing = { queues: 1, handSize: 1, queueLengthLimit: 2 };
  await level('huge', { nominalConcurrencyShares: 1_000, limitResponse: { type: 'Reject' } });
  await level('narrow', {
    nominalConcurrencyShares: shares,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Queue', queuing },
  });
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
  const subjects = [{ kind: 'User', user: { name: 'slow' } }];
  await create(`${GROUP}/flowschemas`, {
    metadata: { name: 'slow' },
    spec: {
      priorityLevelConfiguration: { name: 'narrow' },
      matchingPrecedence: 10,
      rules: [{ subjects, resourceRules: [everything] }],
    },
  });
  await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'slow' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'slow' }],
  });
  await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'slow' },
    webhooks: [
      {
        name: 'slow.example.com',
        clientConfig: { url: `${webhook.url}/slow`, caBundle: webhook.caBundle },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 30,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        matchConditions: [{ name: 'slow', expression: "request.userInfo.username == 'slow'" }],
      },
    ],
  });
  const answers: Answer[] = [];
  const createSlowly = (name: string): void =>
    void cluster.kubernetes
      .send('POST', CONFIG_MAPS, { metadata: { name } }, AS_SLOW)
      .then((answer) => answers.push(answer));
  return { cluster, answers, createSlowly };
}

const statusesOf = (answers: readonly Answer[]): readonly number[] => answers.map(({ status }) => status);

describe.each(['realtime', 'paused'] as const)('a level of one seat, on a %s clock', (mode) => {
  it('lets one in, two wait and the rest come again, and serves each of them in the end', async () => {
    const { cluster, answers, createSlowly } = await clusterWithOneSeat({ name: `seat-${mode}`, clock: { mode } });
    for (let count = 0; count < 4; count++) createSlowly(`m${count}`);
    await eventually(() => expect([open.length, ...statusesOf(answers)]).toEqual([1, 429]));
    const [refused] = answers;
    expect(refused?.text).toBe('Too many requests, please try again later.\n');
    expect(refused?.headers.get('retry-after')).toBe('1');
    const { metadata } = await cluster.kubernetes.get<{ metadata: { uid: string } }>(`${GROUP}/flowschemas/slow`);
    expect(refused?.headers.get('x-kubernetes-pf-flowschema-uid')).toBe(metadata.uid);
    // The full level holds up nobody else.
    expect((await cluster.kubernetes.send('GET', CONFIG_MAPS)).status).toBe(200);
    expect((await cluster.kubernetes.send('GET', CONFIG_MAPS, undefined, AS_SLOW)).status).toBe(429);
    for (let done = 1; done <= 3; done++) {
      open.shift()!();
      await eventually(() => expect(answers).toHaveLength(1 + done));
      if (done < 3) await eventually(() => expect(open).toHaveLength(1));
    }
    expect(statusesOf(answers)).toEqual([429, 201, 201, 201]);
  });
});

describe('a level without a seat', () => {
  it('refuses at last, though the clock is paused', async () => {
    const { answers, createSlowly } = await clusterWithOneSeat({ name: 'none', clock: { mode: 'paused' } }, 0);
    createSlowly('m');
    await eventually(() => expect(statusesOf(answers)).toEqual([429]));
  });
});

describe('a flood in one tenant', () => {
  const FLOOD = 256;
  const ROUNDS = 5;

  it("does not keep another tenant's request waiting until it is over", async () => {
    const management = managementOf(server);
    for (const name of ['flooding', 'quiet']) await management.post('/tenants', { name });
    const flooding = await TestCluster.create(server, { name: 'a', tenant: 'flooding' });
    const quiet = await TestCluster.create(server, { name: 'a', tenant: 'quiet' });
    // What is asked for costs the server much, and the client nothing.
    for (let count = 0; count < 1_000; count += 50) {
      const names = Array.from({ length: 50 }, (_, index) => `m${count + index}`);
      await Promise.all(names.map((name) => flooding.kubernetes.post(CONFIG_MAPS, { metadata: { name } })));
    }
    const agent = new Agent({ keepAlive: true, maxSockets: FLOOD + 1, maxFreeSockets: FLOOD + 1 });
    const ask = (cluster: TestCluster): Promise<unknown> =>
      answerTo(agent, cluster, `${CONFIG_MAPS}?labelSelector=a=b`);
    await Promise.all(Array.from({ length: FLOOD + 1 }, () => ask(quiet)));
    const before: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let answered = 0;
      const flood = Array.from({ length: FLOOD }, () => ask(flooding).then(() => answered++));
      await ask(quiet);
      before.push(answered);
      await Promise.all(flood);
    }
    agent.destroy();
    expect(before.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]).toBeLessThan(FLOOD / 4);
  });
});

/** Resolves with the status when the answer begins. */
const answerTo = (agent: Agent, cluster: TestCluster, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const outgoing = httpRequest(server.httpUrl + cluster.path + path, { agent, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
