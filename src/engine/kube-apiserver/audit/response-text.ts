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

/** A class, as one is made for every answer: literals with getters cost more than most answers do. */
export class BodyText implements ResponseText {
  readonly #body: Body;
  readonly #text: TextCodec;

  constructor(body: Body, text: TextCodec) {
    this.#body = body;
    this.#text = text;
  }

  get length(): number {
    return this.#body.json.length;
  }

  get value(): unknown {
    return this.#body.value;
  }

  text(): string {
    return this.#text.decode(this.#body.json);
  }
}

export const objectText = (object: object): ResponseText => ({
  length: 0,
  value: object,
  text: () => encodeJson(object),
});
