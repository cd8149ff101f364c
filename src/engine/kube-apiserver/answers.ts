/** Turns objects, lists, statuses and texts into answers in the form that the client asked for. */
import type { Instant } from '../kernel/clock.js';
import { encodeJson } from '../machinery/json/encode-json.js';
import type { Column, Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { Status } from '../machinery/status-error.js';
import { notAcceptable, type StatusError } from '../machinery/status-error.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { BodyText } from './audit/response-text.js';
import { type Body, bodyOf, bodyOfJson } from './encoding/body.js';
import type { BodyEncoder } from './encoding/body-encoder.js';
import { jsonEncoder } from './encoding/json-encoder.js';
import { type Item, listBody, type ListContent } from './encoding/list-body.js';
import { ObjectMessages } from './encoding/object-messages.js';
import {
  checkRoute,
  negotiateError,
  negotiateObject,
  negotiatePlain,
  negotiateUntabled,
  type MetadataForm,
  type Negotiated,
  type ObjectForm,
} from './negotiation/negotiation.js';
import type { AnswerEncoder, ObjectAnswer } from './read-handlers.js';
import type { RequestContext, ResourceRequest } from './request-context.js';
import { includeObjectOf, partialMetadata, type Tabular } from './tables/table.js';
import { type Shown, type TableContent, TableTexts } from './tables/table-json.js';
import { warningHeaders } from './warning-headers.js';
import type { WireHead, WireResponse } from './wire.js';

interface AnswersOptions {
  readonly text: TextCodec;
  /** The cluster's clock: ages in tables are told from it. */
  now(): Instant;
  /** The newest revision: what an error is told of. */
  revision(): number;
}

/** A list on its way out. */
interface ListAnswer extends ListContent {
  /** The newest revision that the answer shows. */
  readonly revision: number;
}

/** An answer whose body is known and not yet encoded. */
interface Encodable {
  readonly status: number;
  readonly body: Body;
  readonly revision: number;
  /** The body, where it is a Status. */
  readonly told?: Status | undefined;
}

const COMMON_HEADERS = Object.freeze({ 'cache-control': 'no-cache, private' });
const TEXT_HEADERS = Object.freeze({
  ...COMMON_HEADERS,
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
});

export class Answers implements AnswerEncoder {
  readonly #options: AnswersOptions;
  /** Of what is stored: watches show the same. */
  readonly messages: ObjectMessages;
  readonly #tables: TableTexts;

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.messages = new ObjectMessages(options.text);
    this.#tables = new TableTexts(options.text);
  }

  object(context: RequestContext, answer: ObjectAnswer): WireResponse {
    const negotiated = negotiateObject(context);
    const { status, revision } = answer;
    return this.#respond(
      context,
      { status, body: this.#objectBody(context, answer, negotiated.form), revision },
      negotiated,
    );
  }

  list(context: RequestContext, kind: Kind, objects: readonly KubeObject[], revision: number): WireResponse {
    const items = objects.map((object): Item => itemOf(object, this.#options.text));
    const metadata = { resourceVersion: String(revision) };
    return this.listing(context, { kind, metadata, items, revision }, negotiateObject(context));
  }

  /** A list whose form is negotiated already: reads do that before they look at the store. */
  listing(context: RequestContext, answer: ListAnswer, negotiated: Negotiated<ObjectForm>): WireResponse {
    const body = this.#listBody(context, answer, negotiated.form);
    return this.#respond(context, { status: 200, body, revision: answer.revision }, negotiated);
  }

  plain(context: RequestContext, status: number, body: object, revision: number): WireResponse {
    const answer = { status, body: bodyOf(body, this.#options.text), revision, told: statusIn(body) };
    return this.#respond(context, answer, negotiateError(context));
  }

  /** An object that is not a stored one, in the form that is asked for. @throws StatusError 406 */
  shown(
    context: RequestContext,
    { status, object, revision }: { readonly status: number; readonly object: KubeObject; readonly revision: number },
    { columns }: { readonly columns?: readonly Column<KubeObject>[] },
  ): WireResponse {
    const negotiated = columns === undefined ? negotiateUntabled(context) : negotiateObject(context);
    const { form } = negotiated;
    const { text } = this.#options;
    const body =
      form === undefined ? bodyOf(object, text) : this.#formOf(context, { object }, form, { columns: columns ?? [] });
    return this.#respond(context, { status, body, revision }, negotiated);
  }

  /** As `plain`, refusing whoever asks for another form. @throws StatusError 406 */
  document(context: RequestContext, body: Body): WireResponse {
    return this.#respond(context, { status: 200, body, revision: 0 }, negotiatePlain(context));
  }

  /** A document in a form that is negotiated already; JSON for everybody unless given. */
  encoded(context: RequestContext, body: Body, negotiated: Negotiated<unknown> | undefined): WireResponse {
    const form = negotiated ?? { encoder: jsonEncoder, isPretty: false };
    return this.#respond(context, { status: 200, body, revision: 0 }, form);
  }

  status(context: RequestContext, status: Status, revision: number): WireResponse {
    const body = bodyOf(status, this.#options.text);
    const answer = { status: status.code ?? 200, body, revision, told: status };
    const response = this.#respond(context, answer, negotiateError(context));
    const seconds = status.details?.retryAfterSeconds ?? 0;
    return seconds === 0 ? response : withHeader(response, 'retry-after', String(seconds));
  }

  error(context: RequestContext, error: StatusError): WireResponse {
    return this.status(context, error.status, this.#options.revision());
  }

  text(status: number, text: string): WireResponse {
    return { status, headers: TEXT_HEADERS, body: [this.#options.text.encode(text)], revision: 0 };
  }

  checkAcceptable(context: ResourceRequest): void {
    const { request, target } = context;
    const isCollectionRead = target.name === undefined && request.method === 'GET';
    // The server of custom resources has no routes of its own to choose among.
    if (target.kind.custom === undefined) {
      checkRoute(context, isCollectionRead || target.isWatchPath ? 'collection' : 'object');
    }
    if (isCollectionRead || target.isWatchPath) return;
    if (hasTable(target)) negotiateObject(context);
    else negotiateUntabled(context);
  }

  #objectBody(context: RequestContext, answer: ObjectAnswer, form: ObjectForm | undefined): Body {
    const { kind } = answer;
    if (form === undefined) return new StoredBody(answer, this.messages, this.#options.text);
    if (form.kind !== 'PartialObjectMetadataList') return this.#formOf(context, answer, form, kind);
    throw wrongForm(form.kind, `not a list (${goTypeOf(kind)})`);
  }

  #formOf(context: RequestContext, shown: Shown, { kind, version }: ObjectForm, columns: Tabular): Body {
    const { object } = shown;
    if (kind !== 'Table') return bodyOf(partialMetadata(object, version), this.#options.text);
    const { resourceVersion } = object.metadata;
    const metadata = resourceVersion === undefined ? {} : { resourceVersion };
    return this.#tableBody(context, { metadata, items: [shown] }, columns, version);
  }

  #listBody(context: RequestContext, content: ListAnswer, form: ObjectForm | undefined): Body {
    const { text } = this.#options;
    const { kind, metadata, items } = content;
    switch (form?.kind) {
      case undefined:
        return listBody(content, this.messages, text);
      case 'PartialObjectMetadata':
        throw wrongForm(form.kind, `a list (${goTypeOf(kind)}List)`);
      case 'PartialObjectMetadataList': {
        const partial = items.map(({ object }) => partialMetadata(object, form.version));
        return bodyOf(
          {
            kind: 'PartialObjectMetadataList',
            apiVersion: `meta.k8s.io/${form.version}`,
            metadata,
            items: partial.length === 0 ? null : partial,
          },
          text,
        );
      }
      case 'Table': {
        return this.#tableBody(context, { metadata, items }, kind, form.version);
      }
    }
  }

  #tableBody({ query }: RequestContext, content: TableContent, columns: Tabular, version: ObjectForm['version']): Body {
    const { text, now } = this.#options;
    const options = { version, include: includeObjectOf(query), now: now() };
    return bodyOfJson(this.#tables.of(columns, content, options), text);
  }

  #respond(
    { warnings, audit }: RequestContext,
    { status, body, revision, told }: Encodable,
    { encoder, isPretty }: { readonly encoder: BodyEncoder; readonly isPretty: boolean },
  ): WireResponse {
    audit?.answered(new BodyText(body, this.#options.text), told);
    const headers = { ...COMMON_HEADERS, 'content-type': encoder.mediaType };
    const response = { status, headers, body: encoder.encode(body, isPretty, this.#options.text), revision };
    return withWarnings(response, warnings);
  }
}

export function withHeader(response: WireResponse, name: string, value: string | readonly string[]): WireResponse {
  return { ...response, headers: { ...response.headers, [name]: value } };
}

/** With a `Warning:` header for each text. */
export function withWarnings<Head extends WireHead>(head: Head, warnings: readonly string[]): Head {
  if (warnings.length === 0) return head;
  const warning = warningHeaders(warnings);
  return warning.length === 0 ? head : { ...head, headers: { ...head.headers, warning } };
}

/** An object that is given as it is stored is neither parsed nor encoded for it. */
class StoredBody implements Body {
  readonly #answer: ObjectAnswer;
  readonly #messages: ObjectMessages;
  readonly #text: TextCodec;

  constructor(answer: ObjectAnswer, messages: ObjectMessages, text: TextCodec) {
    this.#answer = answer;
    this.#messages = messages;
    this.#text = text;
  }

  get value(): unknown {
    return this.#answer.object;
  }

  get json(): Uint8Array {
    return this.#answer.bytes ?? this.#text.encode(encodeJson(this.#answer.object));
  }

  get protobuf(): readonly Uint8Array[] {
    return this.#messages.bodyOf(this.#answer.object);
  }
}

const statusIn = (body: object): Status | undefined =>
  'kind' in body && body.kind === 'Status' ? (body as Status) : undefined;

function itemOf(object: KubeObject, text: TextCodec): Item {
  return {
    object,
    get bytes() {
      return text.encode(encodeJson(object));
    },
  };
}

/** Upstream prints objects, their status and their scale; what is answered and never stored has no table. */
const hasTable = ({ kind, subresource }: ResourceRequest['target']): boolean =>
  kind.isVirtual !== true && (subresource === undefined || subresource === 'status' || subresource === 'scale');

const wrongForm = (form: MetadataForm, what: string): StatusError =>
  notAcceptable(`you requested ${form}, but the requested object is ${what}`);

/** The Go type of upstream's internal object: `*core.ConfigMap`. */
const goTypeOf = ({ group, kind }: Kind): string =>
  `*${group === '' || group === 'events.k8s.io' ? 'core' : group.split('.', 1)[0]!}.${kind}`;
