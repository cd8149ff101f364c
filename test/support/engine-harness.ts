import type { LimitOptions } from '../../src/engine/etcd/limits.js';
import { Store } from '../../src/engine/etcd/store.js';
import { instant } from '../../src/engine/kernel/clock.js';
import { EventLoop } from '../../src/engine/kernel/event-loop.js';
import { Random } from '../../src/engine/kernel/random.js';
import { kinds } from '../../src/engine/kinds/registry.js';
import { ApiServer } from '../../src/engine/kube-apiserver/api-server.js';
import { impersonationIn } from '../../src/engine/kube-apiserver/authentication/impersonation.js';
import type { ApiServerOptions } from '../../src/engine/kube-apiserver/api-server-options.js';
import type { StoredObject } from '../../src/engine/kube-apiserver/storage/stored-object.js';
import type { ForwardedRequest } from '../../src/engine/kube-apiserver/aggregation/forwarded-request.js';
import type { WireReply, WireResponse } from '../../src/engine/kube-apiserver/wire.js';
import type { TextCodec } from '../../src/engine/machinery/text-codec.port.js';
import { clusterAdministrator } from '../../src/engine/machinery/user.js';

export const HARNESS_START = instant(Date.UTC(2026, 0, 1));

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const textCodec: TextCodec = {
  encode: (value) => encoder.encode(value),
  decode: (bytes) => decoder.decode(bytes),
};

/** JSON of any shape: tests say what they expect of it. */
export type Json = ReturnType<typeof JSON.parse>;

export interface HarnessAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
  readonly json: Json;
  readonly revision: number;
}

export type HarnessOptions = Partial<
  Pick<
    ApiServerOptions,
    | 'audit'
    | 'logs'
    | 'heartbeats'
    | 'authorizer'
    | 'kinds'
    | 'shared'
    | 'tokenKeys'
    | 'hostTokens'
    | 'outside'
    | 'requestTrust'
    | 'flowTemplates'
  >
> & {
  /** What servers outside answer to requests that are passed on; unless given nothing carries them there. */
  readonly forward?: (request: ForwardedRequest) => Pick<WireResponse, 'status' | 'headers' | 'body'>;
  /** Whether the namespace `default` and its service account exist at once; they do unless told otherwise. */
  readonly isEmpty?: boolean;
  /** What the store takes; everything unless given. */
  readonly limits?: LimitOptions<StoredObject>;
};

/** An API server over an empty store, without any component beside it. */
export function createApiHarness({ isEmpty = false, limits, forward, ...options }: HarnessOptions = {}) {
  const loop = new EventLoop(HARNESS_START, Random.seeded(1));
  const store = new Store<StoredObject>({ scheduler: loop, ...(limits === undefined ? {} : { limits }) });
  const server = new ApiServer({ store, simulation: loop, kinds, text: textCodec, ...options });

  /** A body that is a string is sent as it is. */
  const request = (
    method: string,
    pathAndQuery: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): HarnessAnswer => {
    const [path = '', query = ''] = pathAndQuery.split('?', 2);
    const bytes =
      body === undefined ? new Uint8Array() : textCodec.encode(typeof body === 'string' ? body : JSON.stringify(body));
    const chunks: Uint8Array[] = [];
    let response: WireResponse | undefined;
    const forwarding: Pick<WireReply, 'forward'> = {
      forward: (given) => {
        response = { ...forward!(given), revision: 0 };
        chunks.push(...response.body);
        return { end: () => undefined };
      },
    };
    server.handle(
      {
        method,
        path,
        query,
        headers,
        body: bytes,
        user: clusterAdministrator,
        impersonation: impersonationIn(Object.entries(headers).flat()),
      },
      {
        respond: (given) => {
          response = given;
          chunks.push(...given.body);
        },
        stream: (head) => {
          response = { ...head, body: [], revision: 0 };
          return { write: (chunk) => void chunks.push(chunk), end: () => undefined };
        },
        ...(forward === undefined ? {} : forwarding),
      },
    );
    if (response === undefined) throw new Error(`${method} ${path} was not answered`);
    const text = chunks.map((chunk) => textCodec.decode(chunk)).join('');
    return {
      status: response.status,
      headers: response.headers,
      text,
      revision: response.revision,
      get json(): Json {
        return JSON.parse(text) as Json;
      },
    };
  };

  if (!isEmpty) {
    request('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
    request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  }
  return { loop, store, server, request };
}
