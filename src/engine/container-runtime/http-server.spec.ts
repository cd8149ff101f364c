import { textCodec } from '../../../test/support/engine-harness.js';
import { answerOf, HttpServerConnection } from './http-server.js';

function connection() {
  const seen = { text: '', isOver: false };
  const server = new HttpServerConnection(textCodec, (request) => answerOf('web', request, textCodec), {
    data: (bytes) => (seen.text += textCodec.decode(bytes)),
    end: () => (seen.isOver = true),
  });
  return { seen, server, send: (text: string) => server.data(textCodec.encode(text)) };
}

const bodies = (text: string): string[] => Array.from(text.matchAll(/^web: .*$/gm), ([line]) => line);

describe('the server in a pod', () => {
  it('answers requests one after another, byte by byte or all at once', () => {
    const requests =
      'GET /a HTTP/1.1\r\nhost: x\r\n\r\n' +
      'POST /b HTTP/1.1\r\ncontent-length: 5\r\n\r\n12345' +
      'PUT /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n' +
      'GET /d HTTP/1.1\r\nconnection: close\r\n\r\n';
    const whole = connection();
    whole.send(requests);
    const pieces = connection();
    for (const character of requests) pieces.send(character);
    expect(pieces.seen).toEqual(whole.seen);
    expect(bodies(whole.seen.text)).toEqual(['web: GET /a', 'web: POST /b', 'web: PUT /c', 'web: GET /d']);
    expect(whole.seen.isOver).toBe(true);
  });

  it('has no body for HEAD', () => {
    const { seen, send } = connection();
    send('HEAD / HTTP/1.1\r\n\r\n');
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*content-length: 12\r\n\r\n$/s);
  });

  it('refuses what is no request, and a head without end', () => {
    const wrong = connection();
    wrong.send('nonsense\r\n\r\n');
    expect(wrong.seen).toMatchObject({ isOver: true, text: expect.stringMatching(/^HTTP\/1\.1 400 /) });
    const long = connection();
    long.send(`GET / HTTP/1.1\r\nx: ${'y'.repeat(70_000)}`);
    expect(long.seen).toMatchObject({ isOver: true, text: expect.stringMatching(/^HTTP\/1\.1 431 /) });
  });

  it('ends with its client', () => {
    const { seen, server } = connection();
    server.end();
    expect(seen.isOver).toBe(true);
  });
});
