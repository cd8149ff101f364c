/**
 * OpenAPI of the groups that other servers serve. Mirrors the aggregator's OpenAPI controllers: a document that cannot be had
 * again stays as it was. Left out: a wait that grows with each failure, for asking again is as often as asking whether it is there.
 */
import type { Instant } from '../../kernel/clock.js';
import { minutes } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import { isJsonObject, type JsonObject } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { KindRegistry } from '../kind-registry.js';
import { filteredVersion2 } from '../openapi/merge-version-2.js';
import type { OpenApiDocuments } from '../openapi/openapi-documents.js';
import type { OpenApiSource } from '../openapi/openapi-source.port.js';
import { MergedOpenApi, type RemoteDescription } from './merged-open-api.js';
import { remoteDocument } from './remote-document.js';
import type { RemoteFetch } from './remote-fetch.js';
import type { RemoteServices } from './remote-services.js';

const REFRESH_INTERVAL = minutes(1);
const TIMEOUT_SECONDS = 60;
const ROOT = '/openapi/v3/';
const USER = Object.freeze({ username: 'system:aggregator', groups: [] });
/** Of all servers of a cluster together; what is beyond is not told. */
const BYTES_MAX = 16 * 1_024 * 1_024;
const PATHS_MAX = 1_000;
const URL_LENGTH_MAX = 1_024;

interface Known extends RemoteDescription {
  readonly uid: string;
  readonly askedAt: Instant;
}

interface RemoteOpenApiOptions {
  readonly remote: RemoteServices;
  readonly fetch: RemoteFetch;
  readonly registry: KindRegistry;
  readonly simulation: Simulation;
  readonly text: TextCodec;
}

export class RemoteOpenApi {
  readonly #options: RemoteOpenApiOptions;
  /** By the APIService's name. */
  readonly #known = new Map<string, Known>();
  #merged: MergedOpenApi | undefined;

  constructor(options: RemoteOpenApiOptions) {
    this.#options = options;
  }

  /** Asks a server that is there, unless it has just said. `isForced`: even then. */
  refresh(service: APIService, isForced: boolean): void {
    const { fetch, simulation } = this.#options;
    const { name, uid = '' } = service.metadata;
    const former = this.#formerOf(service);
    if (!isForced && former !== undefined && simulation.now - former.askedAt < REFRESH_INTERVAL) return;
    this.#known.set(name, {
      ...(former ?? { service, uid, paths: undefined, document: undefined }),
      askedAt: simulation.now,
    });
    const common = { user: USER, timeoutSeconds: TIMEOUT_SECONDS };
    fetch.get(service, { ...common, path: '/openapi/v3', accept: '*/*' }, ({ status, body }) => {
      if (status === 404) this.#note(service, { paths: undefined });
      const index = status === 200 ? remoteDocument(body, this.#options.text) : undefined;
      if (index !== undefined) this.#note(service, { paths: pathsIn(index) });
    });
    const { document } = former ?? {};
    const wanted = { ...common, path: '/openapi/v2', accept: 'application/json', etag: document?.etag };
    fetch.get(service, wanted, (result) => {
      if (result.status !== 200) return;
      const tag = result.headers?.['etag'];
      const described = this.#filtered(service, result.body);
      if (described === undefined) return;
      this.#note(service, { document: { json: described, etag: typeof tag === 'string' ? tag : undefined } });
    });
  }

  /** What there is to say of the kinds of the cluster and of others together. */
  over(own: OpenApiDocuments): OpenApiSource {
    const known = this.#alive();
    if (known.length === 0) return own;
    if (this.#merged?.own !== own) this.#merged = undefined;
    this.#merged ??= new MergedOpenApi({
      own,
      known,
      text: this.#options.text,
      serverOf: (path) => this.#serverOf(path),
    });
    return this.#merged;
  }

  /** Who answers for the path of a document (`/openapi/v3/apis/…`); `undefined` for the cluster itself. */
  serviceOf(path: string): APIService | undefined {
    return this.#known.size > 0 && path.startsWith(ROOT) ? this.#serverOf(path.slice(ROOT.length)) : undefined;
  }

  #serverOf(path: string): APIService | undefined {
    const { remote, registry } = this.#options;
    const [root, group = '', version] = path.split('/');
    if (root !== 'apis' || group === '') return undefined;
    const registered = version === undefined ? undefined : remote.serviceOf(`/${path}`);
    const isOwn = version === undefined ? registry.hasGroup(group) : registry.hasVersion(group, version);
    if (registered === undefined && isOwn) return undefined;
    const uids = this.#alive().flatMap(({ uid, paths }) => (paths?.has(path) === true ? [uid] : []));
    if (registered !== undefined) return uids.includes(registered.metadata.uid ?? '') ? registered : undefined;
    // As it is now: what is kept is as it was when it was asked.
    return remote.all().find(({ metadata }) => metadata.uid === uids[0]);
  }

  #formerOf({ metadata: { name, uid = '' } }: APIService): Known | undefined {
    const known = this.#known.get(name);
    return known?.uid === uid ? known : undefined;
  }

  #note(service: APIService, said: Partial<RemoteDescription>): void {
    const former = this.#formerOf(service);
    // It may have gone while it was asked.
    if (former === undefined || !this.#options.remote.isThere(service)) return;
    this.#known.set(service.metadata.name, { ...former, ...said, service });
    this.#merged = undefined;
  }

  /** What a server says of its own group and version; `undefined` where that is nothing, or too much. */
  #filtered(service: APIService, body: Uint8Array): Uint8Array | undefined {
    const { text } = this.#options;
    const { group = '', version = '' } = service.spec ?? {};
    const document = remoteDocument(body, text);
    if (document === undefined) return undefined;
    const prefix = `/apis/${group}/${version}/`;
    const json = text.encode(encodeJson(filteredVersion2(document, (path) => path.startsWith(prefix))));
    const others = this.#alive().filter((each) => each.uid !== service.metadata.uid);
    const bytes = others.reduce((sum, { document: each }) => sum + (each?.json.byteLength ?? 0), json.byteLength);
    return bytes > BYTES_MAX ? undefined : json;
  }

  /** Those that are still registered, in the order in which what they say counts. */
  #alive(): readonly Known[] {
    if (this.#known.size === 0) return [];
    const { remote } = this.#options;
    for (const [name, { service }] of this.#known) {
      if (remote.isThere(service)) continue;
      this.#known.delete(name);
      this.#merged = undefined;
    }
    return [...this.#known.values()].sort(({ service: one }, { service: other }) => compareServices(one, other));
  }
}

const compareServices = (one: APIService, other: APIService): number => {
  const isSameGroup = one.spec?.group === other.spec?.group;
  const first = isSameGroup ? 0 : (one.spec?.groupPriorityMinimum ?? 0);
  const second = isSameGroup ? 0 : (other.spec?.groupPriorityMinimum ?? 0);
  return second - first || (one.metadata.name < other.metadata.name ? -1 : 1);
};

/** The documents of groups and versions, and where they are. */
function pathsIn({ paths }: JsonObject): ReadonlyMap<string, string> {
  const found = Object.entries(isJsonObject(paths) ? paths : {}).flatMap(([path, item]) => {
    const url = isJsonObject(item) ? item['serverRelativeURL'] : undefined;
    if (!path.startsWith('apis/') || path.length > URL_LENGTH_MAX) return [];
    const isUsual = typeof url === 'string' && url.startsWith(ROOT) && url.length <= URL_LENGTH_MAX;
    return [[path, isUsual ? url : `${ROOT}${path}`] as const];
  });
  return new Map(found.slice(0, PATHS_MAX));
}
