import type { DeviceSelector } from '../../machinery/api/resource-v1.js';
import type { Variables } from '../../machinery/cel/checker.js';
import { checkExpression } from '../../machinery/cel/expression-check.js';
import { objectType } from '../../machinery/cel/object-type.js';
import { BOOL, DYN, mapOf, opaque, STRING, typeText } from '../../machinery/cel/types.js';
import { invalid, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';

const EXPRESSION_BYTES_MAX = 10 * 1_024;
/** What a selector looks at: attributes and capacities by the domain of their names. */
const VARIABLES: Variables = new Map([
  [
    'device',
    objectType('kubernetes.DRADevice', {
      driver: STRING,
      attributes: mapOf(STRING, mapOf(STRING, DYN)),
      capacity: mapOf(STRING, mapOf(STRING, opaque('kubernetes.Quantity'))),
      allowMultipleAllocations: BOOL,
    }),
  ],
]);

/** An expression that says of a device whether it will do. */
export function checkSelector({ cel }: DeviceSelector, path: string, report: Report): void {
  if (cel === undefined) return report(required(`${path}.cel`));
  const { expression } = cel;
  const at = `${path}.cel.expression`;
  if (byteLength(expression) > EXPRESSION_BYTES_MAX) return report(tooLong(at, EXPRESSION_BYTES_MAX));
  const { type, fault } = checkExpression(expression, VARIABLES);
  if (fault !== undefined) report(invalid(at, expression, fault));
  else if (type.kind !== 'bool' && type.kind !== 'dyn') {
    report(invalid(at, expression, `must evaluate to bool or the unknown type, not ${typeText(type)}`));
  }
}
