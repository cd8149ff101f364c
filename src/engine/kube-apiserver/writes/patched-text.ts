import { goJson } from '../../machinery/go-text.js';
import { isJsonArray, isJsonObject, type ParsedObject, type ParsedValue } from '../../machinery/structure.js';

/**
 * A patched document as upstream's message shows it: objects that the patch touched have their keys sorted, because Go keeps
 * them in maps; the others are as the server encoded them. What is untouched is the very object that `base` holds.
 */
export function patchedText(patched: ParsedValue, base: unknown, name?: string): string {
  if (patched === base && typeof patched === 'object') {
    return goJson(name === 'metadata' && isJsonObject(patched) ? inOrder(patched) : patched);
  }
  if (isJsonArray(patched)) {
    const items = Array.isArray(base) ? (base as readonly unknown[]) : [];
    return `[${patched.map((each, index) => patchedText(each, items[index])).join(',')}]`;
  }
  if (!isJsonObject(patched)) return goJson(patched);
  const before = (typeof base === 'object' && base !== null ? base : {}) as Readonly<Record<string, unknown>>;
  const members = Object.keys(patched)
    .sort()
    .map((key) => `${goJson(key)}:${patchedText(patched[key]!, before[key], key)}`);
  return `{${members.join(',')}}`;
}

/** Metadata as Go encodes it; the server sets some of it last. */
const METADATA_ORDER: readonly string[] = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

const inOrder = (metadata: ParsedObject): ParsedObject =>
  Object.fromEntries(METADATA_ORDER.flatMap((key) => (Object.hasOwn(metadata, key) ? [[key, metadata[key]!]] : [])));
