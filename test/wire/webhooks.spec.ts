import type { Json } from '../support/engine-harness.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { WebhookServer } from '../support/webhook-server.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const START_MS_MAX = 60_000;
const GROUP = '/apis/admissionregistration.k8s.io/v1';

let server: TestServer;
let webhook: WebhookServer;
beforeAll(async () => {
  server = await TestServer.start();
  webhook = await WebhookServer.start(answer, 'hook.ops.svc');
}, START_MS_MAX);
afterAll(async () => {
  await webhook.stop();
  await TestServer.stopAll();
});

function answer({ object }: Json, path: string): object | undefined {
  switch (path) {
    case '/mutate':
      return {
        allowed: true,
        patchType: 'JSONPatch',
        patch: btoa(JSON.stringify([{ op: 'add', path: '/data/by', value: 'hook' }])),
      };
    case '/validate':
      return object.data?.bad === undefined ? { allowed: true } : { allowed: false, status: { message: 'bad data' } };
    case '/refuse':
      return { allowed: false, status: { message: 'not now' } };
    default:
      return undefined;
  }
}

const configuration = (name: string, clientConfig: object, more: object = {}) => ({
  metadata: { name },
  webhooks: [
    {
      name: `${name}.example.com`,
      clientConfig: { caBundle: webhook.caBundle, ...clientConfig },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      ...more,
    },
  ],
});

async function clusterWith(name: string, configurations: Readonly<Record<string, object>>, more: object = {}) {
  const cluster = await TestCluster.create(server, { name, ...more });
  for (const [plural, body] of Object.entries(configurations)) {
    const { status, text } = await cluster.kubernetes.send('POST', `${GROUP}/${plural}`, body);
    expect([status, text]).toEqual([201, expect.anything()]);
  }
  const create = async (data: object): Promise<Json> => {
    const { text } = await cluster.kubernetes.send('POST', CONFIG_MAPS, { metadata: { name: 'm' }, data });
    return JSON.parse(text) as Json;
  };
  return { cluster, create };
}

describe('webhooks on the host', () => {
  it('change and judge what is written', async () => {
    const { create } = await clusterWith('both', {
      mutatingwebhookconfigurations: configuration('mutate', { url: `${webhook.url}/mutate` }),
      validatingwebhookconfigurations: configuration('validate', { url: `${webhook.url}/validate` }),
    });
    const refused = await create({ bad: '1' });
    expect([refused.code, refused.message]).toEqual([
      400,
      'admission webhook "validate.example.com" denied the request: bad data',
    ]);
    expect((await create({ good: '1' })).data).toEqual({ good: '1', by: 'hook' });
  });

  it('stand behind a service where the cluster is told so', async () => {
    const service = { namespace: 'ops', name: 'hook', path: '/validate' };
    const { create } = await clusterWith(
      'service',
      { validatingwebhookconfigurations: configuration('validate', { service }) },
      { outsideServices: { 'ops/hook': webhook.url } },
    );
    expect((await create({ bad: '1' })).message).toMatch(/bad data$/);
  });

  it('hold up time that is advanced', async () => {
    const { cluster } = await clusterWith(
      'paused',
      {
        validatingwebhookconfigurations: configuration(
          'validate',
          { url: `${webhook.url}/validate` },
          { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
        ),
      },
      { clock: { mode: 'paused' }, latency: 'instant' },
    );
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const set = { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
    await cluster.kubernetes.post('/apis/apps/v1/namespaces/default/replicasets', set);
    await cluster.advance('1m');
    // Created, and Ready: nothing of the minute had passed before the webhook agreed.
    const found = await cluster.kubernetes.get<Json>('/apis/apps/v1/namespaces/default/replicasets/web');
    expect(found.status.readyReplicas).toBe(2);
  });

  it('that refuse to let the content of a namespace go are asked again and again, but ever more rarely', async () => {
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['secrets'] }];
    const { cluster } = await clusterWith(
      'emptying',
      { validatingwebhookconfigurations: configuration('keep', { url: `${webhook.url}/refuse` }, { rules }) },
      { clock: { mode: 'paused' } },
    );
    await cluster.kubernetes.post('/api/v1/namespaces', { metadata: { name: 'kept' } });
    await cluster.kubernetes.post('/api/v1/namespaces/kept/secrets', { metadata: { name: 'kept' } });
    const asked = (): number => webhook.asked.filter((each) => each === 'DELETE Secret').length;
    await cluster.kubernetes.delete('/api/v1/namespaces/kept');
    await cluster.advance('10s');
    expect(asked()).toBeGreaterThan(8);
    expect(asked()).toBeLessThan(20);
    const { status } = await cluster.kubernetes.get<Json>('/api/v1/namespaces/kept');
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'NamespaceDeletionContentFailure',
        status: 'True',
        reason: 'ContentDeletionFailed',
        message:
          'Failed to delete all resource types, 1 remaining: admission webhook "keep.example.com" denied the request: not now',
      }),
    );
    await cluster.kubernetes.delete(`${GROUP}/validatingwebhookconfigurations/keep`);
    await cluster.advance('10s');
    expect((await cluster.kubernetes.send('GET', '/api/v1/namespaces/kept')).status).toBe(404);
  });

  it('are given up when they do not answer in time', async () => {
    const { create } = await clusterWith('slow', {
      validatingwebhookconfigurations: configuration('slow', { url: `${webhook.url}/never` }, { timeoutSeconds: 1 }),
    });
    expect((await create({})).message).toBe(
      `Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "${webhook.url}/never?timeout=1s": context deadline exceeded`,
    );
  });

  it('must be who their configuration says', async () => {
    const { create } = await clusterWith('stranger', {
      validatingwebhookconfigurations: configuration('validate', { url: `${webhook.url}/validate`, caBundle: '' }),
    });
    expect((await create({})).message).toMatch(
      /tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    );
  });

  it('are trusted by their own certificate, too, and called by the clean form of their path', async () => {
    const url = `${webhook.url}//deep/..//./validate/`;
    const { create } = await clusterWith('own-bundle', {
      validatingwebhookconfigurations: configuration('validate', { url, caBundle: webhook.ownBundle }),
    });
    expect((await create({ bad: '1' })).message).toMatch(/bad data$/);
    expect((await create({ good: '1' })).data).toEqual({ good: '1' });
  });

  it.each([
    'https://192.0.2.1/x',
    'https://[2001:db8::1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:10.0.0.1]/x',
  ])('at %s are not called: only what the operator of the server permits is', async (url) => {
    const { create } = await clusterWith(`forbidden-${url.length}`, {
      validatingwebhookconfigurations: configuration('forbidden', { url }),
    });
    expect((await create({})).message).toMatch(/connect: address \S+ is not one that this server may call$/);
  });
});
