import type { BodyEncoder } from './body-encoder.js';
import { jsonEncoder } from './json-encoder.js';
import { protobufEncoder } from './protobuf-encoder.js';
import { yamlEncoder } from './yaml-encoder.js';

/** The first is given to whoever does not mind. */
export const encoders: readonly BodyEncoder[] = Object.freeze([jsonEncoder, yamlEncoder, protobufEncoder]);
