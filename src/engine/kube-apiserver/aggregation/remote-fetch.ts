import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { UserInfo } from '../../machinery/user.js';
import { joined } from '../encoding/body.js';
import type { OutsideResult } from '../outside/outside-effect.js';
import type { OutsideEffects } from '../outside/outside-effects.js';
import type { WireRequest } from '../wire.js';
import type { Backend, Backends } from './backends.js';
import { identityHeaders } from './request-headers.js';
import { serviceName } from './service-endpoint.js';
import type { SimulatedApi } from './simulated-api.port.js';

const NO_BODY = new Uint8Array();

/** A document that the aggregator itself wants. */
interface WantedDocument {
  readonly path: string;
  /** Who asks: the server behind is to let them. */
  readonly user: UserInfo;
  readonly accept: string;
  /** What is known already, where that is something. */
  readonly etag?: string | undefined;
  readonly timeoutSeconds: number;
  /** Whoever answers is believed: nothing is told to them that matters. */
  readonly isInsecure?: boolean;
}

type Done = (result: OutsideResult) => void;

/** Asks the servers behind APIServices on the aggregator's own behalf. */
export class RemoteFetch {
  readonly #outside: OutsideEffects;
  readonly #backends: Backends;

  constructor(outside: OutsideEffects, backends: Backends) {
    this.#outside = outside;
    this.#backends = backends;
  }

  get(service: APIService, wanted: WantedDocument, done: Done): void {
    this.from(this.#backends.of(service, wanted.path), service, wanted, done);
  }

  /** Of one that is known already. */
  from(backend: Backend, { spec }: APIService, wanted: WantedDocument, done: Done): void {
    const { path, user, accept, etag, timeoutSeconds, isInsecure = spec?.insecureSkipTLSVerify === true } = wanted;
    const headers = { accept, ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    switch (backend.type) {
      case 'none':
        return done({ fault: backend.fault.fault });
      case 'simulated':
        return collect(backend.api, { method: 'GET', path, query: '', headers, body: NO_BODY, user }, done);
      case 'outside':
        return this.#outside.call(
          {
            method: 'GET',
            url: `${backend.base}${path}`,
            serverName: serviceName(spec?.service ?? {}),
            caBundle: isInsecure ? '' : (spec?.caBundle ?? ''),
            isInsecure,
            isFrontProxy: true,
            timeoutSeconds,
            headers: { ...headers, ...identityHeaders(user) },
            body: NO_BODY,
          },
          done,
        );
    }
  }
}

function collect(api: SimulatedApi, request: WireRequest, done: Done): void {
  api.handle(request, {
    respond: ({ status, headers, body }) => done({ status, headers, body: joined(body) }),
    stream: ({ status, headers }) => {
      const chunks: Uint8Array[] = [];
      return {
        write: (chunk) => void chunks.push(chunk),
        end: () => done({ status, headers, body: joined(chunks) }),
      };
    },
  });
}
