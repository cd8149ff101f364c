import { parseBase64 } from './base64-bytes.js';
import { parseDuration, parseTimestamp } from '../library/time-text.js';
import { DYN, type ListIdentity, type ObjectType, type Type } from '../types.js';
import { ListValue } from './list-value.js';
import { MapValue } from './map-value.js';
import type { Value } from './value.js';

/** A piece of JSON as a value of the type that its schema says. What is in it is converted when it is looked at. */
export function fromJson(json: unknown, type: Type = DYN): Value {
  switch (typeof json) {
    case 'string':
      return fromText(json, type);
    case 'number':
      return type.kind === 'double' || !Number.isInteger(json) ? json : BigInt(json);
    case 'boolean':
    case 'bigint':
      return json;
    case 'object':
      break;
    default:
      return null;
  }
  if (json === null) return null;
  if (Array.isArray(json)) return listFromJson(json, type);
  if (type.kind === 'object') return new JsonObject(json as JsonRecord, type);
  return new JsonMap(json as JsonRecord, type.kind === 'map' ? type.value : DYN);
}

type JsonRecord = Readonly<Record<string, unknown>>;

/** A text that is not what its format says stays a text: the schema has its own words for that. */
function fromText(text: string, { kind }: Type): Value {
  switch (kind) {
    case 'timestamp':
      return parseTimestamp(text) ?? parseTimestamp(`${text}T00:00:00Z`) ?? text;
    case 'duration':
      return parseDuration(text) ?? text;
    case 'bytes':
      return parseBase64(text) ?? text;
    default:
      return text;
  }
}

function listFromJson(items: readonly unknown[], type: Type): ListValue {
  if (type.kind !== 'list') return new JsonList(items, DYN);
  const { element, identity } = type;
  return identity === undefined ? new JsonList(items, element) : new IdentifiedJsonList(items, element, identity);
}

class JsonList extends ListValue {
  readonly #items: readonly unknown[];
  readonly #element: Type;

  constructor(items: readonly unknown[], element: Type) {
    super();
    this.#items = items;
    this.#element = element;
  }

  override get length(): number {
    return this.#items.length;
  }

  override at(position: number): Value {
    return fromJson(this.#items[position], this.#element);
  }
}

/** A list whose order means nothing, as its schema says. */
class IdentifiedJsonList extends JsonList {
  readonly #identity: ListIdentity;

  constructor(items: readonly unknown[], element: Type, identity: ListIdentity) {
    super(items, element);
    this.#identity = identity;
  }

  override identityOf(item: Value): string {
    if (this.#identity === 'whole') return keyText(item);
    return this.#identity.map((key) => (item instanceof MapValue ? keyText(item.get(key) ?? null) : '')).join();
  }
}

/** Only scalars are told apart by it. */
const keyText = (value: Value): string => `${typeof value} ${JSON.stringify(String(value))}`;

class JsonMap extends MapValue {
  readonly #record: JsonRecord;
  readonly #value: Type;

  constructor(record: JsonRecord, value: Type) {
    super();
    this.#record = record;
    this.#value = value;
  }

  override get size(): number {
    return presentKeys(this.#record).length;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#record, key)) return undefined;
    const json = this.#record[key];
    return json === undefined ? undefined : fromJson(json, this.#value);
  }

  override keys(): Iterable<Value> {
    return presentKeys(this.#record);
  }
}

/** An object of known fields: an expression names them escaped. */
class JsonObject extends MapValue {
  readonly #record: JsonRecord;
  readonly #type: ObjectType;

  constructor(record: JsonRecord, type: ObjectType) {
    super();
    this.#record = record;
    this.#type = type;
  }

  override get size(): number {
    return presentKeys(this.#record).length;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.#type.field(key);
    const name = field?.name ?? key;
    if (!Object.hasOwn(this.#record, name)) return undefined;
    const json = this.#record[name];
    return json === undefined || json === null ? undefined : fromJson(json, field?.type);
  }

  override keys(): Iterable<Value> {
    return presentKeys(this.#record);
  }
}

const presentKeys = (record: JsonRecord): readonly string[] =>
  Object.keys(record).filter((key) => record[key] !== undefined);
