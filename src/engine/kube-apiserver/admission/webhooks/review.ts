/** AdmissionReview, both ways. */
import type { AdmissionResponse } from '../../../machinery/api/admission-v1.js';
import { goQuote } from '../../../machinery/go-text.js';
import { parseJson } from '../../../machinery/json/parse-json.js';
import { DecodeError } from '../../../machinery/schema/decode-error.js';
import { decode } from '../../../machinery/schema/decode.js';
import { StatusError, type FailureStatus } from '../../../machinery/status-error.js';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ParsedObject,
  type ParsedValue,
} from '../../../machinery/structure.js';
import { parseBase64 } from '../../../machinery/cel/values/base64-bytes.js';
import type { TextCodec } from '../../../machinery/text-codec.port.js';
import { goType, typeMetaFault } from '../../decode-body.js';
import type { OutsideResult } from '../../outside/outside-effect.js';
import { structOf } from '../../subresources/object-face.js';
import { asForm, requestOf, type Inputs } from '../matching/inputs.js';
import { reviewVersionOf, type Webhook } from './hooks.js';

export type AnsweredResult = Extract<OutsideResult, { readonly status: number }>;

const GROUP = 'admission.k8s.io';
const KIND = 'AdmissionReview';
const REVIEW = 'k8s.io/api/admission/v1.AdmissionReview';
const VERSIONS: readonly string[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`];
export const PATCH_TYPE = 'JSONPatch';
/** What HTTP has words for. */
const CODE_MAX = 999;

/** What a webhook answered, or what is wrong with its answer, in upstream's words. */
export type ReviewOutcome =
  { readonly answer: ReviewAnswer; readonly fault?: never } | { readonly fault: string; readonly answer?: never };

export interface ReviewAnswer {
  readonly isAllowed: boolean;
  /** Base64; empty for none. */
  readonly patch: string;
  readonly patchType: string;
  readonly refusal: JsonObject | undefined;
  readonly warnings: readonly string[];
  readonly annotations: readonly (readonly [key: string, value: string])[];
}

export function reviewBody(webhook: Webhook, uid: string, inputs: Pick<Inputs, 'attributes' | 'form'>): object {
  const { attributes } = inputs;
  const request = {
    uid,
    ...requestOf(inputs),
    object: asForm(attributes.object, inputs),
    oldObject: asForm(attributes.old, inputs),
  };
  return { kind: 'AdmissionReview', apiVersion: `${GROUP}/${reviewVersionOf(webhook)}`, request };
}

interface Asked {
  readonly uid: string;
  readonly version: string;
  readonly isMutating: boolean;
}

/** `headers` of the answer matter where there is no body. */
export function readReview({ body, status, headers }: AnsweredResult, asked: Asked, text: TextCodec): ReviewOutcome {
  const failed = (why: string): ReviewOutcome => ({ fault: `failed to call webhook: ${why}` });
  if (body.length === 0) {
    const type = textOf(headers?.['content-type'] ?? 'application/json');
    return failed(`0-length response with status code: ${status} and content type: ${type}`);
  }
  const { value, fault } = parseJson(text.decode(body));
  if (fault !== undefined) return failed(`couldn't get version/kind; json parse error: ${fault}`);
  try {
    const unknown = typeFault(value, asked.version);
    if (unknown !== undefined) return failed(unknown);
    const { response } = decode(structOf(REVIEW), value, { strict: false }).object;
    const invalid = faultOf(value as ParsedObject, response, asked);
    if (invalid !== undefined) return { fault: `received invalid webhook response: ${invalid}` };
    return { answer: answerOf(response as AdmissionResponse & JsonObject, asked) };
  } catch (error) {
    if (error instanceof DecodeError) return failed(error.message);
    throw error;
  }
}

/** What upstream's codec says to a body that is something else. */
function typeFault(value: ParsedValue, version: string): string | undefined {
  const fault = typeMetaFault(value);
  if (fault !== undefined) return `couldn't get version/kind; json parse error: ${fault}`;
  if (!isJsonObject(value)) return undefined;
  const apiVersion = textOf(value['apiVersion']) || `${GROUP}/${version}`;
  const kind = textOf(value['kind']) || KIND;
  if (kind !== KIND || !VERSIONS.includes(apiVersion)) {
    return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
  }
  const given = apiVersion.slice(GROUP.length + 1);
  if (given === version) return undefined;
  return `converting (${given}.${KIND}) to (${version}.${KIND}): unknown conversion`;
}

/** Only the newer version is asked who it is, and what it means. */
function faultOf(
  review: ParsedObject,
  response: JsonValue | undefined,
  { uid, version, isMutating }: Asked,
): string | undefined {
  if (!isJsonObject(response)) return 'webhook response was absent';
  if (version !== 'v1') return undefined;
  const given = textOf(response['uid']);
  if (given !== uid) return `expected response.uid=${goQuote(uid)}, got ${goQuote(given)}`;
  const [apiVersion, kind] = [textOf(review['apiVersion']), textOf(review['kind'])];
  if (apiVersion === '' || kind === '') {
    const type = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    return `expected webhook response of ${GROUP}/v1, Kind=${KIND}, got ${type}, Kind=${kind}`;
  }
  const { patch = '', patchType } = response;
  if (!isMutating) {
    if (patch !== '') return 'validating webhook may not return response.patch';
    return patchType === undefined ? undefined : 'validating webhook may not return response.patchType';
  }
  if (patch !== '' && patchType === undefined) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && patchType !== undefined) return 'webhook returned response.patchType but not response.patch';
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function answerOf(response: AdmissionResponse & JsonObject, { version, isMutating }: Asked): ReviewAnswer {
  const { allowed, patch = '', patchType = PATCH_TYPE, status, warnings = [], auditAnnotations = {} } = response;
  return {
    isAllowed: allowed,
    patch: isMutating ? patch : '',
    patchType: version === 'v1' ? patchType : PATCH_TYPE,
    refusal: status as JsonObject | undefined,
    warnings,
    annotations: Object.entries(auditAnnotations),
  };
}

export type PatchOutcome =
  | { readonly operations: ParsedValue | undefined; readonly fault?: never }
  | { readonly fault: string; readonly operations?: never };

/** The operations of a patch; `undefined` for none. */
export function patchOperations({ patch }: ReviewAnswer, text: TextCodec): PatchOutcome {
  if (patch === '') return { operations: undefined };
  const { value, fault } = parseJson(text.decode(parseBase64(patch)!));
  const why = fault ?? (Array.isArray(value) || value === null ? undefined : misfitOf(value));
  if (why !== undefined) return { fault: `received undecodable patch in webhook response: ${why}` };
  return { operations: Array.isArray(value) && value.length > 0 ? value : undefined };
}

const misfitOf = (value: ParsedValue): string =>
  `json: cannot unmarshal ${goType(value)} into Go value of type jsonpatch.Patch`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a refusal reads like: the webhook's own Status, marked as its. */
export function refusalOf(name: string, given: JsonObject | undefined): StatusError {
  const deniedBy = `admission webhook ${goQuote(name)} denied the request`;
  const { status: _status, ...told } = given ?? {};
  const [message, reason] = [told['message'], told['reason']].map((each) => (typeof each === 'string' ? each : ''));
  const why = message !== '' ? `: ${message ?? ''}` : reason !== '' ? `: ${reason ?? ''}` : ' without explanation';
  const { code: own } = told;
  const code = typeof own !== 'number' || own < 400 ? 400 : own > CODE_MAX ? 500 : own;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${deniedBy}${why}`,
    ...(reason === '' ? {} : { reason }),
    ...(told['details'] === undefined ? {} : { details: told['details'] }),
    code,
  } as FailureStatus);
}
