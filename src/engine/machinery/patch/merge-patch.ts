/**
 * Mirrors RFC 7386 as upstream's library (evanphx/json-patch 4) applies it: beyond the RFC, nulls also go from objects inside of
 * lists that replace something other than an object.
 */
import { badRequest, genericInvalid } from '../status-error.js';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { isJsonArray, isJsonObject, isNestedDeeperThan, ownValue, setOwn, VALUE_DEPTH_MAX } from '../structure.js';

/**
 * The patched document, sharing all that the patch leaves alone: one that changes nothing gives the same object. Throws a
 * StatusError 400 for a patch that is no object.
 */
export function applyMergePatch(document: ParsedObject, patch: ParsedValue): ParsedObject {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (!isJsonObject(patch)) {
    const found = isJsonArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch;
    const name = found === 'array' || found === 'bool' || found === 'string' ? found : 'number';
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${name} into Go value of type map[string]interface {}`,
    );
  }
  if (isNestedDeeperThan(patch, VALUE_DEPTH_MAX)) throw genericInvalid();
  return merge(document, patch);
}

function merge(document: ParsedObject, patch: ParsedObject): ParsedObject {
  let draft: Record<string, ParsedValue> | undefined;
  for (const [key, change] of Object.entries(patch)) {
    const current = ownValue(document, key);
    if (change === null) {
      if (current === undefined) continue;
      draft ??= { ...document };
      delete draft[key];
      continue;
    }
    const merged = mergedValue(current, change);
    if (merged === current) continue;
    draft ??= { ...document };
    setOwn(draft, key, merged);
  }
  return draft ?? document;
}

function mergedValue(current: ParsedValue | undefined, change: ParsedValue): ParsedValue {
  if (!isJsonObject(current)) return withoutNulls(change);
  return isJsonObject(change) ? merge(current, change) : change;
}

/** Null fields go, null items of lists stay. */
function withoutNulls(value: ParsedValue): ParsedValue {
  if (isJsonArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, ParsedValue> = {};
  for (const [key, each] of Object.entries(value)) if (each !== null) setOwn(kept, key, withoutNulls(each));
  return kept;
}
