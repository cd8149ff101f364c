import { goJson } from '../../machinery/go-text.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import { compare } from '../../machinery/managed-fields/compare.js';
import { conformanceFault } from '../../machinery/managed-fields/conformance.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import type { FieldSetPool } from '../../machinery/managed-fields/field-set-pool.js';
import { appliedSet } from '../../machinery/managed-fields/field-sets.js';
import type { Writing } from '../../machinery/managed-fields/updater.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { isJsonArray, isJsonObject, withoutKey, type JsonObject, type JsonValue } from '../../machinery/structure.js';
import { plainJson } from './plain-json.js';

/** Where kubectl's client-side apply remembers what it applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export const hasLastApplied = ({ metadata }: KubeObject | Draft<KubeObject>): boolean =>
  (metadata.annotations?.[LAST_APPLIED] ?? '') !== '';

/**
 * The fields that a client-side apply set and that are still so: its successor on the server's side may have them without a
 * conflict. `undefined` where there is nothing to go by.
 */
export function allowedByLastApplied(pool: FieldSetPool, writing: Writing, live: KubeObject): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED] ?? '';
  const type = writing.kind.typeOf(writing.self.apiVersion);
  if (text === '' || type === undefined) return undefined;
  const { value: parsed } = parseJson(text);
  if (parsed === undefined || !isJsonObject(parsed)) return undefined;
  const last = plainJson(parsed);
  if (!isJsonObject(last) || last['apiVersion'] !== writing.self.apiVersion) return undefined;
  if (conformanceFault(type, last) !== undefined) return undefined;
  const { added, modified, removed } = compare(pool, type, last, live);
  return pool.difference(appliedSet(pool, type, last), pool.union(pool.union(modified, added), removed));
}

/** The configuration as the annotation holds it: sorted keys, without the annotation itself. */
export function lastAppliedText(config: JsonObject): string {
  const { metadata } = config;
  if (!isJsonObject(metadata) || !isJsonObject(metadata['annotations'])) return `${sortedText(config)}\n`;
  const annotations = withoutKey(metadata['annotations'], LAST_APPLIED);
  return `${sortedText({ ...config, metadata: { ...metadata, annotations } })}\n`;
}

function sortedText(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (!isJsonObject(value)) return goJson(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${goJson(key)}:${sortedText(value[key]!)}`).join(',')}}`;
}
