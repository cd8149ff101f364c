import type { FieldError } from './field-error.js';
import * as fieldError from './field-error.js';

describe('fieldErrorMessage', () => {
  const { invalid, required, duplicate, notSupported, tooLong, tooMany, forbidden, typeInvalid, notFound, internal } =
    fieldError;
  const cases: readonly (readonly [FieldError, string])[] = [
    [required('spec.selector'), 'spec.selector: Required value'],
    [required('spec.x', 'why'), 'spec.x: Required value: why'],
    [invalid('spec.replicas', -1, 'must be greater'), 'spec.replicas: Invalid value: -1: must be greater'],
    [invalid('metadata.name', 'A"b', 'bad'), 'metadata.name: Invalid value: "A\\"b": bad'],
    [invalid('spec.paused', true, 'bad'), 'spec.paused: Invalid value: true: bad'],
    [invalid('spec.ratio', 0.00001, 'bad'), 'spec.ratio: Invalid value: 1e-05: bad'],
    [invalid('spec.big', 9223372036854775807n, 'bad'), 'spec.big: Invalid value: 9223372036854775807: bad'],
    [invalid('spec', undefined, 'bad'), 'spec: Invalid value: null: bad'],
    [invalid('m', { b: '<1>', a: [1n] }, 'bad'), 'm: Invalid value: {"b":"\\u003c1\\u003e","a":[1]}: bad'],
    [duplicate('spec.ports[1]', { port: 80 }), 'spec.ports[1]: Duplicate value: {"port":80}'],
    [notSupported('dryRun', ['None'], ['All']), 'dryRun: Unsupported value: ["None"]: supported values: "All"'],
    [notSupported('type', '', []), 'type: Unsupported value: ""'],
    [forbidden('spec', 'immutable'), 'spec: Forbidden: immutable'],
    [tooLong('spec.a', 2), 'spec.a: Too long: may not be more than 2 bytes'],
    [tooLong('spec.a', 1), 'spec.a: Too long: may not be more than 1 byte'],
    [tooMany('spec.l', 3, 2), 'spec.l: Too many: 3: must have at most 2 items'],
    [typeInvalid('spec.u', 'x', 'in body'), 'spec.u: Invalid value: "x": in body'],
    [notFound('spec.v', 'v'), 'spec.v: Not found: "v"'],
    [internal('spec.v', 'no'), 'spec.v: Internal error: no'],
  ];

  it.each(cases)('prints %j as upstream does', (error, message) => {
    expect(fieldError.fieldErrorMessage(error)).toBe(message);
  });

  it('names the reason of a cause', () => {
    expect(cases.map(([error]) => fieldError.fieldErrorReason(error.type))).toEqual(
      expect.arrayContaining([
        'FieldValueRequired',
        'FieldValueNotSupported',
        'FieldValueTypeInvalid',
        'InternalError',
      ]),
    );
  });
});
