import { encodeJson } from '../../machinery/json/encode-json.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Body } from '../encoding/body.js';

/** What a request is answered with, as the audit log may tell it: nothing is made of it before it does. */
export interface ResponseText {
  /** What its encoded form takes; 0 where that is not known. */
  readonly length: number;
  readonly value: unknown;
  text(): string;
}

export const responseText = (body: Body, text: TextCodec): ResponseText => ({
  get length() {
    return body.json.length;
  },
  get value() {
    return body.value;
  },
  text: () => text.decode(body.json),
});

export const objectText = (object: object): ResponseText => ({
  length: 0,
  value: object,
  text: () => encodeJson(object),
});
