import { jest } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, TestServer } from '../support/server.js';

jest.setTimeout(120_000);
afterAll(() => TestServer.stopAll());

const WAIT_MS_MAX = 20_000;

interface Told {
  readonly subscription: string;
  readonly decision: {
    readonly pod: { readonly namespace: string; readonly name: string };
    readonly result: string;
    readonly node?: string;
    readonly message?: string;
    readonly nodes: readonly { readonly name: string; readonly feasible: boolean }[];
  };
}
interface Acknowledgement {
  readonly subscription?: string;
  readonly error?: { readonly code: number; readonly message: string };
}

describe('/clusters', () => {
  let server: TestServer;
  const sockets: Socket[] = [];
  const connect = (token = ADMIN_TOKEN): Socket => {
    const settings = { auth: { token }, transports: ['websocket'], forceNew: true, reconnection: false };
    const socket = io(`${server.httpUrl}/clusters`, settings);
    sockets.push(socket);
    return socket;
  };
  const subscribe = (socket: Socket, body: object): Promise<Acknowledgement> =>
    socket.timeout(WAIT_MS_MAX).emitWithAck('subscribe', body) as Promise<Acknowledgement>;
  const subject = { tenant: 'default', cluster: 'decided', topic: 'decisions' };
  const create = (namespace: string, name: string, spec: object = {}) =>
    server.request('POST', `/k8s/default/decided/api/v1/namespaces/${namespace}/pods`, {
      body: JSON.stringify({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec } }),
    });

  beforeAll(async () => {
    server = await TestServer.start();
    await server.call('POST', '/tenants/default/clusters', { name: 'decided', topology: { workers: 2 } });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  it('tells of every decision of the scheduler, as it is made and as it is shown over REST', async () => {
    const socket = connect();
    const told: Told[] = [];
    socket.on('decision', (each: Told) => told.push(each));
    const { subscription } = await subscribe(socket, subject);
    expect(subscription).toEqual(expect.any(String));
    await create('default', 'fits');
    await create('default', 'nowhere', { nodeSelector: { disk: 'fast' } });
    await eventually(() => told.length >= 2);
    const of = (name: string) => told.find(({ decision }) => decision.pod.name === name)!.decision;
    expect(of('fits').result).toBe('Scheduled');
    expect(of('nowhere').message).toContain("2 node(s) didn't match Pod's node affinity/selector");
    expect(told.every((each) => each.subscription === subscription)).toBe(true);
    const shown = await server.call('GET', '/tenants/default/clusters/decided/decisions/default/fits');
    expect(shown.json).toEqual([of('fits')]);
  });

  it('tells of what was asked for alone, until it is not wanted any more', async () => {
    const socket = connect();
    const told: Told[] = [];
    socket.on('decision', (each: Told) => told.push(each));
    const { subscription } = await subscribe(socket, { ...subject, namespace: 'default', pod: 'chosen' });
    await create('default', 'other');
    await create('kube-system', 'chosen');
    await create('default', 'chosen');
    await eventually(() => told.length > 0);
    expect(told.map(({ decision: { pod } }) => `${pod.namespace}/${pod.name}`)).toEqual(['default/chosen']);
    expect(await socket.timeout(WAIT_MS_MAX).emitWithAck('unsubscribe', { subscription })).toEqual({ subscription });
  });

  it.each([
    [{ ...subject, topic: 'weather' }, 400],
    [{ ...subject, pod: '' }, 400],
    [{ ...subject, more: true }, 400],
    [{ tenant: 'default', topic: 'decisions' }, 400],
    [{ ...subject, cluster: 'none' }, 404],
  ])('refuses %j with %i', async (body, code) => {
    expect((await subscribe(connect(), body)).error?.code).toBe(code);
  });

  it("tells nobody of another tenant's clusters", async () => {
    await server.call('POST', '/tenants', { name: 'other' });
    const created = await server.call('POST', '/tenants/other/keys', { name: 'reader' });
    const { secret } = created.json as { readonly secret: string };
    expect(secret).toEqual(expect.any(String));
    expect((await subscribe(connect(secret), subject)).error?.code).toBe(404);
  });
});
