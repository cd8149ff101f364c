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
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { AnsweringBackend, Backends } from './backends.js';
import type { RemoteFetch } from './remote-fetch.js';
import type { RemoteOpenApi } from './remote-open-api.js';
import type { RemoteServices } from './remote-services.js';
import { fetchVersion } from './remote-versions.js';
import type { SimulatedApis } from './simulated-apis.js';

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
  readonly remote: RemoteServices;
  readonly apis: SimulatedApis;
  readonly backends: Backends;
  readonly fetch: RemoteFetch;
  readonly openApi: RemoteOpenApi;
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
    const { remote, apis } = this.#options;
    remote.subscribe((name) => this.#changed(name));
    apis.subscribe((key) => {
      const [namespace = '', name = ''] = key.split('/', 2);
      this.#touched(namespace, name);
    });
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
    api.subscribe(serviceKind, ({ object: { metadata } }) => this.#touched(metadata.namespace, metadata.name));
    api.subscribe(endpointSlice, ({ object: { metadata } }) =>
      this.#touched(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? ''),
    );
  }

  #touched(namespace: string | undefined, name: string): void {
    for (const { metadata, spec } of this.#options.remote.all()) {
      if (spec?.service?.name === name && spec.service.namespace === namespace) this.#queue.add(metadata.name);
    }
  }

  #work(name: string): void {
    const { api, backends, remote } = this.#options;
    const service = api.get(apiService, name);
    this.#checks.get(name)?.cancel();
    this.#checks.delete(name);
    this.#queue.forget(name);
    const { service: reference, group = '', version = '' } = service?.spec ?? {};
    if (service === undefined || reference === undefined) return;
    const path = `/apis/${group}/${version}`;
    const backend = backends.of(service, path);
    if (backend.type !== 'none') return this.#ask(service, backend, path);
    remote.noteVersion(service, undefined);
    const { reason, message } = backend.fault;
    this.#tell(name, { status: 'False', reason, message });
  }

  #ask(service: APIService, backend: AnsweringBackend, path: string): void {
    const { simulation, remote, fetch } = this.#options;
    const { name } = service.metadata;
    // Who it is does not matter yet: nothing is told to it.
    const wanted = { path, user: CHECKER, accept: '*/*', timeoutSeconds: TIMEOUT_SECONDS, isInsecure: true };
    fetch.from(backend, service, wanted, ({ status = 0, fault }) => {
      if (!remote.isThere(service)) return;
      this.#checks.get(name)?.cancel();
      // A part of the simulation says itself when it comes and goes.
      if (backend.type === 'outside') {
        const again = (): void => this.#queue.add(name);
        this.#checks.set(name, simulation.after(CHECK_INTERVAL, again));
      }
      const isGood = status >= 200 && status < 300;
      if (isGood) this.#learn(service, backend);
      else remote.noteVersion(service, undefined);
      if (isGood) return this.#tell(name, PASSED);
      const url = `${backend.base}${path}`;
      const why = fault === undefined ? `bad status from ${url}: ${status}` : `Get ${goQuote(url)}: ${fault}`;
      const message = `failing or missing response from ${url}: ${why}`;
      this.#tell(name, { status: 'False', reason: 'FailedDiscoveryCheck', message });
    });
  }

  /** What it serves; others are told of it from then on. */
  #learn(service: APIService, backend: AnsweringBackend): void {
    const { remote, fetch, text, openApi } = this.#options;
    const known = remote.versionOf(service).version;
    fetchVersion(fetch, service, { text, known }, (version) => remote.noteVersion(service, version));
    openApi.refresh(service, backend.type === 'simulated');
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
