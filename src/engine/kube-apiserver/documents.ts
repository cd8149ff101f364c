/** The paths that name no resource: discovery, OpenAPI, health, version, the index. */
import { genericMethodNotAllowed, genericNotFound } from '../machinery/status-error.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { apiVersionOf } from '../machinery/object.js';
import { RemoteDiscovery } from './aggregation/remote-discovery.js';
import type { RemoteOpenApi } from './aggregation/remote-open-api.js';
import type { RemoteServices } from './aggregation/remote-services.js';
import { type Answers, withHeader } from './answers.js';
import { bodyOf } from './encoding/body.js';
import { healthPaths, healthText } from './health.js';
import type { KindRegistry } from './kind-registry.js';
import { checkRoute, type FormRule, negotiate, untyped } from './negotiation/negotiation.js';
import type { RequestContext } from './request-context.js';
import type { OtherTarget } from './routing.js';
import { openApiAnswer } from './openapi/openapi-answer.js';
import type { OpenApiSource } from './openapi/openapi-source.port.js';
import type { PublishedDocuments, SharedDocuments } from './shared-documents.js';
import { versionInfo } from './version.js';
import type { WireResponse } from './wire.js';

type OtherRequest = RequestContext<OtherTarget>;

interface DocumentsParts {
  readonly registry: KindRegistry;
  readonly answers: Answers;
  readonly shared: SharedDocuments;
  readonly text: TextCodec;
  readonly remote: RemoteServices | undefined;
  readonly remoteOpenApi: RemoteOpenApi | undefined;
}

const NOT_FOUND = '404 page not found\n';
/** `/apis/<group>/<version>` */
const VERSION_PATH_PARTS = 4;
const FIXED_PATHS = ['/apis/', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version'];

export class Documents {
  readonly #parts: DocumentsParts;
  readonly #remote: RemoteDiscovery | undefined;

  constructor(parts: DocumentsParts) {
    this.#parts = parts;
    if (parts.remote !== undefined) this.#remote = new RemoteDiscovery(parts.remote, parts.text);
  }

  /** @throws StatusError 404, 405, 406 */
  answer(context: OtherRequest): WireResponse {
    switch (context.target.type) {
      case 'discovery':
        return this.#discovery(context);
      case 'health':
        return this.#health(context);
      case 'version':
        return this.#version(context);
      case 'index':
        return this.#index(context);
      case 'openapi':
        return openApiAnswer(context, this.#openApi);
      case 'metrics':
      case 'debug':
      case 'identity':
        return this.#parts.answers.text(404, NOT_FOUND);
    }
  }

  #discovery(context: OtherRequest): WireResponse {
    const { path } = context.target;
    const documents = this.#published.discovery;
    const isRoot = path === '/api' || path === '/apis';
    // Upstream serves group lists and groups outside its routes: by any method, and without a look at the types first.
    if (path.startsWith('/api/') || path === '/api' || path.split('/').length === VERSION_PATH_PARTS) {
      if (context.request.method !== 'GET') throw genericMethodNotAllowed();
      checkRoute(context, 'object');
    }
    if (isRoot && !isTrailing(context)) {
      const negotiated = negotiate(context, aggregatedForm);
      if (negotiated?.form !== undefined) {
        const own = documents.aggregated(path);
        const { hash, body } = path === '/api' ? own : (this.#remote?.aggregated(own) ?? own);
        return this.#tagged(context, hash, () => {
          const response = this.#parts.answers.encoded(context, body, negotiated);
          return withHeader(response, 'content-type', `${negotiated.encoder.mediaType};${AGGREGATED_PARAMETERS}`);
        });
      }
    }
    const own = documents.at(path);
    const body = path.startsWith('/apis') ? (this.#remote?.at(path, own) ?? own) : own;
    if (body === undefined) throw genericNotFound();
    return this.#parts.answers.document(context, body);
  }

  /** With an ETag; 304 for whoever has the document already. */
  #tagged(context: OtherRequest, hash: string, make: () => WireResponse): WireResponse {
    const tag = `"${hash}"`;
    const isKnown = context.request.headers['if-none-match'] === tag;
    const response = isKnown ? { status: 304, headers: {}, body: [], revision: 0 } : make();
    return withHeader(withHeader(response, 'etag', tag), 'vary', 'Accept');
  }

  #health(context: OtherRequest): WireResponse {
    const { path } = context.target;
    const text = isTrailing(context) ? undefined : healthText(path, context.query);
    return text === undefined ? this.#parts.answers.text(404, NOT_FOUND) : this.#parts.answers.text(200, text);
  }

  #version(context: OtherRequest): WireResponse {
    if (context.request.method !== 'GET') throw genericMethodNotAllowed();
    checkRoute(context, 'version');
    return this.#parts.answers.encoded(context, bodyOf(versionInfo, this.#parts.text), negotiate(context, untyped));
  }

  get #openApi(): OpenApiSource {
    const { openApi } = this.#published;
    return this.#parts.remoteOpenApi?.over(openApi) ?? openApi;
  }

  get #published(): PublishedDocuments {
    return this.#parts.shared.of(this.#parts.registry);
  }

  #index(context: OtherRequest): WireResponse {
    const apis = this.#parts.registry.groups().flatMap(({ group, versions }) => {
      const root = group === '' ? '/api' : '/apis';
      const served = versions.map(({ version }) => `${root}/${apiVersionOf({ group, version })}`);
      return group === '' ? [root, ...served] : [root, `/apis/${group}`, ...served];
    });
    const paths = [...new Set([...apis, ...FIXED_PATHS, ...healthPaths()])].sort();
    return this.#parts.answers.encoded(context, bodyOf({ paths }, this.#parts.text), undefined);
  }
}

const AGGREGATED_PARAMETERS = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Takes the aggregated form only, so that it is preferred to a plain one named before it. */
const aggregatedForm: FormRule<'aggregated'> = (requested) =>
  requested?.group === 'apidiscovery.k8s.io' && requested.version === 'v2' && requested.kind === 'APIGroupDiscoveryList'
    ? 'aggregated'
    : 'refused';

const isTrailing = ({ request: { path } }: OtherRequest): boolean => path.length > 1 && path.endsWith('/');
