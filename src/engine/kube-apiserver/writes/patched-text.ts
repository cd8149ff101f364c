import { goJson } from '../../machinery/go-text.js';
import { isJsonArray, isJsonObject, type ParsedValue } from '../../machinery/structure.js';

/**
 * A patched document as upstream's message shows it: objects that the patch touched have their keys sorted, because Go keeps
 * them in maps; the others are as the server encoded them. What is untouched is the very object that `base` holds.
 */
export function patchedText(patched: ParsedValue, base: unknown): string {
  if (patched === base && typeof patched === 'object') return goJson(patched);
  if (isJsonArray(patched)) {
    const items = Array.isArray(base) ? (base as readonly unknown[]) : [];
    return `[${patched.map((each, index) => patchedText(each, items[index])).join(',')}]`;
  }
  if (!isJsonObject(patched)) return goJson(patched);
  const before = (typeof base === 'object' && base !== null ? base : {}) as Readonly<Record<string, unknown>>;
  const members = Object.keys(patched)
    .sort()
    .map((key) => `${goJson(key)}:${patchedText(patched[key]!, before[key])}`);
  return `{${members.join(',')}}`;
}
