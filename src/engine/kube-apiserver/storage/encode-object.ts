import { encodeJson } from '../../machinery/json/encode-json.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { setBehind } from '../../machinery/managed-fields/field-set.js';
import type { KubeObject } from '../../machinery/object.js';

interface EncodedText {
  readonly text: string;
  /** Where in the text the metadata's JSON begins and ends; both 0 where that was not noted. */
  readonly metadataStart: number;
  readonly metadataEnd: number;
}

/**
 * JSON of an object. The fields that its managers own are most of it and alike in many objects: their text is made once for
 * each set of fields.
 */
export const encodeObject = (object: KubeObject): string => encodeNoting(object).text;

export function encodeNoting(object: KubeObject): EncodedText {
  if (object.metadata.managedFields === undefined) {
    return { text: encodeJson(object), metadataStart: 0, metadataEnd: 0 };
  }
  let text = '';
  let metadataStart = 0;
  let metadataEnd = 0;
  for (const name in object) {
    const value: unknown = object[name as keyof KubeObject];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}"${name}":`;
    if (name === 'metadata') {
      metadataStart = text.length;
      text += encodeMetadata(object.metadata);
      metadataEnd = text.length;
    } else {
      text += encodeValue(value);
    }
  }
  return { text: `${text}}`, metadataStart, metadataEnd };
}

/** The managers are the last field of the metadata. */
export function encodeMetadata(metadata: KubeObject['metadata']): string {
  const { managedFields, ...rest } = metadata;
  if (managedFields === undefined) return encodeJson(metadata);
  return `${encodeJson(rest).slice(0, -1)},"managedFields":[${managedFields.map(encodeEntry).join(',')}]}`;
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
