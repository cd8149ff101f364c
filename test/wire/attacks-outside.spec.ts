import { jest } from '@jest/globals';
import { createServer as createPlainServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueAuthority, issueServerCertificate } from '../../src/config/certificates.js';
import { Bystander } from '../support/bystander.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(120_000);

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const FORBIDDEN = /is not one that this server may call/;

/** What must never be asked, and what leads there. */
let secret: ReturnType<typeof createPlainServer>;
let redirecting: ReturnType<typeof createServer>;
let caBundle: string;
let open: TestServer;
let closed: TestServer;
let bystander: Bystander;
const asked: string[] = [];

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const note = ({ url = '' }: IncomingMessage): void => void asked.push(url);
  secret = createPlainServer((request, response) => {
    note(request);
    response.end('{}');
  });
  const authority = await issueAuthority();
  const { certificate, privateKey } = await issueServerCertificate(authority, 'localhost');
  caBundle = Buffer.from(authority.certificate).toString('base64');
  redirecting = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    request.resume();
    const [, status = '302'] = /^\/(\d+)/.exec(request.url ?? '') ?? [];
    response.writeHead(Number(status), { location: `http://127.0.0.1:${portOf(secret)}/stolen` }).end();
  });
  await Promise.all(
    [secret, redirecting].map((each) => new Promise<void>((done) => each.listen(0, '127.0.0.1', () => done()))),
  );
  [open, closed] = await Promise.all([
    TestServer.start(),
    TestServer.start({ environment: { FLOTILLA_OUTSIDE_ADDRESSES: '192.0.2.0/24' } }),
  ]);
  bystander = await Bystander.of(open);
});
afterAll(async () => {
  for (const each of [secret, redirecting]) each.closeAllConnections();
  await Promise.all([secret, redirecting].map((each) => new Promise((done) => each.close(done))));
  await TestServer.stopAll();
});

let clusters = 0;

/** What a ConfigMap's creation is answered with, in a cluster whose webhook is such. */
async function answerOf(server: TestServer, clientConfig: object, settings: object = {}): Promise<string> {
  const cluster = await TestCluster.create(server, { name: `c${clusters++}`, ...settings });
  const { status, text } = await cluster.kubernetes.send('POST', WEBHOOKS, {
    metadata: { name: 'hook' },
    webhooks: [
      {
        name: 'hook.example.com',
        clientConfig,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 3,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
    ],
  });
  if (status !== 201) return text;
  const answer = await cluster.kubernetes.send('POST', CONFIG_MAPS, { metadata: { name: 'm' } });
  expect(answer.status).toBe(500);
  if (server === open) await bystander.isUnharmed(cluster.kubernetes);
  await cluster.management.delete('');
  return answer.text;
}

describe('a webhook at an address that is not permitted is not called', () => {
  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://169.254.169.254.:443/',
    'https://2852039166/',
    'https://0xA9FEA9FE/',
    'https://0251.0376.0251.0376/',
    'https://169.16689662/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://0.0.0.0/',
    'https://0/',
    'https://[::]/',
    'https://10.0.0.1/',
    'https://100.100.100.200/',
    'https://[::ffff:0.0.0.0]/',
    'https://①⑥⑨.254.169.254/',
  ])('%s', async (url) => {
    expect(await answerOf(open, { url })).toMatch(FORBIDDEN);
  });

  it.each([
    'https://127.0.0.1:1/',
    'https://127.1:1/',
    'https://2130706433:1/',
    'https://0x7f.0.0.1:1/',
    'https://[::1]:1/',
    'https://[::ffff:127.0.0.1]:1/',
    'https://[::ffff:7f00:1]:1/',
  ])('%s, where the operator has taken loopback away', async (url) => {
    expect(await answerOf(closed, { url })).toMatch(FORBIDDEN);
  });

  it('by a name that means such an address: what is connected to is what was checked', async () => {
    const url = `https://localhost:${portOf(redirecting)}/302`;
    expect(await answerOf(closed, { url, caBundle })).toMatch(FORBIDDEN);
    expect(await answerOf(open, { url, caBundle })).not.toMatch(FORBIDDEN);
  });

  it("behind a service that the cluster's owner sends there", async () => {
    const service = { namespace: 'ops', name: 'hook' };
    const outsideServices = { 'ops/hook': 'https://169.254.169.254' };
    expect(await answerOf(open, { service }, { outsideServices })).toMatch(FORBIDDEN);
  });
});

describe('a webhook', () => {
  it.each([301, 302, 303, 307, 308])('that answers %i is not followed', async (status) => {
    const url = `https://localhost:${portOf(redirecting)}/${status}`;
    expect(await answerOf(open, { url, caBundle })).toContain('failed calling webhook');
    expect(asked).toEqual([]);
  });

  it.each([
    ['http://127.0.0.1/', "'https' is the only allowed URL scheme"],
    ['file:///etc/passwd', "'https' is the only allowed URL scheme"],
    ['gopher://127.0.0.1/', "'https' is the only allowed URL scheme"],
    ['https://user:password@127.0.0.1/', 'user information is not permitted in the URL'],
    ['https://127.0.0.1/?a=b', 'query parameters are not permitted in the URL'],
    ['https://127.0.0.1/#a', 'fragments are not permitted in the URL'],
    ['https:///path', 'host must be specified'],
  ])('has no URL such as %s', async (url, message) => {
    expect(await answerOf(open, { url })).toContain(message);
  });
});

describe('a conversion webhook and an aggregated server', () => {
  it('are called at no other addresses either', async () => {
    const cluster = await TestCluster.create(open, { name: 'others' });
    const url = 'https://[::ffff:169.254.169.254]/convert';
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    });
    await cluster.kubernetes.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'things.x.example.com' },
      spec: {
        group: 'x.example.com',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [version('v1', true), version('v2', false)],
        conversion: {
          strategy: 'Webhook',
          webhook: { conversionReviewVersions: ['v1'], clientConfig: { url } },
        },
      },
    });
    const path = '/apis/x.example.com/v2/namespaces/default/things';
    const body = { apiVersion: 'x.example.com/v2', kind: 'Thing', metadata: { name: 't' } };
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { status, text } = await cluster.kubernetes.send('POST', path, body);
    expect([status, text]).toEqual([500, expect.stringMatching(FORBIDDEN)]);
    await bystander.isUnharmed(cluster.kubernetes);
  });
});
