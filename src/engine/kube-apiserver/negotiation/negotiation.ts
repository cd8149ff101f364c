/**
 * Which form an answer takes: mirrors go-restful's check of the route and apiserver's content negotiation after it.
 * What protobuf has no form for (Tables, OpenAPI) is negotiated without it.
 */
import type { FailureStatus } from '../../machinery/status-error.js';
import { notAcceptableTypes, StatusError } from '../../machinery/status-error.js';
import type { BodyEncoder } from '../encoding/body-encoder.js';
import { jsonEncoder } from '../encoding/json-encoder.js';
import { encoders } from '../encoding/registry.js';
import { Query } from '../query.js';
import type { ResourceTarget } from '../routing.js';
import type { MediaRange } from './accept-header.js';
import { parseAccept } from './accept-header.js';

/** The form that `as`, `g` and `v` of a media range ask for. */
interface RequestedForm {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export type MetadataForm = 'PartialObjectMetadata' | 'PartialObjectMetadataList';
export interface ObjectForm {
  readonly kind: 'Table' | MetadataForm;
  /** Of `meta.k8s.io`. */
  readonly version: 'v1' | 'v1beta1';
}

export interface Negotiated<Form> {
  readonly encoder: BodyEncoder;
  readonly form: Form | undefined;
  readonly isPretty: boolean;
}

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
/** Of routes that give something else than objects. */
const ROUTE_TYPES: Readonly<Record<'version' | 'log' | 'keys', readonly string[]>> = {
  version: ['application/json'],
  log: ['text/plain', ...MEDIA_TYPES],
  keys: ['application/jwk-set+json'],
};
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const HUMAN_AGENTS = ['curl', 'Wget', 'Mozilla/5.0'];
const FORM_KINDS: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];

/** What negotiation looks at. */
interface Negotiable {
  readonly request: {
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly query: string;
  };
  /** Custom resources have no protobuf; their metadata alone does. */
  readonly target?: object;
}

/** @throws StatusError 406 when no route of the path gives what `Accept` names. Its parameters are not looked at. */
export function checkRoute(
  { request: { headers } }: Negotiable,
  kind: 'object' | 'collection' | keyof typeof ROUTE_TYPES,
): void {
  const accept = headers['accept'] ?? '';
  if (accept === '') return;
  const given = kind === 'object' || kind === 'collection' ? MEDIA_TYPES : ROUTE_TYPES[kind];
  if (accept === '*/*' || given.includes(accept)) return;
  for (const range of accept.split(',')) {
    const type = range.split(';', 1)[0]!.trim();
    if (type === '*/*' || given.includes(type)) return;
  }
  const named = kind === 'collection' ? [...MEDIA_TYPES, ...STREAM_TYPES] : given;
  throw new StatusError(notAcceptableRoute(named));
}

/** The form of an object, list or table. @throws StatusError 406 */
export function negotiateObject(context: Negotiable): Negotiated<ObjectForm> {
  return required(negotiate(context, ruleFor(context)));
}

/** The form of what upstream can make no table of. @throws StatusError 406 */
export function negotiateUntabled(context: Negotiable): Negotiated<ObjectForm> {
  return required(negotiate(context, untabledForm));
}

/** An answer that has one form only. @throws StatusError 406 */
export function negotiatePlain(context: Negotiable): Negotiated<never> {
  return required(negotiate(context, noForm));
}

/** The form of a watch's events. @throws StatusError 406 */
export function negotiateStream(context: Negotiable): Negotiated<ObjectForm> {
  const negotiated = negotiate(context, ruleFor(context));
  if (negotiated?.encoder.canStream !== true) throw notAcceptableTypes(STREAM_TYPES);
  return negotiated;
}

/** How an error is told: JSON where the client accepts nothing that is given. */
export const negotiateError = (context: Negotiable): Negotiated<never> =>
  negotiate(context, noForm) ?? { encoder: jsonEncoder, form: undefined, isPretty: isPretty(context, undefined) };

/** What a requested form means to an endpoint: `refused` makes negotiation pass over the media range. */
export type FormRule<Form> = (requested: RequestedForm | undefined, encoder: BodyEncoder) => Form | 'plain' | 'refused';

/** The best that both sides can; `undefined` when there is nothing. */
export function negotiate<Form>(context: Negotiable, rule: FormRule<Form>): Negotiated<Form> | undefined {
  const accept = context.request.headers['accept'] ?? '';
  if (accept === '') return { encoder: jsonEncoder, form: undefined, isPretty: isPretty(context, undefined) };
  for (const range of parseAccept(accept)) {
    for (const encoder of encoders) {
      if (!covers(range, encoder.mediaType)) continue;
      const stream = range.parameters.get('stream') ?? '';
      if (stream !== '' && (stream !== 'watch' || !encoder.canStream)) continue;
      if ((range.parameters.get('sv') ?? '') !== '') continue;
      const form = rule(requestedForm(range), encoder);
      if (form === 'refused') continue;
      return { encoder, form: form === 'plain' ? undefined : form, isPretty: isPretty(context, range) };
    }
  }
  return undefined;
}

/** For what is no API object. */
export const untyped: FormRule<never> = (requested, { isTyped }) =>
  requested === undefined && !isTyped ? 'plain' : 'refused';

const noForm: FormRule<never> = (requested) => (requested === undefined ? 'plain' : 'refused');

const objectForm: FormRule<ObjectForm> = (requested, { isTyped }) => {
  if (requested === undefined) return 'plain';
  const { group, version, kind } = requested;
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return 'refused';
  if (isTyped && kind === 'Table') return 'refused';
  return FORM_KINDS.includes(kind) ? { kind: kind as ObjectForm['kind'], version } : 'refused';
};

const customForm: FormRule<ObjectForm> = (requested, encoder) =>
  requested === undefined && encoder.isTyped ? 'refused' : objectForm(requested, encoder);

function ruleFor({ target }: Negotiable): FormRule<ObjectForm> {
  const { kind, subresource } = (target ?? {}) as Partial<ResourceTarget>;
  return kind?.custom !== undefined && subresource !== 'scale' ? customForm : objectForm;
}

const untabledForm: FormRule<ObjectForm> = (requested, encoder) =>
  requested?.kind === 'Table' ? 'refused' : objectForm(requested, encoder);

function requestedForm({ parameters }: MediaRange): RequestedForm | undefined {
  const [group, version, kind] = [parameters.get('g'), parameters.get('v'), parameters.get('as')];
  if (group === undefined && version === undefined && kind === undefined) return undefined;
  return { group: group ?? '', version: version ?? '', kind: kind ?? '' };
}

function covers({ type, subtype }: MediaRange, mediaType: string): boolean {
  if (type === '*') return subtype === '*';
  return mediaType === `${type}/${subtype}` || (subtype === '*' && mediaType.startsWith(`${type}/`));
}

/** `pretty` in the query decides; without it, programs that people use get indented text. */
function isPretty({ request: { headers, query } }: Negotiable, range: MediaRange | undefined): boolean {
  if (range?.parameters.get('pretty') === '1') return true;
  const wish = query.includes('pretty') ? (new Query(query).get('pretty') ?? '') : '';
  if (wish !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(wish);
  const agent = headers['user-agent'];
  return agent !== undefined && HUMAN_AGENTS.some((each) => agent.startsWith(each));
}

function required<Form>(negotiated: Negotiated<Form> | undefined): Negotiated<Form> {
  if (negotiated === undefined) throw notAcceptableTypes(MEDIA_TYPES);
  return negotiated;
}

const notAcceptableRoute = (available: readonly string[]): FailureStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
  reason: 'NotAcceptable',
  details: {},
  code: 406,
});
