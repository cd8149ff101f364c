// Mirrors kube-apiserver: one pipeline for every kind from its definition (route, authorise, decode, admit, strategy, store,
// encode), over HTTP, over object watches and in process. Authentication is hosting's: a request says who sends it.
// Left out for now: priority and fairness, audit, and streams through other servers.
import { customResourceDefinition } from '../kinds/custom-resource-definition.js';
import type { ResourceApi } from '../machinery/resource-api.port.js';
import { AdmissionChain } from './admission/admission-chain.js';
import { AvailabilityController } from './aggregation/availability-controller.js';
import { Backends } from './aggregation/backends.js';
import { RemoteFetch } from './aggregation/remote-fetch.js';
import { RemoteOpenApi } from './aggregation/remote-open-api.js';
import { RemoteServices } from './aggregation/remote-services.js';
import { SimulatedApis } from './aggregation/simulated-apis.js';
import { Answers } from './answers.js';
import type { ApiServerOptions } from './api-server-options.js';
import { auditedWatch } from './audit/audited-watch.js';
import { Auditor } from './audit/auditor.js';
import { AuthenticationTrust } from './authentication/authentication-trust.js';
import { LegacyTokenTracking } from './authentication/legacy-token-tracking.js';
import { LegacyTokenUse } from './authentication/legacy-token-use.js';
import { ClusterAuthentication } from './authentication/cluster-authentication.js';
import type { Authorizer } from './authorizer.port.js';
import { ClusterAuthorizer } from './authorization/cluster-authorizer.js';
import { Conversions } from './custom-resources/conversions.js';
import { DefinitionController } from './custom-resources/definition-controller.js';
import { DefinitionRegistration } from './custom-resources/definition-registration.js';
import { Definitions } from './custom-resources/definitions.js';
import { Dispatcher } from './dispatcher.js';
import { FlowControl } from './flow-control/flow-control.js';
import { FlowSchemaStatuses } from './flow-control/flow-schema-statuses.js';
import { objectStats } from './flow-control/object-stats.js';
import { KindRegistry } from './kind-registry.js';
import { OutsideEffects } from './outside/outside-effects.js';
import { Applier } from './ownership/applier.js';
import { FieldTracker } from './ownership/field-tracker.js';
import { Reads } from './reads/reads.js';
import { InProcessApi } from './resource-api.js';
import type { ServerParts } from './server-parts.js';
import { SharedParts } from './shared-parts.js';
import { KindFeeds } from './storage/kind-feeds.js';
import { ResourceStorage } from './storage/resource-storage.js';
import { StorageReader } from './storage/storage-reader.js';
import { actionOf } from './subresources/registry.js';
import type { ObjectWatchRequest, ObjectWatchSink } from './watch/object-watch.js';
import type { WireCall, WireReply, WireRequest, WireResponse } from './wire.js';
import { EventLeases } from './writes/event-leases.js';
import { ObjectDeleter } from './writes/object-deleter.js';
import { WriteAdmission } from './writes/write-admission.js';
import { ObjectWriter } from './writes/object-writer.js';
import { StatusWriter } from './writes/status-writer.js';

export class ApiServer {
  /** The door for components of the same cluster. */
  readonly resources: ResourceApi;
  /** What is served; custom resources are added to it. */
  readonly registry: KindRegistry;
  readonly storage: ResourceStorage;
  /** What is under way outside the cluster; results come in here. */
  readonly outside: OutsideEffects;
  /** Parts of the simulation that serve API groups behind Services. */
  readonly simulatedApis = new SimulatedApis();
  /** Who the bearers of the cluster's tokens are. */
  readonly authentication: ClusterAuthentication;
  /** Who may do what. */
  readonly authorizer: Authorizer;
  /** Tells of requests what the audit policy says. */
  readonly auditor: Auditor;
  /** Priority and fairness among the requests from outside. */
  readonly #flowControl: FlowControl;
  readonly #remote: RemoteServices;
  readonly #backends: Backends;
  readonly #dispatcher: Dispatcher;
  readonly #reads: Reads;

  constructor(options: ApiServerOptions) {
    const { store, simulation, text, heartbeats, logs, sessions } = options;
    const shared = options.shared ?? new SharedParts(options.kinds, text);
    const storage = new ResourceStorage(store, text, shared.common);
    const registry = new KindRegistry(shared.table);
    const feeds = new KindFeeds(storage);
    const reader = new StorageReader(storage, feeds);
    const authorizer = options.authorizer ?? new ClusterAuthorizer(reader);
    const answers = new Answers({ text, now: () => simulation.now, revision: () => storage.revision });
    const { policies, conditions, faces, documents, ownership } = shared;
    const fields = new FieldTracker(ownership, () => simulation.now);
    const statuses = new StatusWriter(storage, fields);
    const outside = new OutsideEffects(options.outside);
    this.outside = outside;
    const conversions = new Conversions({ storage, reader, outside, text, simulation });
    const services = { registry, authorizer, text, policies, conditions, outside, statuses, conversions };
    const chain = new AdmissionChain(shared.admission, services);
    const admission = new WriteAdmission({ chain, simulation, reader });
    const applier = new Applier(ownership, fields);
    const toStore = { storage, reader, simulation, admission, conversions };
    const deleter = new ObjectDeleter(toStore);
    const eventLeases = new EventLeases(storage, simulation);
    const writer = new ObjectWriter({ ...toStore, eventLeases, deleter, fields, specForms: shared.specForms });
    const { tokenKeys: keys, hostTokens } = options;
    const legacyUse = new LegacyTokenUse({ storage, fields, simulation });
    const authentication = new ClusterAuthentication({ reader, simulation, text, keys, legacyUse, hostTokens });
    const backends = new Backends({ outside, reader, apis: this.simulatedApis });
    const common = { registry, storage, reader, simulation, text, answers, authentication, conversions };
    const asking = { outside, backends };
    const parts: ServerParts = {
      ...common,
      ...asking,
      admission,
      writer,
      deleter,
      fields,
      applier,
      specs: shared.specs,
      logs,
      sessions,
    };
    const remote = new RemoteServices(storage);
    const fetch = new RemoteFetch(outside, backends);
    const remoteOpenApi = new RemoteOpenApi({ remote, fetch, registry, simulation, text });
    this.#reads = new Reads({
      storage,
      registry,
      simulation,
      text,
      answers,
      heartbeats,
      documents,
      conversions,
      remote,
      remoteOpenApi,
    });
    const revision = (): number => storage.revision;
    const auditor = new Auditor({ ...options.audit, simulation, reader, authorizer, revision });
    this.auditor = auditor;
    this.resources = new InProcessApi({ parts, feeds, faces, auditor, action: actionOf });
    const send = (request: WireRequest, done: (response: WireResponse) => void): void =>
      void this.handle(request, { respond: done, stream: () => ({ write: () => undefined, end: () => undefined }) });
    this.#flowControl = new FlowControl({
      api: this.resources,
      simulation,
      text,
      statsOf: (request) => objectStats(request, registry, storage),
      statuses: new FlowSchemaStatuses({ api: this.resources, simulation, text, send }),
      templates: options.flowTemplates,
    });
    const flowControl = this.#flowControl;
    const reads = this.#reads;
    this.#dispatcher = new Dispatcher({
      parts,
      faces,
      reads,
      authorizer,
      remote,
      remoteOpenApi,
      flowControl,
      auditor,
    });
    if (shared.table.kinds.includes(customResourceDefinition)) {
      const definitions = new Definitions({ storage, registry, kinds: shared.customKinds });
      new DefinitionController({ api: this.resources, simulation, definitions }).start();
      new DefinitionRegistration(this.resources, simulation).start();
    }
    const asked = { remote, apis: this.simulatedApis, backends, fetch, openApi: remoteOpenApi, text };
    new AvailabilityController({ api: this.resources, simulation, ...asked }).start();
    if (options.requestTrust !== undefined) {
      new AuthenticationTrust(this.resources, simulation, options.requestTrust).start();
    }
    new LegacyTokenTracking(this.resources, simulation).start();
    this.#remote = remote;
    this.#backends = backends;
    this.authentication = authentication;
    this.authorizer = authorizer;
    this.registry = registry;
    this.storage = storage;
  }

  /** Answers one HTTP request: at once, or later where admission asks outside; a watch or followed log streams until it is cancelled. */
  handle(request: WireRequest, reply: WireReply): WireCall {
    return this.#dispatcher.handle(request, reply);
  }

  /** Whether a server outside answers for the path: the request's body is for that alone then. */
  isForwarded(path: string): boolean {
    const service = this.#remote.serviceOf(path);
    return service !== undefined && this.#backends.of(service).type === 'outside';
  }

  /** Time stands still for now: no request may wait for it. */
  standStill(): void {
    this.#flowControl.standStill();
  }

  /** A watch of objects below HTTP. Refusals reach the sink. */
  watch(request: ObjectWatchRequest, sink: ObjectWatchSink): WireCall {
    const record = this.auditor.watched(request);
    if (record === undefined) return this.#reads.observe(request, sink);
    return auditedWatch(record, sink, (audited) => this.#reads.observe(request, audited));
  }
}
