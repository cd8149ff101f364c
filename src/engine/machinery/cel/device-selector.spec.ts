import type { Device } from '../api/resource-v1.js';
import { compileDeviceSelector, matchDevice, selectorCost } from './device-selector.js';

const DRIVER = 'dra.example.com';

function outcomeOf(expression: string, device: Omit<Device, 'name'> = {}, driver = DRIVER): string | boolean {
  const { program, fault } = compileDeviceSelector(expression);
  if (program === undefined) return fault;
  const match = matchDevice(program, driver, { name: 'd', ...device });
  return match.fault ?? match.isMatch;
}

const costOf = (expression: string): number => {
  const { program, fault } = compileDeviceSelector(expression);
  if (program === undefined) throw new Error(fault);
  return selectorCost(program);
};

const FULL: Omit<Device, 'name'> = {
  attributes: {
    bool: { bool: true },
    int: { int: 1 },
    string: { string: 'fish' },
    version: { version: '1.0.0' },
    'other.example.com/name': { bool: true },
  },
  capacity: { quantity: { value: '1Mi' } },
};

describe('the selector of a device', () => {
  // Cases and their estimated costs as upstream's own tests have them.
  it.each<[string, Omit<Device, 'name'>, boolean | string, number]>([
    ['"no-such-domain" in device.attributes', {}, false, 3],
    ['"dra.example.com" in device.attributes', FULL, true, 3],
    ['device.driver == "dra.example.com"', {}, true, 4],
    ['device.attributes["dra.example.com"].bool', FULL, true, 4],
    ['device.attributes["dra.example.com"]["bool"]', FULL, true, 4],
    ['cel.bind(dra, device.attributes["dra.example.com"], dra.bool)', FULL, true, 15],
    ['device.attributes["other.example.com"].name', FULL, true, 4],
    ['device.attributes["dra.example.com"].int > 0', FULL, true, 5],
    ['device.attributes["dra.example.com"].string == "fish"', FULL, true, 5],
    ['device.attributes["dra.example.com"].version.isGreaterThan(semver("0.0.1"))', FULL, true, 6],
    ['device.capacity["dra.example.com"].quantity.isGreaterThan(quantity("1Ki"))', FULL, true, 6],
    [
      '"quantity" in device.capacity["dra.example.com"] && ' +
        'device.capacity["dra.example.com"].quantity.isGreaterThan(quantity("1Ki"))',
      FULL,
      true,
      10,
    ],
    [
      '!("name" in device.capacity["dra.example.com"]) || ' +
        'device.capacity["dra.example.com"].name.isGreaterThan(quantity("1Ki"))',
      {},
      true,
      11,
    ],
    ['device.attributes.exists_one(x, x == "dra.example.com")', { attributes: { a: { int: 1 } } }, true, 164],
    ['device.attributes["dra.example.com"].exists_one(x, x == "a")', { attributes: { a: { int: 1 } } }, true, 133],
    [
      'device.attributes["dra.example.com"].services.split("example").size() >= 2',
      { attributes: { services: { string: 'some_example_value' } } },
      true,
      19,
    ],
    [
      'device.attributes["dra.example.com"].services.matches("[^a]?sym")',
      { attributes: { services: { string: 'asymetric' } } },
      true,
      18,
    ],
    ['device.capacity.exists_one(x, x == "dra.example.com")', { capacity: { a: { value: '1Mi' } } }, true, 164],
    ['device.attributes["no-such-domain"].noSuchAttr.isGreaterThan(quantity("0"))', {}, 'no such key: noSuchAttr', 6],
    [
      'device.attributes["no-such-domain"]["noSuchAttr"].isGreaterThan(quantity("0"))',
      {},
      'no such key: noSuchAttr',
      6,
    ],
  ])('%s', (expression, device, expected, cost) => {
    expect(outcomeOf(expression, device)).toBe(expected);
    expect(costOf(expression)).toBe(cost);
  });

  it.each([
    ['1', 'must evaluate to bool or the unknown type, not int'],
    [
      'device.allowMultipleAllocations == false',
      "compilation failed: ERROR: <input>:1:7: undefined field 'allowMultipleAllocations'\n" +
        ' | device.allowMultipleAllocations == false\n | ......^',
    ],
  ])('cannot be %s', (expression, fault) => expect(outcomeOf(expression)).toBe(fault));

  it.each([
    ['int', 'int', "unsupported type conversion from 'int' to bool"],
    ['string', 'string', "unsupported native conversion from string to 'bool'"],
    ['version', 'kubernetes.Semver', "type conversion error from 'Semver' to 'bool'"],
  ])('must come to a truth in the end, not to %s', (name, type, cause) => {
    expect(outcomeOf(`device.attributes["dra.example.com"].${name}`, FULL)).toBe(
      `CEL result of type ${type} could not be converted to bool: ${cause}`,
    );
  });
});
