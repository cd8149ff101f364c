import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import type { JsonValue } from '../../machinery/structure.js';

/** What the `x-kubernetes-validations` of a schema, and of all schemas below it, say of a value. */
export interface SchemaRules {
  /**
   * The errors, in upstream's order and words. `schema` is the same object in every call for one version of one definition,
   * whichever cluster asks, so that what is compiled can be kept with it. `old` is `undefined` on create; `path` is empty for
   * a whole object.
   */
  validate(schema: JSONSchemaProps, value: JsonValue, old: JsonValue | undefined, path: string): readonly FieldError[];
}
