import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import { builtInMessages, type TypedObject } from '../../machinery/protobuf/built-in-messages.js';
import { enveloped, messageList } from '../../machinery/protobuf/envelope.js';
import { type Body, bodyOfJson, joined } from './body.js';
import type { ObjectMessages } from './object-messages.js';

/** One object in an answer, with its encoded JSON. They may be made only when asked for. */
export interface Item {
  readonly object: KubeObject;
  readonly bytes: Uint8Array;
  /** As of a stored object. */
  readonly metadataBytes?: Uint8Array | undefined;
}

export interface ListMetadata {
  /** Lists of what is stored nowhere have none. */
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** The number of `items` in every list. */
const LIST_ITEMS = 2;

/** A list before it is encoded. */
export interface ListContent {
  readonly kind: Kind;
  readonly metadata: ListMetadata;
  readonly items: readonly Item[];
}

/** The kind's list, in whatever form: a join of what its objects are in that form. */
export function listBody(content: ListContent, messages: ObjectMessages, text: TextCodec): Body {
  let body: Body | undefined;
  const ofJson = (): Body => (body ??= bodyOfJson(listJson(content, text), text));
  return {
    get json() {
      return ofJson().json;
    },
    get value() {
      return ofJson().value;
    },
    get protobuf() {
      return listProtobuf(content, messages, text);
    },
  };
}

function listProtobuf(
  { kind, metadata, items }: ListContent,
  messages: ObjectMessages,
  text: TextCodec,
): readonly Uint8Array[] {
  const type = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind) };
  const empty = builtInMessages.encode({ ...type, metadata } as TypedObject, text);
  const each = items.map(({ object }) => messages.of(object));
  return enveloped(type, [empty, messageList(LIST_ITEMS, each)], text);
}

/**
 * The JSON of a kind's list as a join of encoded objects, none of them encoded again. Items of a list do not repeat
 * `kind` and `apiVersion`: these are cut off where the bytes begin with them, as stored bytes do.
 */
function listJson({ kind, metadata, items }: ListContent, text: TextCodec): Uint8Array {
  if (kind.custom !== undefined) return customListJson({ kind, metadata, items }, text);
  const head = JSON.stringify({ kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata });
  const [first, next, end] = [text.encode('{'), text.encode(',{'), text.encode(']}')];
  const prefixes = typePrefixes(kind).map((prefix) => text.encode(prefix));
  const parts = [text.encode(`${head.slice(0, -1)},"items":[`)];
  for (const [index, item] of items.entries()) {
    parts.push(index === 0 ? first : next, withoutType(item, prefixes, text));
  }
  parts.push(end);
  return joined(parts);
}

/** Lists of custom resources are what Go makes of maps: sorted keys, and items that say what they are. */
function customListJson({ kind, metadata, items }: ListContent, text: TextCodec): Uint8Array {
  const listKind = kind.custom?.listKind ?? '';
  const shown = { continue: '', ...metadata };
  const parts = [text.encode(`{"apiVersion":${JSON.stringify(apiVersionOf(kind))},"items":[`)];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(text.encode(','));
    parts.push(item.bytes);
  }
  parts.push(text.encode(`],"kind":${JSON.stringify(listKind)},"metadata":${JSON.stringify(shown)}}`));
  return joined(parts);
}

const typePrefixes = (kind: Kind): readonly string[] => {
  const [name, version] = [JSON.stringify(kind.kind), JSON.stringify(apiVersionOf(kind))];
  return [`{"kind":${name},"apiVersion":${version},`, `{"apiVersion":${version},"kind":${name},`];
};

/** The object's JSON after its opening brace, without kind and version. */
function withoutType(item: Item, prefixes: readonly Uint8Array[], text: TextCodec): Uint8Array {
  const { bytes } = item;
  const found = prefixes.find((prefix) => startsWith(bytes, prefix));
  if (found !== undefined) return bytes.subarray(found.length);
  const { kind: _kind, apiVersion: _apiVersion, ...content } = item.object;
  return text.encode(encodeJson(content).slice(1));
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (bytes[index] !== prefix[index]) return false;
  return true;
}
