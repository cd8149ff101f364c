import { VERSION_INFO } from './group-paths.js';
import { PATCH } from './operation.js';
import type { SchemaObject } from './type-definitions.js';

const REQUIRED: readonly string[] = [
  'major',
  'minor',
  'gitVersion',
  'gitCommit',
  'gitTreeState',
  'buildDate',
  'goVersion',
  'compiler',
  'platform',
];
const OPTIONAL: readonly string[] = [
  'emulationMajor',
  'emulationMinor',
  'minCompatibilityMajor',
  'minCompatibilityMinor',
];

/** The definition of a type that is no part of the API, or has no fields; `undefined` for all others. */
export function fixedDefinition(typeName: string, hasDefaults: boolean): SchemaObject | undefined {
  switch (typeName) {
    case PATCH:
      return { type: 'object' };
    case VERSION_INFO: {
      const required = REQUIRED.map((name) => [name, { type: 'string', ...(hasDefaults ? { default: '' } : {}) }]);
      const optional = OPTIONAL.map((name) => [name, { type: 'string' }]);
      return { type: 'object', required: REQUIRED, properties: Object.fromEntries([...required, ...optional]) };
    }
    default:
      return undefined;
  }
}
