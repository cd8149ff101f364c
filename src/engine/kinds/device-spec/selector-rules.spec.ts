import type { FieldError } from '../../machinery/field-error.js';
import { checkSelector } from './selector-rules.js';

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
    ['device.driver', 'must evaluate to bool or the unknown type, not string'],
    [
      'unknown.x',
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'unknown' (in container '')\n | unknown.x\n | ^",
    ],
  ])('may not be %s', (expression, fault) =>
    expect(faultsOf(expression)).toEqual([`spec.selectors[0].cel.expression: ${fault}`]),
  );
});
