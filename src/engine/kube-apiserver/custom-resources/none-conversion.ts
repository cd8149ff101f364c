import type { JsonObject } from '../../machinery/structure.js';
import type { VersionConversion } from './conversion.port.js';

/** The strategy `None`: all versions are alike but for their name. */
export const noneConversion: VersionConversion = Object.freeze({
  convert: (object: JsonObject, apiVersion: string) => ({ ...object, apiVersion }),
});
