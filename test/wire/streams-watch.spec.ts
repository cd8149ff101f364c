import { jest } from '@jest/globals';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';
import { managementOf, TestCluster } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';
import { openSocket, refusalOf } from '../support/web-socket.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

jest.setTimeout(60_000);

let server: TestServer;
let cluster: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'watch', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(cluster);
});
afterAll(() => server.stop());

const at = (path: string): string => server.httpUrl + cluster.path + path;

describe('a watch over a WebSocket', () => {
  it('sends each event as one message of text, and ends in time', async () => {
    const socket = await openSocket(at(`${CONFIG_MAPS}?watch=1&timeoutSeconds=4&labelSelector=a=b`));
    await cluster.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'seen', labels: { a: 'b' } } });
    await cluster.kubernetes.delete(`${CONFIG_MAPS}/seen`);
    expect(await socket.closed).toBe(1000);
    const events = socket.messages.map(({ text, isBinary }) => [isBinary, JSON.parse(text).type, text.endsWith('\n')]);
    expect(events).toEqual([
      [false, 'ADDED', true],
      [false, 'DELETED', true],
    ]);
  });

  it('sends the events of protobuf as binary messages', async () => {
    await cluster.kubernetes.post(CONFIG_MAPS, { metadata: { name: 'packed', labels: { c: 'd' } } });
    const accept = 'application/vnd.kubernetes.protobuf;stream=watch';
    const socket = await openSocket(at(`${CONFIG_MAPS}?watch=1&timeoutSeconds=2&labelSelector=c=d`), [], { accept });
    expect(await socket.closed).toBe(1000);
    expect(socket.messages).toHaveLength(1);
    expect(socket.messages[0]).toMatchObject({ isBinary: true });
    expect(socket.messages[0]?.text).toContain('packed');
  });

  it('takes its token as a protocol', async () => {
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from(ADMIN_TOKEN).toString('base64url')}`;
    const url = at(`${CONFIG_MAPS}?watch=1&timeoutSeconds=1`).replace('http', 'ws');
    const socket = new WebSocket(url, [token, 'binary.k8s.io']);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    expect(socket.protocol).toBe('binary.k8s.io');
    socket.terminate();
  });

  it('sends a log in pieces', async () => {
    const socket = await openSocket(at('/api/v1/namespaces/default/pods/web/log?follow=true'));
    await eventually(() => socket.messages.length > 0);
    expect(socket.messages[0]).toMatchObject({ isBinary: true, text: 'registry.example/web:1: started\n' });
    socket.socket.terminate();
  });
});

describe('a request to switch protocols', () => {
  it('is answered like any other where there is nothing to switch to', async () => {
    const { status, body } = await refusalOf(at(`${CONFIG_MAPS}/kube-root-ca.crt`));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ kind: 'ConfigMap' });
  });

  it('is an ordinary request where it offers what nobody speaks here', async () => {
    const body = JSON.stringify({ metadata: { name: 'offered' }, data: { long: 'x'.repeat(100_000) } });
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'content-type': 'application/json',
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    };
    const status = await new Promise((resolve, reject) => {
      const call = request(at(CONFIG_MAPS), { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.once('error', reject);
      call.end(body);
    });
    expect(status).toBe(201);
    expect(await cluster.kubernetes.get(`${CONFIG_MAPS}/offered`)).toMatchObject(JSON.parse(body));
  });

  it('tells other tenants that there is nothing', async () => {
    const management = managementOf(server);
    await management.post('/tenants', { name: 'other' });
    const { secret } = await management.post<{ secret: string }>('/tenants/other/keys', { name: 'tests' });
    const headers = { authorization: `Bearer ${secret}` };
    for (const path of [`${CONFIG_MAPS}?watch=1`, '/api/v1/namespaces/default/pods/web/exec?command=ls&stdout=1']) {
      expect((await refusalOf(at(path), ['v5.channel.k8s.io'], headers)).status).toBe(404);
    }
  });

  it('is refused without a token, with a wrong one, and for a cluster that is not there', async () => {
    expect((await refusalOf(at(`${CONFIG_MAPS}?watch=1`), [], { authorization: '' })).status).toBe(403);
    expect((await refusalOf(at(`${CONFIG_MAPS}?watch=1`), [], { authorization: 'Bearer x' })).status).toBe(401);
    expect((await refusalOf(`${server.httpUrl}/k8s/default/none${CONFIG_MAPS}?watch=1`)).status).toBe(404);
  });
});
