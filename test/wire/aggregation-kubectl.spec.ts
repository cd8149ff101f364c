import { AGGREGATED_GROUP, AGGREGATED_PATH, AggregatedServer, loadNamed, send } from '../support/aggregated-server.js';
import type { Json } from '../support/engine-harness.js';
import { eventually } from '../support/eventually.js';
import { kubectlWith, startKubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const TRUST = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
const START_MS_MAX = 60_000;
const TEST_MS_MAX = 60_000;
const DEFINITION = 'com.example.metrics.v1.Load';
const KIND = { group: AGGREGATED_GROUP, version: 'v1', kind: 'Load' };
const schemas = {
  [DEFINITION]: {
    description: 'Load says how busy something is.',
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      value: { description: 'From zero to ten.', type: 'integer', format: 'int32' },
    },
    'x-kubernetes-group-version-kind': [KIND],
  },
};
const about = { 'x-kubernetes-action': 'get', 'x-kubernetes-group-version-kind': KIND };
const answers = { 200: { description: 'OK' } };
const paths = { [`${AGGREGATED_PATH}/namespaces/{namespace}/loads/{name}`]: { get: { responses: answers, ...about } } };
const info = { title: 'metrics', version: '1' };
const version2 = { swagger: '2.0', info, paths, definitions: schemas };
const version3 = { openapi: '3.0.0', info, paths, components: { schemas } };
const location = `/openapi/v3/apis/${AGGREGATED_GROUP}/v1`;
const index = { paths: { [`apis/${AGGREGATED_GROUP}/v1`]: { serverRelativeURL: `${location}?hash=1` } } };

let server: TestServer;
let remote: AggregatedServer;
let kubeconfig: string;

beforeAll(async () => {
  server = await TestServer.start();
  remote = await AggregatedServer.start();
}, START_MS_MAX);
afterAll(async () => {
  await remote.stop();
  await TestServer.stopAll();
});

/** A cluster whose aggregated server is described in OpenAPI 3, or in OpenAPI 2 alone. */
async function clusterWith(name: string, knowsVersion3: boolean): Promise<TestCluster> {
  const settings: object = { outsideServices: { 'ops/metrics': remote.url } };
  const cluster = await TestCluster.create(server, { name, ...settings });
  remote.trust((await cluster.kubernetes.get<Json>(TRUST)).data['requestheader-client-ca-file']);
  remote.answers.set('/openapi/v2', (_request, response) => send(response, 200, version2));
  if (knowsVersion3) {
    remote.answers.set('/openapi/v3', (_request, response) => send(response, 200, index));
    remote.answers.set(location, (_request, response) => send(response, 200, version3));
  } else for (const path of ['/openapi/v3', location]) remote.answers.delete(path);
  const service = { namespace: 'ops', name: 'metrics' };
  const version = { group: AGGREGATED_GROUP, version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 };
  const spec = { ...version, service, caBundle: remote.caBundle };
  await cluster.kubernetes.post(SERVICES, { metadata: { name: `v1.${AGGREGATED_GROUP}` }, spec });
  await eventually(
    async () => (await cluster.kubernetes.get<Json>('/openapi/v3')).paths[`apis/${AGGREGATED_GROUP}/v1`],
  );
  kubeconfig = await cluster.kubeconfig();
  return cluster;
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectlWith({ kubeconfig }, ...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

describe('kubectl', () => {
  it(
    'takes what an aggregated server serves for the cluster’s own',
    async () => {
      const cluster = await clusterWith('kubectl-3', true);
      expect(await kubectl('get', 'apiservice', `v1.${AGGREGATED_GROUP}`)).toMatch(/ops\/metrics +True/);
      expect(await kubectl('api-resources', `--api-group=${AGGREGATED_GROUP}`)).toMatch(/loads +ld +\S+ +true +Load/);
      expect(await kubectl('get', 'ld')).toMatch(/^NAME +AGE\none +\S+\ntwo /);
      expect(await kubectl('get', 'load', 'one', '-o', 'jsonpath={.value}')).toBe('7');
      expect(await kubectl('explain', 'loads')).toContain('Load says how busy something is.');
      expect(await kubectl('explain', 'loads.value')).toContain('From zero to ten.');
      expect(await kubectl('explain', 'pods.spec.nodeName')).toContain('FIELD: nodeName');
      await cluster.cleanUp();
    },
    TEST_MS_MAX,
  );

  it(
    'watches it as it changes',
    async () => {
      const cluster = await clusterWith('kubectl-watch', true);
      const watching = await startKubectl(kubeconfig, 'get', 'loads', '--watch-only', '-o', 'name');
      await eventually(() => watching.output().includes('/one'));
      const [watch] = remote.watches;
      watch!.write(`${JSON.stringify({ type: 'ADDED', object: loadNamed('late') })}\n`);
      await eventually(() => watching.output().includes('/late'));
      await watching.stop();
      await eventually(() => remote.watches.size === 0);
      await cluster.cleanUp();
    },
    TEST_MS_MAX,
  );

  it(
    'explains what a server describes in OpenAPI 2 alone',
    async () => {
      const cluster = await clusterWith('kubectl-2', false);
      expect(await kubectl('explain', 'loads')).toContain('Load says how busy something is.');
      const { definitions } = await cluster.kubernetes.get<Json>('/openapi/v2');
      expect(definitions[DEFINITION].properties.value.description).toBe('From zero to ten.');
      await cluster.cleanUp();
    },
    TEST_MS_MAX,
  );
});
