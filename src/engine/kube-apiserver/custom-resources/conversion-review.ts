/** ConversionReview, both ways: mirrors the checks of apiextensions' webhook converter, in its words. */
import type { WebhookConversion } from '../../machinery/api/apiextensions-v1.js';
import { aggregateMessage, type FieldError } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { isNumber } from '../../machinery/schema/number-literal.js';
import { isJsonObject, type ParsedObject, type ParsedValue } from '../../machinery/structure.js';
import { encodeObject } from '../storage/encode-object.js';
import { validateAnnotations, validateLabels } from '../strategy/object-metadata.js';

const GROUP = 'apiextensions.k8s.io';
const VERSIONS: readonly string[] = ['v1', 'v1beta1'];
/** What upstream's empty answer reads like, which it sends along. */
const NO_RESPONSE = '{"uid":"","convertedObjects":null,"result":{"metadata":{}}}';

type Texts = Readonly<Record<string, string>>;
type ReviewOutcome =
  | { readonly objects: readonly KubeObject[]; readonly fault?: never }
  /** Behind the name of the kind. */
  | { readonly fault: string; readonly objects?: never };

/** The first version of the webhook's that is known; a definition without one is refused. */
export const reviewVersionOf = ({ conversionReviewVersions }: WebhookConversion): string =>
  conversionReviewVersions.find((each) => VERSIONS.includes(each)) ?? 'v1';

export function conversionReview(version: string, uid: string, kind: Kind, objects: readonly KubeObject[]): string {
  const request = `{"uid":"${uid}","desiredAPIVersion":"${apiVersionOf(kind)}","objects":[${objects.map(encodeObject).join(',')}]}`;
  return `{"kind":"ConversionReview","apiVersion":"${GROUP}/${version}","request":${request},"response":${NO_RESPONSE}}`;
}

interface Asked {
  readonly version: string;
  readonly uid: string;
  /** What the objects were to become. */
  readonly kind: Kind;
  readonly objects: readonly KubeObject[];
}

/** The converted objects, in order, each with the metadata of the one that it was made of but for labels and annotations. */
export function readConversion(text: string, asked: Asked): ReviewOutcome {
  const { value, fault } = parseJson(text);
  if (fault !== undefined) return { fault: ` failed: couldn't get version/kind; json parse error: ${fault}` };
  const review = isJsonObject(value) ? value : {};
  const refusal = refusalOf(review, asked);
  if (refusal !== undefined) return { fault: ` failed: ${refusal}` };
  const { response } = review;
  const given = isJsonObject(response) ? response['convertedObjects'] : undefined;
  const made: readonly ParsedValue[] = Array.isArray(given) ? given : [];
  if (made.length !== asked.objects.length) {
    return { fault: ` returned ${made.length} objects, expected ${asked.objects.length}` };
  }
  const objects: KubeObject[] = [];
  for (const [index, original] of asked.objects.entries()) {
    const { object, fault: wrong } = objectOf(made[index]!, original, asked.kind);
    if (wrong !== undefined) return { fault: wrong };
    objects.push(object);
  }
  return { objects };
}

/** What is wrong with the review as such. The older version is not asked who it is. */
function refusalOf(review: ParsedObject, { version, uid }: Asked): string | undefined {
  const { response } = review;
  const [apiVersion, kind] = [textOf(review['apiVersion']), textOf(review['kind'])];
  if (version === 'v1' && (apiVersion !== `${GROUP}/v1` || kind !== 'ConversionReview')) {
    return `expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${typeText(apiVersion, kind)}`;
  }
  if (!isJsonObject(response)) return 'no response provided';
  const given = textOf(response['uid']);
  if (version === 'v1' && given !== uid) return `expected response.uid=${goQuote(uid)}, got ${goQuote(given)}`;
  const result = isJsonObject(response['result']) ? response['result'] : {};
  const [status, message] = [textOf(result['status']), textOf(result['message'])];
  if (status === 'Success') return undefined;
  return message !== '' ? message : `response.result.status was '${status}', not 'Success'`;
}

type ObjectOutcome =
  { readonly object: KubeObject; readonly fault?: never } | { readonly fault: string; readonly object?: never };

function objectOf(given: ParsedValue, original: KubeObject, target: Kind): ObjectOutcome {
  const made = isJsonObject(given) ? given : {};
  const [apiVersion, kind] = [textOf(made['apiVersion']), textOf(made['kind'])];
  const expected = apiVersionOf(target);
  if (apiVersion !== expected) {
    return {
      fault: ` returned invalid object at index 0: invalid groupVersion (expected ${expected}, received ${apiVersion})`,
    };
  }
  if (kind !== original.kind) {
    return { fault: ` returned invalid object at index 0: invalid kind (expected ${original.kind}, received ${kind})` };
  }
  const other = changedIdentity(made, original);
  if (other !== undefined) return { fault: ` returned invalid object: ${other}` };
  const { metadata, fault } = restoredMetadata(made['metadata'], original);
  if (fault !== undefined) return { fault: ` returned invalid metadata: ${fault}` };
  try {
    const { object } = target.custom!.read({ ...made, metadata: {} }, false);
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...content } = object;
    return { object: { apiVersion, kind, metadata, ...content } };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { fault: ` returned invalid object: ${error.message}` };
  }
}

function changedIdentity(made: ParsedObject, { metadata }: KubeObject): string | undefined {
  const given = isJsonObject(made['metadata']) ? made['metadata'] : {};
  const fields = [
    ['name', metadata.name ?? '', textOf(given['name'])],
    ['namespace', metadata.namespace ?? '', textOf(given['namespace'])],
    ['UID', metadata.uid ?? '', textOf(given['uid'])],
  ] as const;
  const changed = fields.find(([, was, is]) => was !== is);
  return changed && `must have the same ${changed[0]}: ${changed[1]} != ${changed[2]}`;
}

type MetadataOutcome =
  | { readonly metadata: KubeObject['metadata']; readonly fault?: never }
  | { readonly fault: string; readonly metadata?: never };

/** Labels and annotations are all that a webhook may change. */
function restoredMetadata(given: ParsedValue | undefined, { metadata }: KubeObject): MetadataOutcome {
  if (given === undefined) return { fault: 'missing metadata in converted object' };
  if (!isJsonObject(given)) return { fault: `invalid metadata of type ${typeName(given)} in converted object` };
  const { labels: _labels, annotations: _annotations, managedFields, ...rest } = metadata;
  const texts: { labels?: Texts; annotations?: Texts } = {};
  for (const field of ['labels', 'annotations'] as const) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    if (!isJsonObject(value))
      return { fault: `invalid metadata.${field} of type ${typeName(value)} in converted object` };
    const other = Object.entries(value).find(([, each]) => typeof each !== 'string');
    if (other !== undefined) {
      return {
        fault: `metadata.${field}[${other[0]}] must be a string, but is ${typeName(other[1])} in converted object`,
      };
    }
    const errors: FieldError[] = [];
    const note = (error: FieldError): void => void errors.push(error);
    if (field === 'labels') validateLabels(value as Texts, 'metadata.labels', note);
    else validateAnnotations(value as Texts, note, 'metadata.annotation');
    if (errors.length > 0 && !isSame(value as Texts, metadata[field])) return { fault: aggregateMessage(errors) };
    texts[field] = value as Texts;
  }
  return { metadata: { ...rest, ...texts, ...(managedFields === undefined ? {} : { managedFields }) } };
}

function isSame(texts: Texts, former: Texts = {}): boolean {
  const names = Object.keys(texts);
  return names.length === Object.keys(former).length && names.every((name) => texts[name] === former[name]);
}

const textOf = (value: ParsedValue | undefined): string => (typeof value === 'string' ? value : '');

function typeText(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  return `${group ?? ''}/${version ?? ''}, Kind=${kind}`;
}

/** As Go prints the type of what an unstructured object holds. */
function typeName(value: ParsedValue): string {
  if (value === null) return '<nil>';
  if (isNumber(value)) return Number.isInteger(Number(value)) ? 'int64' : 'float64';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      return 'map[string]interface {}';
  }
}
