import { Agent, request, type IncomingMessage } from 'node:http';

/** A stream that says nothing for so long is cut, and counts as answered. */
const SILENCE_MS_MAX = 300;
const ANSWER_MS_MAX = 20_000;

export interface RawRequest {
  readonly method: string;
  /** As it is written on the wire, query included. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends requests as they are given, without putting paths or bodies in order as `fetch` does. */
export class RawClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #port: number;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#port = Number(new URL(url).port);
    this.#token = token;
  }

  /** @throws when no answer comes, or the connection ends without one */
  send({ method, target, headers, body }: RawRequest): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const own = {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-length': body.length }),
        ...headers,
      };
      const options = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path: target, headers: own };
      const sent = request(options, (response) => read(response, resolve, reject));
      sent.setTimeout(ANSWER_MS_MAX, () => sent.destroy(new Error('no answer in time')));
      sent.once('error', (error) => {
        // The server may close a connection that lay idle just as it is taken up again.
        const wasIdle = sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (wasIdle) resolve(this.send({ method, target, headers, body }));
        else reject(error);
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function read(response: IncomingMessage, resolve: (answer: RawAnswer) => void, reject: (error: Error) => void): void {
  const parts: Buffer[] = [];
  const answer = (): RawAnswer => ({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
  const cut = (): void => {
    resolve(answer());
    response.destroy();
  };
  let silence = setTimeout(cut, SILENCE_MS_MAX);
  response.on('data', (part: Buffer) => {
    parts.push(part);
    clearTimeout(silence);
    silence = setTimeout(cut, SILENCE_MS_MAX);
  });
  response.once('end', () => {
    clearTimeout(silence);
    resolve(answer());
  });
  response.once('error', (error) => {
    clearTimeout(silence);
    reject(error);
  });
}
