import { deepEqual } from '../equality.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../structure.js';
import { schemaOfField, type StructuralSchema } from './structural-schema.js';

/**
 * A value and the one that it replaces. Mirrors apiserver's CorrelatedObject: fields belong together by name, elements only in
 * lists with keys. What cannot be told apart counts as changed.
 */
export class Correlation {
  readonly #value: JsonValue;
  readonly #old: JsonValue;
  readonly #schema: StructuralSchema;
  #isUnchanged: boolean | undefined;
  #byKeys: ReadonlyMap<string, JsonValue> | undefined;

  constructor(value: JsonValue, old: JsonValue, schema: StructuralSchema) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  get isUnchanged(): boolean {
    this.#isUnchanged ??= this.#value === this.#old || this.#isEqual();
    return this.#isUnchanged;
  }

  /** What stood here before. */
  get former(): JsonValue {
    return this.#old;
  }

  field(name: string): Correlation | undefined {
    const [value, old] = [this.#value, this.#old];
    if (!isJsonObject(value) || !isJsonObject(old)) return undefined;
    if (!Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined;
    const schema = schemaOfField(this.#schema, name);
    return schema === undefined ? undefined : new Correlation(value[name] ?? null, old[name] ?? null, schema);
  }

  item(index: number): Correlation | undefined {
    const [value, { items }] = [this.#value, this.#schema];
    if (!isJsonArray(value) || items === undefined || !this.#isKeyed) return undefined;
    const item = value[index] ?? null;
    const old = isJsonObject(item) ? this.#oldItems.get(this.#keyOf(item)) : undefined;
    return old === undefined ? undefined : new Correlation(item, old, items);
  }

  get #isKeyed(): boolean {
    return this.#schema.source['x-kubernetes-list-type'] === 'map';
  }

  get #oldItems(): ReadonlyMap<string, JsonValue> {
    const old = isJsonArray(this.#old) ? this.#old : [];
    this.#byKeys ??= new Map(
      old.flatMap((each) => (isJsonObject(each) ? [[this.#keyOf(each), each as JsonValue] as const] : [])),
    );
    return this.#byKeys;
  }

  #keyOf(item: JsonObject): string {
    const keys = this.#schema.source['x-kubernetes-list-map-keys'] ?? [];
    return JSON.stringify(keys.map((key) => (item[key] === undefined ? [] : [String(item[key])])));
  }

  #isEqual(): boolean {
    const [value, old] = [this.#value, this.#old];
    if (isJsonArray(value) && isJsonArray(old) && this.#isKeyed) {
      return value.length === old.length && value.every((_, index) => this.item(index)?.isUnchanged === true);
    }
    if (!isJsonObject(value) || !isJsonObject(old)) return deepEqual(value, old);
    const names = Object.keys(value);
    if (names.length !== Object.keys(old).length) return false;
    return names.every((name) => this.field(name)?.isUnchanged === true);
  }
}
