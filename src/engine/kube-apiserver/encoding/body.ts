import type { TextCodec } from '../../machinery/text-codec.port.js';

/** What an answer says, before it is encoded: its JSON and the value it stands for, each made from the other when asked for. */
export interface Body {
  /** JSON without a trailing newline. Shared: never written to. */
  readonly json: Uint8Array;
  readonly value: unknown;
}

export function bodyOf(value: unknown, text: TextCodec): Body {
  let json: Uint8Array | undefined;
  return {
    value,
    get json() {
      json ??= text.encode(JSON.stringify(value));
      return json;
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
