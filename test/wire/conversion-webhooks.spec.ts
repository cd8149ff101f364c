import type { Json } from '../support/engine-harness.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { WebhookServer } from '../support/webhook-server.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const START_MS_MAX = 60_000;
const boxes = (version: string): string => `/apis/example.com/${version}/namespaces/default/boxes`;

let server: TestServer;
let webhook: WebhookServer;
beforeAll(async () => {
  server = await TestServer.start();
  webhook = await WebhookServer.start(answer, 'converter.ops.svc');
}, START_MS_MAX);
afterAll(async () => {
  await webhook.stop();
  await TestServer.stopAll();
});

/** `v1` says `address: a:1`, `v2` says `host: a, port: 1`. */
function answer({ objects, desiredAPIVersion: apiVersion, object, oldObject }: Json, path: string): object {
  if (path === '/mutate') {
    const patch = [{ op: 'replace', path: '/port', value: `${object.port}0` }];
    return { allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)) };
  }
  if (path === '/validate') {
    const message = `from ${oldObject?.host}:${oldObject?.port} to ${object.host}:${object.port}`;
    return { allowed: object.host !== 'bad', status: { message } };
  }
  const convertedObjects = objects.map(({ address, host, port, ...rest }: Json) => {
    if (apiVersion.endsWith('v1')) return { ...rest, apiVersion, address: `${host}:${port}` };
    const [name, number] = address.split(':');
    return { ...rest, apiVersion, host: name, port: number };
  });
  return { result: { status: 'Success' }, convertedObjects };
}

const text = { type: 'string' };
const version = (name: string, properties: object) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object', properties } },
});

const definition = (clientConfig: object) => ({
  metadata: { name: 'boxes.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'boxes', singular: 'box', kind: 'Box', listKind: 'BoxList' },
    versions: [version('v1', { address: text }), version('v2', { host: text, port: text })],
    conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
  },
});

async function clusterWith(name: string, clientConfig: object, more: object = {}): Promise<TestCluster> {
  const cluster = await TestCluster.create(server, { name, ...more });
  await cluster.kubernetes.post(DEFINITIONS, definition(clientConfig));
  const isServed = async (): Promise<boolean> => (await cluster.kubernetes.send('GET', boxes('v1'))).status === 200;
  while (!(await isServed())) await new Promise((resolve) => setTimeout(resolve, 10));
  return cluster;
}

const box = (apiVersion: string, name: string, more: object) => ({
  apiVersion: `example.com/${apiVersion}`,
  kind: 'Box',
  metadata: { name },
  ...more,
});

describe('a conversion webhook on the host', () => {
  it('stands between the versions of a custom resource', async () => {
    const { kubernetes } = await clusterWith('convert', { url: `${webhook.url}/convert`, caBundle: webhook.caBundle });
    for (const name of ['a', 'b']) await kubernetes.post(boxes('v1'), box('v1', name, { address: `${name}:1` }));
    expect(webhook.asked).toEqual([]);
    const created = await kubernetes.send('POST', boxes('v2'), box('v2', 'c', { host: 'c', port: '2' }));
    expect([created.status, (JSON.parse(created.text) as Json).port]).toEqual([201, '2']);
    const { items } = await kubernetes.get<Json>(boxes('v2'));
    expect(items.map(({ host, port }: Json) => `${host} ${port}`)).toEqual(['a 1', 'b 1', 'c 2']);
    expect(webhook.asked).toEqual(['CONVERT example.com/v1', 'CONVERT example.com/v2', 'CONVERT example.com/v2']);
    expect((await kubernetes.get<Json>(`${boxes('v1')}/c`)).address).toBe('c:2');
    const { text: lines } = await kubernetes.send('GET', `${boxes('v2')}?watch=1&timeoutSeconds=1`);
    const hosts = lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Json).object.host as string);
    expect(hosts).toEqual(['a', 'b', 'c']);
  });

  it('stands behind a service where the cluster is told so', async () => {
    const service = { namespace: 'ops', name: 'converter', path: '/convert' };
    const { kubernetes } = await clusterWith(
      'convert-service',
      { service, caBundle: webhook.caBundle },
      { outsideServices: { 'ops/converter': webhook.url } },
    );
    await kubernetes.post(boxes('v1'), box('v1', 'a', { address: 'a:1' }));
    expect((await kubernetes.get<Json>(`${boxes('v2')}/a`)).host).toBe('a');
  });

  it('stands between a request and the webhooks and policies that name another version', async () => {
    const { kubernetes } = await clusterWith('convert-admission', {
      url: `${webhook.url}/convert`,
      caBundle: webhook.caBundle,
    });
    const rule = { apiGroups: ['example.com'], apiVersions: ['v2'], operations: ['CREATE', 'UPDATE'] };
    const rules = [{ ...rule, resources: ['boxes'] }];
    const register = (plural: string, path: string): Promise<unknown> =>
      kubernetes.post(`/apis/admissionregistration.k8s.io/v1/${plural}`, {
        metadata: { name: path },
        webhooks: [
          {
            name: `${path}.example.com`,
            clientConfig: { url: `${webhook.url}/${path}`, caBundle: webhook.caBundle },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            matchConditions: [{ name: 'one', expression: 'object.host != "free"' }],
            rules,
          },
        ],
      });
    await register('mutatingwebhookconfigurations', 'mutate');
    await register('validatingwebhookconfigurations', 'validate');
    const created = await kubernetes.post<Json>(boxes('v1'), box('v1', 'a', { address: 'a:1' }));
    expect([created.apiVersion, created.address]).toEqual(['example.com/v1', 'a:10']);
    const refused = await kubernetes.send('PUT', `${boxes('v1')}/a`, {
      ...box('v1', 'a', { address: 'bad:2' }),
      metadata: created.metadata,
    });
    expect((JSON.parse(refused.text) as Json).message).toBe(
      'admission webhook "validate.example.com" denied the request: from a:10 to bad:20',
    );
    expect((await kubernetes.post<Json>(boxes('v1'), box('v1', 'b', { address: 'free:1' }))).address).toBe('free:1');
    expect((await kubernetes.post<Json>(boxes('v2'), box('v2', 'c', { host: 'c', port: '3' }))).port).toBe('30');
    const named = 'admissionregistration.k8s.io/v1/validatingadmissionpolic';
    await kubernetes.post(`/apis/${named}ies`, {
      metadata: { name: 'hosts' },
      spec: {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression: 'object.host != "worse"', messageExpression: '"not " + object.host' }],
      },
    });
    await kubernetes.post(`/apis/${named}ybindings`, {
      metadata: { name: 'hosts' },
      spec: { policyName: 'hosts', validationActions: ['Deny'] },
    });
    const denied = await kubernetes.send('POST', boxes('v1'), box('v1', 'd', { address: 'worse:1' }));
    expect((JSON.parse(denied.text) as Json).message).toMatch(/denied request: not worse$/);
  });

  it('that cannot be reached is told of', async () => {
    const service = { namespace: 'ops', name: 'converter', path: '/convert' };
    const { kubernetes } = await clusterWith('convert-nowhere', { service });
    await kubernetes.post(boxes('v1'), box('v1', 'a', { address: 'a:1' }));
    const { status, text: body } = await kubernetes.send('GET', `${boxes('v2')}/a`);
    expect([status, (JSON.parse(body) as Json).message]).toEqual([
      500,
      'conversion webhook for example.com/v1, Kind=Box failed: Post "https://converter.ops.svc:443/convert?timeout=30s": service "converter" not found',
    ]);
    expect((await kubernetes.get<Json>(`${boxes('v1')}/a`)).address).toBe('a:1');
  });
});
