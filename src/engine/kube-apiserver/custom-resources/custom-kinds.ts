import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assert } from '../../kernel/assert.js';
import type {
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
} from '../../machinery/api/apiextensions-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { MergeTypes } from '../../machinery/managed-fields/merge-type.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { converted, customKind } from './custom-kind.js';
import { noneConversion } from './none-conversion.js';
import { coercedObject, metadataSchema } from '../../machinery/custom-schema/object-reading.js';
import { structuralSchemaOf, type StructuralSchema } from '../../machinery/custom-schema/structural-schema.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import type { JsonObject, JsonValue } from '../../machinery/structure.js';
import { sortedKeys } from './sorted-keys.js';
import type { SchemaRules } from './schema-rules.port.js';

/** The kinds of one definition, one for each version. */
export interface DefinedKinds {
  readonly served: readonly Kind[];
  readonly storage: Kind;
}

/** Kinds that no cluster has any more are forgotten each time that so many have been added. */
const ADDED_MAX = 256;

/**
 * The kinds that definitions make. Equal definitions of different clusters have the same kinds, so that schemas, patterns and
 * columns are prepared once a process; what no cluster has any more is left to the collector.
 */
export class CustomKinds {
  readonly #text: TextCodec;
  readonly #rules: SchemaRules | undefined;
  readonly #metadataType = new MergeTypes().of(metadataSchema());
  readonly #known = new Map<string, WeakRef<DefinedKinds>>();
  /** Keeps the kinds of a definition together: while one is in use, all are. */
  readonly #together = new WeakMap<Kind, DefinedKinds>();
  #added = 0;

  constructor(text: TextCodec, rules?: SchemaRules) {
    this.#text = text;
    this.#rules = rules;
  }

  of(spec: CustomResourceDefinitionSpec, names: CustomResourceDefinitionNames): DefinedKinds {
    const content = sortedKeys([spec, names] as unknown as JsonValue) as object;
    const id = bytesToHex(sha256(this.#text.encode(encodeJson(content))));
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) return known;
    const made = this.#make(spec, names, id);
    for (const kind of [...made.served, made.storage]) this.#together.set(kind, made);
    this.#known.set(id, new WeakRef(made));
    if (++this.#added >= ADDED_MAX) this.#sweep();
    return made;
  }

  #make(spec: CustomResourceDefinitionSpec, names: CustomResourceDefinitionNames, id: string): DefinedKinds {
    const versions = spec.versions ?? [];
    const kinds = new Map<string, Kind>();
    const storageName = versions.find(({ storage }) => storage)?.name;
    const storage = versions.find((each) => each.storage)?.schema?.openAPIV3Schema;
    const storageStructure = storage === undefined ? undefined : structuralSchemaOf(storage);
    const storageKind = (): Kind => {
      const kind = kinds.get(storageName ?? '');
      assert(kind !== undefined, `${names.plural}.${spec.group} has no storage version`);
      return kind;
    };
    const parts = {
      spec,
      names,
      conversion: noneConversion,
      rules: this.#rules,
      metadataType: this.#metadataType,
      id,
      versionOf: (version: string) => kinds.get(version),
      isVersion: (apiVersion: string) => kinds.has(apiVersion.slice(apiVersion.indexOf('/') + 1)),
      storageKind,
      toStored: (object: KubeObject) => storedForm(object, apiVersionOf(storageKind()), storageStructure),
    };
    for (const version of versions) kinds.set(version.name, customKind(version, parts));
    const served = versions.filter((each) => each.served).flatMap(({ name }) => kinds.get(name) ?? []);
    return { served, storage: storageKind() };
  }

  #sweep(): void {
    this.#added = 0;
    for (const [id, kinds] of this.#known) if (kinds.deref() === undefined) this.#known.delete(id);
  }
}

/** Conversion comes first, and what the storage version does not know is lost. */
function storedForm(object: KubeObject, apiVersion: string, structure: StructuralSchema | undefined): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  const other = converted(object, apiVersion, noneConversion);
  if (structure === undefined) return other;
  return coercedObject(other as unknown as JsonObject, structure) as unknown as KubeObject;
}
