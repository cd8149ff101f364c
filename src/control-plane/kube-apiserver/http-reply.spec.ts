import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpReply, STREAM_QUEUE_BYTES_MAX } from './http-reply.js';
import { BODY_BYTES_MAX, readBody, type BodyOutcome } from './request-body.js';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const MEBIBYTE = new Uint8Array(1024 * 1024).fill(97);
const OK = { status: 200, headers: { 'content-type': 'application/json' } };

describe('the wire adapter', () => {
  let server: Server | undefined;
  const serve = async (listener: Listener): Promise<number> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  afterEach(async () => {
    server?.closeAllConnections();
    if (server !== undefined) await once(server.close(), 'close');
    server = undefined;
  });

  const answering = (body: readonly Uint8Array[]) =>
    serve((request, response) => {
      const encoding = request.headers['accept-encoding'];
      new HttpReply(response, typeof encoding === 'string' ? encoding : undefined, 'an-id').respond({
        ...OK,
        body,
        revision: 0,
      });
    });
  const get = (port: number, encoding: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/`, { headers: { 'accept-encoding': encoding } });

  it('joins the parts of a body', async () => {
    const port = await answering([Buffer.from('a'), Buffer.from('bc'), new Uint8Array(0), Buffer.from('d')]);
    const response = await get(port, 'identity');
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['4', 'abcd']);
  });

  it('compresses large bodies for who takes it, and no others', async () => {
    const port = await answering([MEBIBYTE]);
    const compressed = await get(port, 'deflate, gzip;q=1.0');
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(await compressed.text()).toHaveLength(MEBIBYTE.byteLength);
    const plain = await get(port, 'identity');
    expect([plain.headers.get('content-encoding'), (await plain.text()).length]).toEqual([null, MEBIBYTE.byteLength]);
  });

  it('leaves small bodies as they are', async () => {
    const port = await answering([Buffer.from('{}')]);
    expect((await get(port, 'gzip')).headers.get('content-encoding')).toBeNull();
  });

  it('closes the stream of a reader who does not keep up, and no sooner than it must', async () => {
    let written = 0;
    let isClosed = false;
    const port = await serve((_request, response) => {
      const stream = new HttpReply(response, undefined, 'an-id').stream(OK);
      response.on('close', () => (isClosed = true));
      setTimeout(() => {
        while (!response.destroyed && written < 100 * MEBIBYTE.byteLength) {
          stream.write(MEBIBYTE, 0);
          written += MEBIBYTE.byteLength;
        }
      }, 20);
    });
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.pause();
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    for (let wait = 0; wait < 500 && !isClosed; wait++) await sleep(10);
    client.destroy();
    expect(isClosed).toBe(true);
    expect(written).toBeGreaterThan(STREAM_QUEUE_BYTES_MAX - MEBIBYTE.byteLength);
    expect(written).toBeLessThan(2 * STREAM_QUEUE_BYTES_MAX);
  });

  it.each([
    [0, 'whole'],
    [BODY_BYTES_MAX, 'whole'],
    [BODY_BYTES_MAX + 1, 'too-large'],
  ])('reads a body of %i bytes as %s', async (bytes, type) => {
    const outcomes: BodyOutcome[] = [];
    const port = await serve((request, response) =>
      readBody(request, (outcome) => {
        outcomes.push(outcome);
        response.end();
      }),
    );
    const body = new Uint8Array(bytes);
    await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body }).catch(() => undefined);
    expect(outcomes.map((outcome) => outcome.type)).toEqual([type]);
    const [outcome] = outcomes;
    if (outcome?.type === 'whole') expect(outcome.body.byteLength).toBe(bytes);
  });
});
