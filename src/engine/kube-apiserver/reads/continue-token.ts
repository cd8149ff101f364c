import { decodeBase64Url, encodeBase64Url } from '../../machinery/base64.js';
import { badRequest, type StatusError } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

/** Where a list goes on: after `startKey`'s predecessor, in the snapshot of `revision`; -1 is whatever is newest then. */
export interface ContinueToken {
  readonly revision: number;
  /** Relative to the listed directory; usually the last key given, with a NUL after it. */
  readonly startKey: string;
}

export const NEWEST = -1;
const VERSION = 'meta.k8s.io/v1';

/** Opaque to clients; upstream's form all the same. */
export function encodeContinue({ revision, startKey }: ContinueToken, text: TextCodec): string {
  return encodeBase64Url(text.encode(JSON.stringify({ v: VERSION, rv: revision, start: startKey })));
}

/** @throws StatusError 400 with upstream's words. */
export function decodeContinue(token: string, text: TextCodec): ContinueToken {
  const decoded = decodeBase64Url(token);
  if (decoded.bytes === undefined) throw malformed(`: illegal base64 data at input byte ${decoded.faultAt}`);
  const fields = fieldsOf(text.decode(decoded.bytes), decoded.bytes);
  const { v: version = '', rv: revision = 0, start: startKey = '' } = fields;
  if (version !== VERSION) throw malformed(`: server does not recognize this encoded version ${version}`);
  if (revision === 0) throw malformed(`: incorrect encoded start resourceVersion (version ${VERSION})`);
  if (startKey === '') throw malformed(`: encoded start key empty (version ${VERSION})`);
  const key = startKey.startsWith('/') ? startKey.slice(1) : startKey;
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) throw malformed(`: ${startKey}`);
  return { revision, startKey: key };
}

interface TokenFields {
  readonly v?: string;
  readonly rv?: number;
  readonly start?: string;
}

function fieldsOf(json: string, bytes: Uint8Array): TokenFields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw malformed(`: ${syntaxFault(json, bytes)}`);
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw malformed(`: json: cannot unmarshal ${type} into Go value of type storage.continueToken`);
  }
  for (const [name, type, goType] of FIELDS) {
    const field: unknown = (value as Record<string, unknown>)[name];
    if (field === undefined || field === null || typeof field === type) continue;
    const found = Array.isArray(field) ? 'array' : typeof field === 'boolean' ? 'bool' : typeof field;
    throw malformed(`: json: cannot unmarshal ${found} into Go struct field continueToken.${name} of type ${goType}`);
  }
  return value;
}

const FIELDS = [
  ['v', 'string', 'string'],
  ['rv', 'number', 'int64'],
  ['start', 'string', 'string'],
] as const;

/** What Go's parser says of text that does not even begin as JSON. */
function syntaxFault(json: string, bytes: Uint8Array): string {
  const start = json.search(/[^ \t\r\n]/);
  if (start < 0) return 'unexpected end of JSON input';
  // Go looks at bytes: a byte that is no ASCII is shown as the Latin-1 character of its value.
  const first = String.fromCharCode(bytes[start] ?? 0);
  if (/[{["\d-]|[tfn]/.test(first)) return 'unexpected end of JSON input';
  return `invalid character '${first}' looking for beginning of value`;
}

const malformed = (fault: string): StatusError =>
  badRequest(`invalid continue token: continue key is not valid${fault}`);
