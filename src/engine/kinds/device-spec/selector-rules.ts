import type { DeviceSelector } from '../../machinery/api/resource-v1.js';
import { compileDeviceSelector, selectorCost, SELECTOR_COST_MAX } from '../../machinery/cel/device-selector.js';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';

const EXPRESSION_BYTES_MAX = 10 * 1_024;

/** An expression that says of a device whether it will do. */
export function checkSelector({ cel }: DeviceSelector, path: string, report: Report): void {
  if (cel === undefined) return report(required(`${path}.cel`));
  const { expression } = cel;
  const at = `${path}.cel.expression`;
  if (byteLength(expression) > EXPRESSION_BYTES_MAX) return report(tooLong(at, EXPRESSION_BYTES_MAX));
  const { program, fault } = compileDeviceSelector(expression);
  if (program === undefined) report(invalid(at, expression, fault));
  else if (selectorCost(program) > SELECTOR_COST_MAX) report(forbidden(at, 'too complex, exceeds cost limit'));
}
