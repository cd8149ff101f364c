export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A parsed answer, for tests that look into parts of it. */
export const jsonOf = <T>({ text }: Pick<Answer, 'text'>): T => JSON.parse(text) as T;

/** Requests to one root, with one token. */
export class ApiClient {
  readonly #root: string;
  readonly #token: string | undefined;

  constructor(root: string, token?: string) {
    this.#root = root;
    this.#token = token;
  }

  /** The same token, below a path. */
  below(path: string): ApiClient {
    return new ApiClient(this.#root + path, this.#token);
  }

  withToken(token: string | undefined): ApiClient {
    return new ApiClient(this.#root, token);
  }

  /** Any answer, errors too. A text body is sent as it is. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.#fetch(method, path, body, headers);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  get<T>(path: string): Promise<T> {
    return this.#succeed('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#succeed('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#succeed('PUT', path, body);
  }

  patch<T>(path: string, body: unknown, type = 'application/merge-patch+json'): Promise<T> {
    return this.#succeed('PATCH', path, body, { 'content-type': type });
  }

  delete(path: string): Promise<unknown> {
    return this.#succeed('DELETE', path);
  }

  /** The lines of a stream as they come, until the signal aborts it. */
  async *lines(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const response = await this.#fetch('GET', path, undefined, {}, signal);
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #succeed<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const { status, text } = await this.send(method, path, body, headers);
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  #fetch(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Response> {
    return fetch(this.#root + path, {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}
