import { encodeJson } from '../../machinery/json/encode-json.js';
import type { KubeObject } from '../../machinery/object.js';
import { builtInMessages, type TypedObject } from '../../machinery/protobuf/built-in-messages.js';
import { framedEvent } from '../../machinery/protobuf/envelope.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joined } from '../encoding/body.js';
import type { Item } from '../encoding/list-body.js';
import type { ObjectMessages } from '../encoding/object-messages.js';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** How the events of a stream follow each other. */
export interface EventFraming {
  readonly contentType: string;
  /** What stands in an event for an object as it is stored. */
  stored(item: Item): Uint8Array;
  /** The same for an object made for the occasion. */
  made(object: TypedObject): Uint8Array;
  /** One event around its object. */
  event(type: EventType, object: Uint8Array): Uint8Array;
}

/** One line of JSON an event. */
export function jsonFraming(text: TextCodec): EventFraming {
  return {
    contentType: 'application/json',
    stored: ({ bytes }) => bytes,
    made: (object) => text.encode(encodeJson(object)),
    event: (type, object) => joined([text.encode(`{"type":"${type}","object":`), object, text.encode('}\n')]),
  };
}

/** Each event behind its length; the object within it has an envelope of its own. */
export function protobufFraming(messages: ObjectMessages, text: TextCodec): EventFraming {
  return {
    contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
    stored: ({ object }: { readonly object: KubeObject }) => joined(messages.bodyOf(object)),
    made: (object) => joined(builtInMessages.encodeBody(object, text)),
    event: (type, object) => framedEvent(type, object, text),
  };
}
