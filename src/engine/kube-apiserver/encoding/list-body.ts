import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joined } from './body.js';

/** One object in an answer, with its encoded JSON. Both may be made only when asked for. */
export interface Item {
  readonly object: KubeObject;
  readonly bytes: Uint8Array;
}

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/**
 * The JSON of a kind's list as a join of encoded objects, none of them encoded again. Items of a list do not repeat
 * `kind` and `apiVersion`: these are cut off where the bytes begin with them, as stored bytes do.
 */
export function listJson(kind: Kind, metadata: ListMetadata, items: readonly Item[], text: TextCodec): Uint8Array {
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
  return text.encode(JSON.stringify(content).slice(1));
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (bytes[index] !== prefix[index]) return false;
  return true;
}
