import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { OutsideEffects } from '../outside/outside-effects.js';
import { connectionFault, serviceBase, serviceFault, type ServiceFault } from './service-endpoint.js';
import type { SimulatedApi } from './simulated-api.port.js';
import type { SimulatedApis } from './simulated-apis.js';

/** What answers for an APIService, at a base URL without a slash at its end. */
export type AnsweringBackend =
  | { readonly type: 'outside'; readonly base: string }
  | { readonly type: 'simulated'; readonly base: string; readonly api: SimulatedApi };
export type Backend = AnsweringBackend | { readonly type: 'none'; readonly fault: ServiceFault };

interface BackendsOptions {
  readonly outside: OutsideEffects;
  readonly reader: Pick<ResourceReader, 'get' | 'list'>;
  readonly apis: SimulatedApis;
}

export class Backends {
  readonly #options: BackendsOptions;

  constructor(options: BackendsOptions) {
    this.#options = options;
  }

  /** `path` is what is asked for, as the words of a failure tell it. */
  of({ spec }: APIService, path = ''): Backend {
    const { outside, reader, apis } = this.#options;
    const reference = spec?.service ?? {};
    const key = `${reference.namespace ?? ''}/${reference.name ?? ''}`;
    const base = outside.serviceUrl(key);
    if (base !== undefined) return { type: 'outside', base: base.replace(/\/$/, '') };
    const fault = serviceFault(reference, reader);
    if (fault !== undefined) return { type: 'none', fault };
    const api = apis.of(key);
    const own = serviceBase(reference, reader);
    return api === undefined
      ? { type: 'none', fault: connectionFault(own, path) }
      : { type: 'simulated', base: own, api };
  }
}
