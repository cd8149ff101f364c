import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { FormerValue, RuleFindings } from '../../machinery/cel/schema/cel-rules.js';
import type { JsonValue } from '../../machinery/structure.js';

/** What the `x-kubernetes-validations` of a schema, and of all schemas below it, say of a value. */
export interface SchemaRules {
  /**
   * In upstream's order and words. `schema` is the same object in every call for one version of one definition, whichever
   * cluster asks, so that what is compiled can be kept with it. `former` is `undefined` on create.
   */
  validate(schema: JSONSchemaProps, value: JsonValue, former: FormerValue | undefined): RuleFindings;
}
