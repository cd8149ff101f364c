/** How OpenAPI documents are served: mirrors kube-openapi's handlers and the aggregator's before them. */
import type { RequestContext } from '../request-context.js';
import type { OtherTarget } from '../routing.js';
import { parseAccept } from '../negotiation/accept-header.js';
import type { WireResponse } from '../wire.js';
import type { OpenApiDocument } from './openapi-documents.js';
import type { OpenApiSource } from './openapi-source.port.js';
import type { PublishedBytes } from './published-bytes.js';

type OpenApiRequest = RequestContext<OtherTarget>;

interface Form {
  readonly subtype: string;
  readonly bytes: () => PublishedBytes;
}

const VERSION_3 = '/openapi/v3/';
const PRIVATE = 'no-cache, private';
/** Upstream sends an `Expires` a year from now; a span says the same without a clock. */
const IMMUTABLE = 'public, immutable, max-age=31536000';
const PROTOBUF_2 = 'com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** With an `@`, which is no legal media type: what clients asked for at first, and are never answered with. */
const PROTOBUF_2_DEPRECATED = 'com.github.proto-openapi.spec.v2@v1.0+protobuf';
const PROTOBUF_3 = 'com.github.proto-openapi.spec.v3.v1.0+protobuf';
const PROTOBUF_3_DEPRECATED = 'com.github.proto-openapi.spec.v3@v1.0+protobuf';
/** What is smaller does not gain by it. */
const GZIP_BYTES_MIN = 1_400;

export function openApiAnswer(context: OpenApiRequest, documents: OpenApiSource): WireResponse {
  const { path } = context.target;
  if (path === '/openapi/v2') return version2(context, documents);
  if (path === '/openapi/v3') {
    // Served by name without a content type: the kind of text is guessed.
    return withBytes(context, documents.index().json, { 'content-type': 'text/plain; charset=utf-8' });
  }
  const name = path.startsWith(VERSION_3) ? path.slice(VERSION_3.length) : '';
  const document = documents.version3(name);
  return document === undefined ? empty(404, {}) : version3(context, document, () => documents.version3Protobuf(name)!);
}

function version2(context: OpenApiRequest, documents: OpenApiSource): WireResponse {
  const form = negotiated(context, [
    { subtype: 'json', bytes: () => documents.version2().json },
    { subtype: PROTOBUF_2_DEPRECATED, bytes: () => documents.version2Protobuf() },
    { subtype: PROTOBUF_2, bytes: () => documents.version2Protobuf() },
  ]);
  if (form === undefined) return empty(406, { vary: 'Accept' });
  const subtype = form.subtype === PROTOBUF_2_DEPRECATED ? PROTOBUF_2 : form.subtype;
  const bytes = form.bytes();
  const { hash } = documents.version2();
  return tagged(context, hash, bytes, { 'content-type': `application/${subtype}` });
}

function version3(
  context: OpenApiRequest,
  { hash, json }: OpenApiDocument,
  protobuf: () => PublishedBytes,
): WireResponse {
  const form = negotiated(context, [
    { subtype: 'json', bytes: () => json },
    { subtype: PROTOBUF_3, bytes: protobuf },
    { subtype: PROTOBUF_3_DEPRECATED, bytes: protobuf },
  ]);
  if (form === undefined) return empty(406, { vary: 'Accept' });
  const subtype = form.subtype === PROTOBUF_3_DEPRECATED ? PROTOBUF_3 : form.subtype;
  const headers = { 'content-type': `application/${subtype}` };
  const wanted = context.query.get('hash') ?? '';
  if (wanted === '') return tagged(context, hash, form.bytes(), headers);
  if (wanted !== hash) {
    const location = `${context.target.path}?hash=${hash}`;
    return empty(301, { ...headers, vary: 'Accept', etag: quoted(hash), location });
  }
  return tagged(context, hash, form.bytes(), { ...headers, 'cache-control': IMMUTABLE });
}

/** The first form that the best media range covers. */
function negotiated({ request: { headers } }: OpenApiRequest, forms: readonly Form[]): Form | undefined {
  const accept = headers['accept'] ?? '';
  for (const { type, subtype } of parseAccept(accept === '' ? '*/*' : accept)) {
    if (type !== 'application' && type !== '*') continue;
    const form = forms.find((each) => subtype === '*' || subtype === each.subtype);
    if (form !== undefined) return form;
  }
  return undefined;
}

/** With an ETag; 304 for whoever has the document already. */
function tagged(
  context: OpenApiRequest,
  hash: string,
  bytes: PublishedBytes,
  given: WireResponse['headers'],
): WireResponse {
  const headers = { ...given, vary: 'Accept', etag: quoted(hash) };
  const known = (context.request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(headers.etag) || known.includes('*')) {
    const { 'content-type': _untold, ...rest } = headers as Record<string, string>;
    return empty(304, rest);
  }
  return withBytes(context, bytes, headers);
}

function withBytes({ request }: OpenApiRequest, bytes: PublishedBytes, headers: WireResponse['headers']): WireResponse {
  const takesGzip = /(?:^|[\s,])gzip(?:$|[\s,;])/i.test(request.headers['accept-encoding'] ?? '');
  const compressed = takesGzip && bytes.plain.length >= GZIP_BYTES_MIN ? bytes.compressed : undefined;
  const plain = { 'cache-control': PRIVATE, ...headers };
  if (compressed === undefined) return { status: 200, headers: plain, body: [bytes.plain], revision: 0 };
  const { vary } = headers;
  const varies = typeof vary === 'string' ? `Accept-Encoding, ${vary}` : 'Accept-Encoding';
  const encoded = { ...plain, 'content-encoding': 'gzip', vary: varies };
  return { status: 200, headers: encoded, body: [compressed], revision: 0 };
}

const empty = (status: number, headers: WireResponse['headers']): WireResponse => ({
  status,
  headers: { 'cache-control': PRIVATE, ...headers },
  body: [],
  revision: 0,
});

const quoted = (hash: string): string => `"${hash}"`;
