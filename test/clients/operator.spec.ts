import { jest } from '@jest/globals';
import {
  ApiException,
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  EventsV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Lease,
} from '@kubernetes/client-node';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { BoardOperator, DIRECTORY, FINALIZER } from './typescript/board-operator.js';
import { access, ACCOUNT, definition, GROUP, SYSTEM_NAMESPACE, type Board } from './typescript/board.js';

jest.setTimeout(120_000);

const NAMESPACE = 'default';
const LEASE = { name: 'board-operator', namespace: SYSTEM_NAMESPACE };
const type = { apiVersion: `${GROUP}/v1`, kind: 'Board' };

let server: TestServer;
let cluster: TestCluster;
let administrator: KubeConfig;
let account: KubeConfig;
let objects: KubernetesObjectApi;
let core: CoreV1Api;
let operator: BoardOperator;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'operator', latency: 'instant', topology: { workers: 2 } });
  administrator = new KubeConfig();
  administrator.loadFromFile(await cluster.kubeconfig());
  objects = KubernetesObjectApi.makeApiClient(administrator);
  core = administrator.makeApiClient(CoreV1Api);
  for (const object of [definition, ...access]) await objects.create(object);
  account = await configOfAccount();
  operator = new BoardOperator(account, 'one');
  await eventually(async () => {
    await objects.list(type.apiVersion, type.kind);
    return true;
  });
  await operator.start();
});
afterAll(async () => {
  await operator.stop();
  await cluster.cleanUp();
  await server.stop();
});

/** As a platform hands it out: a kubeconfig for the operator's own service account. */
async function configOfAccount(): Promise<KubeConfig> {
  const serviceAccount = { namespace: SYSTEM_NAMESPACE, name: ACCOUNT };
  const { status, text } = await cluster.management.send('POST', '/kubeconfig', { serviceAccount });
  expect([status, text]).toEqual([200, expect.anything()]);
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}

const read = async (name: string): Promise<Board> =>
  (await objects.read({ ...type, metadata: { name, namespace: NAMESPACE } })) as Board;

async function post(name: string, spec: Board['spec']): Promise<Board> {
  await objects.create({ ...type, metadata: { name, namespace: NAMESPACE }, spec } as Board);
  return eventually(() => posted(name));
}

/** The board, once the operator says that its newest generation is shown. */
async function posted(name: string): Promise<Board> {
  const board = await read(name);
  const { observedGeneration, conditions } = board.status ?? {};
  expect({ observedGeneration, conditions }).toMatchObject({
    observedGeneration: board.metadata.generation,
    conditions: [{ type: 'Posted', status: 'True' }],
  });
  return board;
}

const merge = (name: string, patch: object): Promise<unknown> =>
  objects.patch(
    { ...type, metadata: { name, namespace: NAMESPACE }, ...patch },
    undefined,
    undefined,
    'somebody',
    undefined,
    PatchStrategy.MergePatch,
  );

const directory = async (): Promise<Readonly<Record<string, string>>> =>
  (await core.readNamespacedConfigMap({ name: DIRECTORY, namespace: SYSTEM_NAMESPACE })).data ?? {};

const codeOf = async (attempt: Promise<unknown>): Promise<number | undefined> => {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
};

describe('an operator in TypeScript', () => {
  it('makes what a board needs, as its owner', async () => {
    const board = await post('menu', { text: 'soup', replicas: 2 });
    expect(board.metadata.finalizers).toEqual([FINALIZER]);
    expect(board.status).toMatchObject({ readyReplicas: 2, conditions: [{ message: '2 of 2 pods show it' }] });
    const place = { name: 'menu', namespace: NAMESPACE };
    const deployment = await administrator.makeApiClient(AppsV1Api).readNamespacedDeployment(place);
    const map = await core.readNamespacedConfigMap(place);
    for (const { metadata } of [deployment, map]) {
      expect(metadata?.ownerReferences).toMatchObject([{ kind: 'Board', uid: board.metadata.uid, controller: true }]);
      const managers = metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
      expect(managers).toContain('board-operator Apply');
    }
    expect(map.data).toEqual({ text: 'soup' });
    expect((await directory())['default.menu']).toBe('soup');
  });

  it('tells of it by an event', async () => {
    const board = await post('told', { text: 'hello' });
    const events = administrator.makeApiClient(EventsV1Api);
    await eventually(async () => {
      const fieldSelector = `regarding.uid=${board.metadata.uid ?? ''}`;
      const { items } = await events.listNamespacedEvent({ namespace: NAMESPACE, fieldSelector });
      expect(items.map(({ reason, note }) => [reason, note])).toEqual([['Posted', '1 of 1 pods show it']]);
    });
  });

  it('follows what is specified, and takes back what it applied', async () => {
    await post('changing', { text: 'one' });
    await merge('changing', { spec: { text: 'two', replicas: 3 } });
    const board = await eventually(() => posted('changing'));
    expect([board.metadata.generation, board.status?.readyReplicas]).toEqual([2, 3]);
    const place = { name: 'changing', namespace: NAMESPACE };
    expect((await core.readNamespacedConfigMap(place)).data).toEqual({ text: 'two' });
    await core.replaceNamespacedConfigMap({
      ...place,
      body: { metadata: place, data: { text: 'mine', more: 'kept' } },
    });
    await merge('changing', { spec: { text: 'three' } });
    await eventually(async () => {
      expect((await core.readNamespacedConfigMap(place)).data).toEqual({ text: 'three', more: 'kept' });
    });
  });

  it('makes again what is deleted', async () => {
    await post('lost', { text: 'x' });
    const apps = administrator.makeApiClient(AppsV1Api);
    const place = { name: 'lost', namespace: NAMESPACE };
    const { metadata } = await apps.readNamespacedDeployment(place);
    await apps.deleteNamespacedDeployment(place);
    await eventually(async () => {
      const made = await apps.readNamespacedDeployment(place);
      expect(made.metadata?.uid).not.toBe(metadata?.uid);
      expect(made.status?.readyReplicas).toBe(1);
    });
  });

  it('cleans up before a board goes, and the cluster after it', async () => {
    const board = await post('leaving', { text: 'bye' });
    expect(Object.keys(await directory())).toContain('default.leaving');
    await objects.delete(board);
    const place = { name: 'leaving', namespace: NAMESPACE };
    await eventually(async () => {
      expect(await codeOf(read('leaving'))).toBe(404);
      expect(await codeOf(core.readNamespacedConfigMap(place))).toBe(404);
      const pods = await core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: `${GROUP}/name=leaving` });
      expect(pods.items).toEqual([]);
    });
    expect(Object.keys(await directory())).not.toContain('default.leaving');
  });

  it('may do what its role says, and no more', async () => {
    const own = KubernetesObjectApi.makeApiClient(account);
    const board = await post('guarded', { text: 'x' });
    expect(await codeOf(own.delete(board))).toBe(403);
    expect(await codeOf(account.makeApiClient(CoreV1Api).listSecretForAllNamespaces())).toBe(403);
    const binding = access.find(({ kind }) => kind === 'ClusterRoleBinding');
    expect(await codeOf(own.create({ ...binding, metadata: { name: 'mine' } }))).toBe(403);
    expect(await codeOf(own.read({ ...type, metadata: { name: 'guarded', namespace: NAMESPACE } }))).toBeUndefined();
    // The status of a board is for its operator to write: what others say of it beside the rest is dropped.
    await merge('guarded', { status: { readyReplicas: 9 } });
    expect((await read('guarded')).status?.readyReplicas).toBe(1);
  });

  it('is one that leads, and another takes over when it is gone', async () => {
    const leases = administrator.makeApiClient(CoordinationV1Api);
    const lease = (): Promise<V1Lease> => leases.readNamespacedLease(LEASE);
    expect((await lease()).spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 });
    const second = new BoardOperator(account, 'two');
    let leads = false;
    const started = second.start().then(() => (leads = true));
    const { metadata } = await lease();
    await eventually(async () => (await lease()).metadata?.resourceVersion !== metadata?.resourceVersion);
    expect(leads).toBe(false);
    await operator.stop();
    await objects.create({ ...type, metadata: { name: 'later', namespace: NAMESPACE }, spec: { text: 'y' } } as Board);
    await started;
    expect(operator.errors).toEqual([]);
    operator = second;
    await eventually(() => posted('later'));
    expect((await lease()).spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  });

  it('had nothing to try again', () => {
    expect(operator.errors).toEqual([]);
  });
});
