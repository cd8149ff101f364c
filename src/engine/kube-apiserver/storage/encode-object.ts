import { encodeJson } from '../../machinery/json/encode-json.js';
import { knownTextOf, type KnownText } from '../../machinery/json/known-text.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { setBehind } from '../../machinery/managed-fields/field-set.js';
import type { KubeObject } from '../../machinery/object.js';

/** An object's JSON in pieces, to be put one after another. */
interface EncodedText {
  readonly texts: readonly string[];
  /** In characters. */
  readonly length: number;
  /** Where in the text the metadata's JSON begins and ends; both 0 where that was not noted. */
  readonly metadataStart: number;
  readonly metadataEnd: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Longer texts are kept as they are: to join them costs a copy. */
const JOINED_CHARACTERS_MAX = 256;

class Texts {
  readonly #whole: string[] = [];
  #short = '';
  length = 0;

  add(text: string): void {
    this.length += text.length;
    if (text.length <= JOINED_CHARACTERS_MAX) {
      this.#short += text;
      return;
    }
    if (this.#short !== '') this.#whole.push(this.#short);
    this.#short = '';
    this.#whole.push(text);
  }

  get all(): readonly string[] {
    if (this.#short !== '') this.#whole.push(this.#short);
    this.#short = '';
    return this.#whole;
  }
}

/**
 * JSON of an object. The fields that its managers own are most of it and alike in many objects: their text is made once for
 * each set of fields. So is that of what alike specs share.
 */
export const encodeObject = (object: KubeObject): string => encodeNoting(object).texts.join('');

export function encodeNoting(object: KubeObject): EncodedText {
  if (object.metadata.managedFields === undefined) {
    const text = encodeJson(object);
    return { texts: [text], length: text.length, metadataStart: 0, metadataEnd: 0 };
  }
  const texts = new Texts();
  let metadataStart = 0;
  let metadataEnd = 0;
  for (const name in object) {
    const value: unknown = object[name as keyof KubeObject];
    if (value === undefined) continue;
    texts.add(`${texts.length === 0 ? '{' : ','}"${name}":`);
    if (name === 'metadata') {
      metadataStart = texts.length;
      addMetadata(texts, object.metadata);
      metadataEnd = texts.length;
    } else {
      addValue(texts, value, name === 'spec');
    }
  }
  texts.add('}');
  return { texts: texts.all, length: texts.length, metadataStart, metadataEnd };
}

export function encodeMetadata(metadata: KubeObject['metadata']): string {
  const texts = new Texts();
  addMetadata(texts, metadata);
  return texts.all.join('');
}

/** The managers are the last field of the metadata. */
function addMetadata(texts: Texts, metadata: KubeObject['metadata']): void {
  const { managedFields, ...rest } = metadata;
  if (managedFields === undefined) return texts.add(encodeJson(metadata));
  texts.add(encodeJson(rest).slice(0, -1));
  let before = ',"managedFields":[';
  for (const entry of managedFields) {
    texts.add(before);
    addEntry(texts, entry);
    before = ',';
  }
  texts.add(managedFields.length === 0 ? `${before}]}` : ']}');
}

function addEntry(texts: Texts, entry: ManagedFieldsEntry): void {
  const set = entry.fieldsV1 === undefined ? undefined : setBehind(entry.fieldsV1);
  if (set === undefined) return texts.add(encodeJson(entry));
  const { fieldsV1: _fields, subresource, ...head } = entry;
  texts.add(`${encodeJson(head).slice(0, -1)},"fieldsV1":`);
  texts.add(set.text);
  texts.add(subresource === undefined ? '}' : `,"subresource":${JSON.stringify(subresource)}}`);
}

/** Of a spec that was changed, the parts may still be known. */
function addValue(texts: Texts, value: unknown, isSpec: boolean): void {
  if (typeof value !== 'object' || value === null) {
    return texts.add(typeof value === 'bigint' ? String(value) : JSON.stringify(value));
  }
  const known = knownTextOf(value);
  if (known !== undefined) addKnown(texts, known);
  else if (isSpec && hasKnownParts(value as Fields)) addParts(texts, value as Fields);
  else texts.add(encodeJson(value));
}

function addParts(texts: Texts, spec: Fields): void {
  let before = '{';
  for (const name in spec) {
    const value = spec[name];
    if (value === undefined) continue;
    texts.add(`${before}${JSON.stringify(name)}:`);
    addValue(texts, value, false);
    before = ',';
  }
  texts.add('}');
}

function addKnown(texts: Texts, { parts, between }: KnownText): void {
  for (let at = 0; at < parts.length; at++) {
    if (at > 0) texts.add(between);
    texts.add(parts[at]!);
  }
}

function hasKnownParts(spec: Fields): boolean {
  for (const name in spec) {
    const value = spec[name];
    if (typeof value === 'object' && value !== null && knownTextOf(value) !== undefined) return true;
  }
  return false;
}
