import type { RawAnswer } from './raw-client.js';

/** Server errors that a real server gives to the same input; measured there, or read in its sources. */
const AS_UPSTREAM: readonly RegExp[] = [
  // Server-side apply reports what does not fit its schema so.
  /^failed to create typed patch object \(/,
  /^failed to create manager for existing fields: /,
  /^failed to convert new object \(/,
  // Strategic merge: items without their keys, directives that there are not, lists of unlike elements.
  /does not contain declared merge key: /,
  /^unknown patch type: /,
  /^The order in patch list:\n/,
  /^list element types are not identical: /,
  /^merging lists cannot yet be specified in the patch$/,
  /^expected a \[\]interface \{\}, but received a /,
  /^value for key \d+ is not a map$/,
  /^invalid JSON document$|^unable to find api field in struct /,
  // Versions of resources that are no numbers, or not here yet.
  /^resourceVersion: Invalid value: /,
  /^strconv\.Parse(Uint|Int): parsing /,
  /^resourceVersion should not be set on objects to be created$/,
  /^Timeout: Too large resource version: /,
  /^resource version not supported with/,
  // A binding's own rules.
  /^\[?target\.(kind|name): /,
  // Ports that are taken, or out of their range; addresses where no range is left.
  /^Internal error occurred: failed to allocate a serviceIP: range is full$/,
  /^Internal error occurred: failed to allocate requested HealthCheck NodePort /,
  // What lies behind a proxy.
  /^no endpoints available for service /,
  /^error trying to reach service: /,
];

interface Status {
  readonly kind?: string;
  readonly message?: string;
}

/** Why an answer is one that no real server gives; `undefined` where it could be one's. */
export function faultOf({ status, text }: RawAnswer): string | undefined {
  if (/TypeError|RangeError|ReferenceError|InvariantViolation|\n\s+at .+:\d+|\.[jt]s:\d+|node_modules/.test(text))
    return 'it shows its inside';
  if (/"polluted"\s*:\s*"yes"/.test(text) && status >= 500) return 'it is polluted';
  if (status < 500) return undefined;
  const { kind, message = '' } = statusOf(text);
  if (kind !== 'Status' && !text.includes('Status')) return `${status} without a Status`;
  return AS_UPSTREAM.some((words) => words.test(message)) ? undefined : `${status} ${message}`;
}

/** Upstream, too, finds only after a write that its outcome has no such form. */
export const isRefusedTooLate = ({ status, text }: RawAnswer): boolean =>
  status === 406 && text.includes('you requested PartialObjectMetadata');

function statusOf(text: string): Status {
  try {
    return (JSON.parse(text) ?? {}) as Status;
  } catch {
    // Protobuf or YAML: the words that are known begin somewhere in it.
    const starts = AS_UPSTREAM.map(({ source }) => text.search(new RegExp(source.replace(/^\^/, ''))));
    return { kind: 'Status', message: text.slice(Math.max(0, ...starts)) };
  }
}
