import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Body } from './body.js';

/** One media type in which answers are given. */
export interface BodyEncoder {
  readonly mediaType: string;
  /** Whether watches can be given in it. */
  readonly canStream: boolean;
  /** Whether it has a form for objects of built-in types only, Tables not among them. */
  readonly isTyped: boolean;
  /** The parts of the body. `isPretty` asks for line breaks where the type has a form without them. */
  encode(body: Body, isPretty: boolean, text: TextCodec): readonly Uint8Array[];
}
