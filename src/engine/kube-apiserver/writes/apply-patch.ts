import { applyJsonPatch } from '../../machinery/patch/json-patch.js';
import { applyMergePatch } from '../../machinery/patch/merge-patch.js';
import { mergeSchemaOf } from '../../machinery/patch/merge-schema.js';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.js';
import type { StructSchema } from '../../machinery/schema/schema.js';
import type { ParsedObject, ParsedValue } from '../../machinery/structure.js';

export type PatchType = 'json' | 'merge' | 'strategic';

/** The patched document, not yet decoded. @throws StatusError 400, 413, 422 */
export function applyPatch(type: PatchType, schema: StructSchema, document: object, patch: ParsedValue): ParsedValue {
  const parsed = document as ParsedObject;
  switch (type) {
    case 'json':
      return applyJsonPatch(parsed, patch);
    case 'merge':
      return applyMergePatch(parsed, patch);
    case 'strategic':
      return applyStrategicMergePatch(mergeSchemaOf(schema), parsed, patch);
  }
}
