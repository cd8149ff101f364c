import { encodeJson } from '../../machinery/json/encode-json.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { setBehind } from '../../machinery/managed-fields/field-set.js';
import type { KubeObject } from '../../machinery/object.js';

/**
 * JSON of an object. The fields that its managers own are most of it and alike in many objects: their text is made once for
 * each set of fields.
 */
export function encodeObject(object: KubeObject): string {
  const { managedFields } = object.metadata;
  if (managedFields === undefined) return encodeJson(object);
  let text = '';
  for (const name in object) {
    const value: unknown = object[name as keyof KubeObject];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}"${name}":`;
    text += name === 'metadata' ? encodeMetadata(object.metadata, managedFields) : encodeValue(value);
  }
  return `${text}}`;
}

/** The managers are the last field of the metadata. */
function encodeMetadata(metadata: KubeObject['metadata'], managers: readonly ManagedFieldsEntry[]): string {
  const { managedFields: _managers, ...rest } = metadata;
  return `${encodeJson(rest).slice(0, -1)},"managedFields":[${managers.map(encodeEntry).join(',')}]}`;
}

function encodeEntry(entry: ManagedFieldsEntry): string {
  const set = entry.fieldsV1 === undefined ? undefined : setBehind(entry.fieldsV1);
  if (set === undefined) return encodeJson(entry);
  const { fieldsV1: _fields, subresource, ...head } = entry;
  const tail = subresource === undefined ? '' : `,"subresource":${JSON.stringify(subresource)}`;
  return `${encodeJson(head).slice(0, -1)},"fieldsV1":${set.text}${tail}}`;
}

function encodeValue(value: unknown): string {
  if (typeof value === 'object' && value !== null) return encodeJson(value);
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
