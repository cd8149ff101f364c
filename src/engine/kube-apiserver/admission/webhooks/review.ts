/** AdmissionReview, both ways. */
import { goQuote } from '../../../machinery/go-text.js';
import { parseJson } from '../../../machinery/json/parse-json.js';
import { StatusError, type FailureStatus } from '../../../machinery/status-error.js';
import { isJsonObject, type ParsedObject, type ParsedValue } from '../../../machinery/structure.js';
import { parseBase64 } from '../../../machinery/cel/values/base64-bytes.js';
import { plainJson } from '../../ownership/plain-json.js';
import type { TextCodec } from '../../../machinery/text-codec.port.js';
import { asForm, requestOf, type Inputs } from '../matching/inputs.js';
import { reviewVersionOf, type Webhook } from './hooks.js';

const GROUP = 'admission.k8s.io';
const PATCH_TYPE = 'JSONPatch';

/** What a webhook answered, or what is wrong with its answer. */
export type ReviewOutcome =
  { readonly answer: ReviewAnswer; readonly fault?: never } | { readonly fault: string; readonly answer?: never };

export interface ReviewAnswer {
  readonly isAllowed: boolean;
  /** Operations of a JSON patch; `undefined` for none. */
  readonly patch: ParsedValue | undefined;
  readonly refusal: ParsedObject | undefined;
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

export function readReview(
  body: Uint8Array,
  { uid, version, isMutating }: { readonly uid: string; readonly version: string; readonly isMutating: boolean },
  text: TextCodec,
): ReviewOutcome {
  const { value, fault } = parseJson(text.decode(body));
  if (fault !== undefined) return { fault: `couldn't get version/kind; json parse error: ${fault}` };
  if (!isJsonObject(value)) return { fault: "couldn't get version/kind; json parse error: json: cannot unmarshal" };
  const { response } = value;
  if (!isJsonObject(response)) return { fault: 'webhook response was absent' };
  const wrong = version === 'v1' ? faultOf(value, response, uid, isMutating) : undefined;
  if (wrong !== undefined) return { fault: wrong };
  const encoded = response['patch'];
  const hasPatch = isMutating && typeof encoded === 'string' && encoded !== '';
  const patch = hasPatch ? patchOf(encoded, text) : undefined;
  if (hasPatch && patch === undefined) return { fault: 'received undecodable patch in webhook response' };
  const { warnings, auditAnnotations, status, allowed } = response;
  return {
    answer: {
      isAllowed: allowed === true,
      patch: Array.isArray(patch) && patch.length === 0 ? undefined : patch,
      refusal: isJsonObject(status) ? status : undefined,
      warnings: Array.isArray(warnings) ? warnings.filter((each) => typeof each === 'string') : [],
      annotations: isJsonObject(auditAnnotations)
        ? Object.entries(auditAnnotations).map(([key, each]) => [key, String(each)] as const)
        : [],
    },
  };
}

function faultOf(review: ParsedObject, response: ParsedObject, uid: string, isMutating: boolean): string | undefined {
  const given = textOf(response['uid']);
  if (given !== uid) return `expected response.uid=${goQuote(uid)}, got ${goQuote(given)}`;
  const [apiVersion, kind] = [textOf(review['apiVersion']), textOf(review['kind'])];
  if (apiVersion !== `${GROUP}/v1` || kind !== 'AdmissionReview') {
    return `expected webhook response of ${GROUP}/v1, Kind=AdmissionReview, got ${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`;
  }
  const patch = textOf(response['patch']);
  const patchType = response['patchType'];
  const hasType = patchType !== undefined && patchType !== null;
  if (!isMutating) {
    if (patch !== '') return 'validating webhook may not return response.patch';
    return hasType ? 'validating webhook may not return response.patchType' : undefined;
  }
  if (patch !== '' && !hasType) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && hasType) return 'webhook returned response.patchType but not response.patch';
  if (patch !== '' && patchType !== PATCH_TYPE) return `unsupported patch type ${goQuote(textOf(patchType))}`;
  return undefined;
}

const textOf = (value: ParsedValue | undefined): string => (typeof value === 'string' ? value : '');

function patchOf(encoded: string, text: TextCodec): ParsedValue | undefined {
  const bytes = parseBase64(encoded);
  return bytes === undefined ? undefined : parseJson(text.decode(bytes)).value;
}

/** What a refusal reads like: the webhook's own Status, marked as its. */
export function refusalOf(name: string, given: ParsedObject | undefined): StatusError {
  const deniedBy = `admission webhook ${goQuote(name)} denied the request`;
  const { status: _status, ...told } = plainJson(given ?? {}) as { readonly [name: string]: unknown };
  const [message, reason] = [told['message'], told['reason']].map((each) => (typeof each === 'string' ? each : ''));
  const why = message !== '' ? `: ${message ?? ''}` : reason !== '' ? `: ${reason ?? ''}` : ' without explanation';
  const code = typeof told['code'] === 'number' && told['code'] >= 400 ? told['code'] : 400;
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
