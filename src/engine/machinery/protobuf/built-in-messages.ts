import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { assert } from '../../kernel/assert.js';
import { builtInSchemas } from '../schema/built-in-schemas.js';
import { DecodeError } from '../schema/decode-error.js';
import type { SchemaRegistry, StructSchema } from '../schema/schema.js';
import type { ParsedObject } from '../structure.js';
import type { TextCodec } from '../text-codec.port.js';
import { enveloped, isEnveloped, readEnvelope } from './envelope.js';
import { MessageReaders, type ReadObject } from './message-reader.js';
import { MessageWriters } from './message-writer.js';

/** What an object says it is. */
export interface TypedObject {
  readonly apiVersion?: string | undefined;
  readonly kind: string;
}

const META_GROUP = 'meta.k8s.io';

/** The API objects of a schema registry as protobuf, both ways. */
class Messages {
  readonly #schemas: SchemaRegistry;
  readonly #writers = new MessageWriters();
  readonly #readers = new MessageReaders();
  /** By version, then kind: never more than there are. */
  readonly #byType = new Map<string, Map<string, StructSchema>>();

  constructor(schemas: SchemaRegistry) {
    this.#schemas = schemas;
    Object.freeze(this);
  }

  /** The struct of a kind; those of meta/v1 (Status, options, tables, discovery) belong to every version. */
  schemaOf(apiVersion: string, kind: string): StructSchema | undefined {
    const known = this.#byType.get(apiVersion)?.get(kind);
    if (known !== undefined) return known;
    const [first = '', second] = apiVersion.split('/', 2);
    const [group, version] = second === undefined ? ['', first] : [first, second];
    const own = this.#schemas.schemaOfKind(group, version, kind);
    if (own === undefined) return this.#schemas.schemaOfKind(META_GROUP, 'v1', kind);
    const kinds = this.#byType.get(apiVersion) ?? new Map<string, StructSchema>();
    this.#byType.set(apiVersion, kinds.set(kind, own));
    return own;
  }

  /** The message of an object in canonical JSON. */
  encode(object: TypedObject, text: TextCodec): Uint8Array {
    const schema = this.schemaOf(object.apiVersion ?? '', object.kind);
    assert(schema !== undefined, `${object.kind} has no protobuf form`);
    return this.encodeAs(schema, object, text);
  }

  encodeAs(schema: StructSchema, object: object, text: TextCodec): Uint8Array {
    const writer = new BinaryWriter((part) => text.encode(part));
    this.#writers.write(schema, writer, object);
    return writer.finish();
  }

  /** The same as a body: enveloped. */
  encodeBody(object: TypedObject, text: TextCodec): readonly Uint8Array[] {
    const { apiVersion = '', kind } = object;
    return enveloped({ apiVersion, kind }, [this.encode(object, text)], text);
  }

  /** What a message says, as JSON that is not yet in canonical form. @throws DecodeError */
  decode(schema: StructSchema, message: Uint8Array, text: TextCodec): ParsedObject {
    return this.#readers.read(schema, message, text, (bytes) => this.#decodeBody(bytes, text));
  }

  /** An object within an object. */
  #decodeBody(bytes: Uint8Array, text: TextCodec): ReadObject | undefined {
    if (!isEnveloped(bytes)) return undefined;
    const { apiVersion, kind, raw } = readEnvelope(bytes, text);
    const schema = this.schemaOf(apiVersion, kind);
    if (schema === undefined) throw new DecodeError(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return { kind, apiVersion, ...this.#readers.read(schema, raw, text) };
  }
}

/** Immutable but for what it remembers of types, so one serves every cluster. */
export const builtInMessages = new Messages(builtInSchemas);
