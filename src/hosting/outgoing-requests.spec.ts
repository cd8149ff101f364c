import { createServer, type Server } from 'node:http';
import { BlockList, type AddressInfo } from 'node:net';
import { OutgoingRequests, outgoingFault } from './outgoing-requests.js';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((_request, response) => response.end('reached'));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function permitting(...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): OutgoingRequests {
  const permitted = new BlockList();
  for (const subnet of subnets) permitted.addSubnet(...subnet);
  return new OutgoingRequests(permitted);
}

/** The status of the answer, or what went wrong. */
async function outcome(requests: OutgoingRequests, url: string): Promise<number | string> {
  const target = { url, method: 'GET', headers: {}, serverName: undefined, caBundle: '', isInsecure: false };
  try {
    return await new Promise<number>((resolve, reject) => {
      const outgoing = requests.open(target);
      outgoing.on('response', (answer) => resolve(answer.resume().statusCode ?? 0));
      outgoing.on('error', reject);
      outgoing.end();
    });
  } catch (error) {
    return outgoingFault(error, url);
  }
}

describe('requests that leave the process', () => {
  const loopback = permitting(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']);
  const elsewhere = permitting(['203.0.113.0', 24, 'ipv4']);

  it('reach what is permitted, by address and by name', async () => {
    expect(await outcome(loopback, `http://127.0.0.1:${port}/`)).toBe(200);
    expect(await outcome(loopback, `http://localhost:${port}/`)).toBe(200);
  });

  it('connect to nothing else, whatever it is called', async () => {
    const before = connections;
    const forbidden = /^dial tcp \S+: connect: address \S+ is not one that this server may call$/;
    const names = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '[::1]', '[::ffff:127.0.0.1]', 'localhost'];
    for (const name of names) expect(await outcome(elsewhere, `http://${name}:${port}/`)).toMatch(forbidden);
    expect(connections).toBe(before);
    for (const name of ['0.0.0.0', '[::]', '169.254.169.254', '[::ffff:169.254.169.254]', '10.0.0.1']) {
      expect(await outcome(loopback, `https://${name}/`)).toMatch(forbidden);
    }
  });

  it('do not believe the system’s authorities where a bundle says nothing', () => {
    const target = { url: 'https://127.0.0.1:1/', method: 'GET', headers: {}, serverName: 'a', isInsecure: false };
    const caBundle = Buffer.from('nothing').toString('base64');
    expect(() => loopback.open({ ...target, caBundle })).toThrow('unable to load root certificates');
  });
});
