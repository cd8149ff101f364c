import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../support/engine-harness.js';
import { kubectlWith } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';
import { WebhookServer } from '../support/webhook-server.js';

jest.setTimeout(60_000);

/** Long enough for a client to have sent all that it has to say before it is let in. */
const THOUGHT_MS = 300;

let server: TestServer;
let cluster: TestCluster;
let webhook: WebhookServer;
let kubeconfig: string;

/** Nobody runs `rm`; everything else is thought about for a while, and let through. */
async function judge({ object }: Json): Promise<object> {
  await sleep(THOUGHT_MS);
  return object.command?.[0] === 'rm' ? { allowed: false, status: { message: 'not here' } } : { allowed: true };
}

beforeAll(async () => {
  [server, webhook] = await Promise.all([TestServer.start(), WebhookServer.start(judge)]);
  cluster = await TestCluster.create(server, { name: 'doors', latency: 'instant', topology: { workers: 1 } });
  kubeconfig = await cluster.kubeconfig();
  await createWebPod(cluster);
  const resources = ['pods/exec', 'pods/proxy'];
  await cluster.kubernetes.post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'doors' },
    webhooks: [
      {
        name: 'doors.example.com',
        clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources }],
      },
    ],
  });
});
afterAll(async () => {
  await cluster.cleanUp();
  await webhook.stop();
  await server.stop();
});

describe.each([
  ['WebSocket', {}],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
])('a webhook that is asked about kubectl exec over %s', (_carrier, environment) => {
  const run = (input: string | undefined, ...args: readonly string[]) =>
    kubectlWith({ kubeconfig, environment, input }, 'exec', ...args);

  it('lets in, and nothing that was sent meanwhile is lost', async () => {
    expect(await run('some text', '-i', 'web', '--', 'cat')).toEqual({ stdout: 'some text', stderr: '', code: 0 });
  });

  it('keeps out, and says why', async () => {
    const { code, stderr } = await run(undefined, 'web', '--', 'rm', '/x');
    expect(code).not.toBe(0);
    expect(stderr).toContain('admission webhook "doors.example.com" denied the request: not here');
  });
});

describe('a webhook that is asked about a request to a pod', () => {
  it('holds it until it has decided', async () => {
    webhook.asked.length = 0;
    const { status } = await cluster.kubernetes.send('GET', '/api/v1/namespaces/default/pods/web:8080/proxy/');
    expect([status, webhook.asked]).toEqual([200, ['CONNECT PodProxyOptions']]);
  });
});

it('who goes away while a webhook thinks leaves the cluster as it was', async () => {
  const path = '/api/v1/namespaces/default/pods/web/exec?command=sleep&command=5&stdout=1';
  const url = `${server.httpUrl}${cluster.path}${path}`;
  const abort = new AbortController();
  const asked = fetch(url, { method: 'POST', signal: abort.signal }).catch(() => undefined);
  abort.abort();
  await asked;
  await sleep(2 * THOUGHT_MS);
  expect((await cluster.kubernetes.send('GET', '/api/v1/namespaces/default/pods/web')).status).toBe(200);
  expect(server.output).not.toContain('has stopped');
});
