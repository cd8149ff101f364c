import { encodeJson } from '../../machinery/json/encode-json.js';
import { builtInMessages, type TypedObject } from '../../machinery/protobuf/built-in-messages.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

/** What an answer says, before it is encoded: the value and its forms, each made from another when asked for. */
export interface Body {
  /** JSON without a trailing newline. Shared: never written to. */
  readonly json: Uint8Array;
  readonly value: unknown;
  /** The parts of its protobuf. Only for objects of built-in types: nothing else is asked for it. */
  readonly protobuf: readonly Uint8Array[];
}

export function bodyOf(value: object, text: TextCodec): Body {
  let json: Uint8Array | undefined;
  let protobuf: readonly Uint8Array[] | undefined;
  return {
    value,
    get json() {
      json ??= text.encode(encodeJson(value));
      return json;
    },
    get protobuf() {
      protobuf ??= builtInMessages.encodeBody(value as TypedObject, text);
      return protobuf;
    },
  };
}

export function bodyOfJson(json: Uint8Array, text: TextCodec): Body {
  let parsed: { readonly value: unknown } | undefined;
  return {
    json,
    get value() {
      parsed ??= { value: JSON.parse(text.decode(json)) };
      return parsed.value;
    },
    get protobuf() {
      return builtInMessages.encodeBody(this.value as TypedObject, text);
    },
  };
}

/** The parts one after the other, in bytes of their own. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
