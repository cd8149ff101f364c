import type { ManagedFieldsEntry } from '../api/meta-v1.js';
import { goQuote } from '../go-text.js';
import { FieldSetPool } from './field-set-pool.js';

/** Why entries are none, in the words of upstream's `ValidateManagedFields`; `undefined` where they are. */
export function managersFault(entries: readonly ManagedFieldsEntry[] = []): string | undefined {
  const pool = new FieldSetPool();
  for (const [index, { operation, apiVersion = '', fieldsType = '', fieldsV1 = {} }] of entries.entries()) {
    if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
    if (apiVersion === '') return 'apiVersion must not be empty';
    if (fieldsType === '') return `missing fieldsType in managed fields entry ${index}`;
    if (fieldsType !== 'FieldsV1') return `invalid fieldsType ${goQuote(fieldsType)} in managed fields entry ${index}`;
    try {
      pool.read(fieldsV1);
    } catch (error) {
      if (error instanceof SyntaxError) return `error decoding versioned set: error decoding set: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}
