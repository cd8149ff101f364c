import type { FieldError } from '../../machinery/field-error.js';
import { checkSelector } from './selector-rules.js';

const NESTED = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(x, ';

function faultsOf(expression: string): readonly string[] {
  const errors: FieldError[] = [];
  checkSelector({ cel: { expression } }, 'spec.selectors[0]', (error) => void errors.push(error));
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

describe('the selector of a device', () => {
  it.each([
    'device.driver == "gpu.example.com"',
    'device.attributes["gpu.example.com"].model == "a"',
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("1Gi")) >= 0',
    'device.attributes["gpu.example.com"].healthy',
  ])('may be %s', (expression) => expect(faultsOf(expression)).toEqual([]));

  it.each([
    ['1', 'must evaluate to bool or the unknown type, not int'],
    [`${NESTED.repeat(7)}true${')'.repeat(7)}`, 'too complex, exceeds cost limit'],
    ['device.driver', 'must evaluate to bool or the unknown type, not string'],
    [
      'unknown.x',
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'unknown' (in container '')\n | unknown.x\n | ^",
    ],
  ])('may not be %s', (expression, fault) =>
    expect(faultsOf(expression)).toEqual([`spec.selectors[0].cel.expression: ${fault}`]),
  );
});
