import type { JsonObject } from '../../machinery/structure.js';

/** Turns an object of one version of a definition into another version of it. */
export interface VersionConversion {
  /** @throws StatusError where the object cannot be converted */
  convert(object: JsonObject, apiVersion: string): JsonObject;
}
