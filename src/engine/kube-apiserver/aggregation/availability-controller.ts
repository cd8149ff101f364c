/**
 * Whether the servers behind APIServices are there. Mirrors the aggregator's controller of remote availability; left out: it
 * asks once, not five times at once.
 */
import { apiService } from '../../kinds/api-service.js';
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { service as serviceKind } from '../../kinds/service.js';
import { seconds, timestamp } from '../../kernel/clock.js';
import type { Simulation, Timer } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { APIService, APIServiceCondition } from '../../machinery/api/apiregistration-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import { isJsonObject, type JsonObject } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { plainJson } from '../ownership/plain-json.js';
import type { OutsideEffects } from '../outside/outside-effects.js';
import type { RemoteServices } from './remote-services.js';
import { serviceFault, serviceName } from './service-endpoint.js';
import { identityHeaders } from './service-proxy.js';

const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
const CHECKER = Object.freeze({ username: 'system:kube-aggregator', groups: [ALL_POWERFUL_GROUP] });
const TIMEOUT_SECONDS = 5;
/** A server outside is looked at so often: nothing tells when it comes or goes. */
const CHECK_INTERVAL = seconds(30);
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const PASSED = { status: 'True', reason: 'Passed', message: 'all checks passed' } as const;

interface AvailabilityOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly outside: OutsideEffects;
  readonly remote: RemoteServices;
  readonly text: TextCodec;
}

type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

export class AvailabilityController {
  readonly #options: AvailabilityOptions;
  readonly #queue: WorkQueue;
  /** By name: the next look at a server outside. */
  readonly #checks = new Map<string, Timer>();
  #isWatching = false;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.simulation, (name) => this.#work(name));
  }

  start(): void {
    const { remote } = this.#options;
    remote.subscribe((name) => this.#changed(name));
    for (const { metadata } of remote.all()) this.#changed(metadata.name);
  }

  #changed(name: string): void {
    this.#watchServices();
    this.#queue.add(name);
  }

  /** Only a cluster with such APIServices looks at the changes of its Services. */
  #watchServices(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { api } = this.#options;
    api.subscribe(serviceKind, ({ object }) => this.#touched(object, object.metadata.name));
    api.subscribe(endpointSlice, ({ object }) =>
      this.#touched(object, object.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''),
    );
  }

  #touched({ metadata: { namespace = '' } }: KubeObject, name: string): void {
    for (const { metadata, spec } of this.#options.remote.all()) {
      if (spec?.service?.name === name && spec.service.namespace === namespace) this.#queue.add(metadata.name);
    }
  }

  #work(name: string): void {
    const { api, outside } = this.#options;
    const service = api.get(apiService, name);
    this.#checks.get(name)?.cancel();
    this.#checks.delete(name);
    this.#queue.forget(name);
    const { service: reference, group = '', version = '' } = service?.spec ?? {};
    if (service === undefined || reference === undefined) return;
    const path = `/apis/${group}/${version}`;
    const base = outside.serviceUrl(`${reference.namespace ?? ''}/${reference.name ?? ''}`);
    if (base !== undefined) return this.#ask(service, `${base.replace(/\/$/, '')}${path}`, serviceName(reference));
    this.#options.remote.noteResources(service, undefined);
    const { reason, message } = serviceFault(reference, api, path);
    this.#tell(name, { status: 'False', reason, message });
  }

  #ask(service: APIService, url: string, host: string): void {
    const { outside, simulation, remote, text } = this.#options;
    const { name } = service.metadata;
    const call = {
      url,
      serverName: host,
      caBundle: '',
      // Who it is does not matter yet: nothing is told to it.
      isInsecure: true,
      timeoutSeconds: TIMEOUT_SECONDS,
      method: 'GET',
      headers: { ...identityHeaders(CHECKER), accept: 'application/json' },
      body: new Uint8Array(),
    };
    outside.call(call, ({ status = 0, fault, body }) => {
      this.#checks.get(name)?.cancel();
      this.#checks.set(
        name,
        simulation.after(CHECK_INTERVAL, () => this.#queue.add(name)),
      );
      const isGood = status >= 200 && status < 300;
      const said = isGood && body !== undefined ? parseJson(text.decode(body)).value : undefined;
      remote.noteResources(service, isJsonObject(said) ? (plainJson(said) as JsonObject) : undefined);
      if (isGood) return this.#tell(name, PASSED);
      const why = fault === undefined ? `bad status from ${url}: ${status}` : `Get ${goQuote(url)}: ${fault}`;
      const message = `failing or missing response from ${url}: ${why}`;
      this.#tell(name, { status: 'False', reason: 'FailedDiscoveryCheck', message });
    });
  }

  #tell(name: string, verdict: Verdict): void {
    const { api, simulation } = this.#options;
    const service = api.get(apiService, name);
    if (service?.spec?.service === undefined) return;
    const status = statusWith(service, verdict, timestamp(simulation.now));
    if (deepEqual(status, service.status)) return;
    const object = { ...service, status };
    const call = { verb: 'update', user: USER, fieldManager: 'kube-apiserver', kind: apiService, object } as const;
    api.call({ ...call, subresource: 'status' }, ({ error }) => {
      if (error !== undefined && error.code !== 404) this.#queue.addRateLimited(name);
    });
  }
}

function statusWith({ status }: APIService, verdict: Verdict, now: string): NonNullable<APIService['status']> {
  const conditions = status?.conditions ?? [];
  const former = conditions.find(({ type }) => type === 'Available');
  const since = former?.status === verdict.status ? former.lastTransitionTime : undefined;
  const condition: APIServiceCondition = { type: 'Available', ...verdict, lastTransitionTime: since ?? now };
  if (former === undefined) return { ...status, conditions: [...conditions, condition] };
  return { ...status, conditions: conditions.map((each) => (each === former ? condition : each)) };
}
