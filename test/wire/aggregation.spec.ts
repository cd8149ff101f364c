import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueAuthority, issueServerCertificate } from '../../src/config/certificates.js';
import type { Json } from '../support/engine-harness.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const GROUP = '/apis/metrics.example.com/v1';
const START_MS_MAX = 60_000;
const LIST = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'metrics.example.com/v1',
  resources: [{ name: 'loads', singularName: 'load', namespaced: true, kind: 'Load', verbs: ['get', 'list'] }],
};

let server: TestServer;
let remote: Server;
let url: string;
let caBundle: string;
const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  const authority = await issueAuthority();
  const { certificate, privateKey } = await issueServerCertificate(authority, 'metrics.ops.svc');
  caBundle = Buffer.from(authority.certificate).toString('base64');
  remote = createServer({ cert: certificate, key: privateKey }, ({ url: path = '', headers }, response) => {
    asked.push({ path, headers });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(path === GROUP ? LIST : { kind: 'LoadList', items: [] }));
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(remote.address() as AddressInfo).port}`;
}, START_MS_MAX);
afterAll(async () => {
  remote.closeAllConnections();
  await new Promise((resolve) => remote.close(resolve));
  await TestServer.stopAll();
});

describe('an aggregated server on the host', () => {
  it('serves its group in the name of the cluster', async () => {
    const settings: object = { outsideServices: { 'ops/metrics': url } };
    const { kubernetes } = await TestCluster.create(server, { name: 'aggregate', ...settings });
    const service = { namespace: 'ops', name: 'metrics' };
    const version = { group: 'metrics.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 };
    const spec = { ...version, service, caBundle };
    await kubernetes.post(SERVICES, { metadata: { name: 'v1.metrics.example.com' }, spec });
    const available = async (): Promise<Json> =>
      (await kubernetes.get<Json>(`${SERVICES}/v1.metrics.example.com`)).status.conditions?.[0];
    while ((await available())?.status !== 'True') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await available()).toMatchObject({ reason: 'Passed', message: 'all checks passed' });
    expect(await kubernetes.get<Json>(`${GROUP}/loads?limit=1`)).toEqual({ kind: 'LoadList', items: [] });
    const { path, headers } = asked.at(-1)!;
    expect(path).toBe(`${GROUP}/loads?limit=1`);
    expect(headers['x-remote-user']).toEqual(expect.any(String));
    expect(headers['x-remote-group']).toMatch(/system:masters/);
    expect(headers.authorization).toBeUndefined();
    const { groups } = await kubernetes.get<Json>('/apis');
    expect(groups.map(({ name }: Json) => name)).toContain('metrics.example.com');
  });
});
