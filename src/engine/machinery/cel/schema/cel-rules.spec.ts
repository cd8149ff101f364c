import { textCodec } from '../../../../hosting/text-codec.js';
import type { JSONSchemaProps } from '../../api/apiextensions-v1.js';
import { fieldErrorMessage } from '../../field-error.js';
import type { JsonValue } from '../../structure.js';
import { CelRules } from './cel-rules.js';

const rules = new CelRules(textCodec);
const SPEC: JSONSchemaProps = {
  type: 'object',
  properties: {
    min: { type: 'integer' },
    max: { type: 'integer' },
    name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'name is immutable' }] },
    up: {
      type: 'integer',
      'x-kubernetes-validations': [{ rule: '!oldSelf.hasValue() || self >= oldSelf.value()', optionalOldSelf: true }],
    },
    tags: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: `self.startsWith('t-')` }] } },
    of: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        properties: { k: { type: 'string' }, v: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v', reason: 'FieldValueForbidden', fieldPath: '.v' }],
      },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
      messageExpression: `'min ' + string(self.min) + ' is more than max ' + string(self.max)`,
    },
    { rule: '!has(self.max) || 10 / self.max > 0', message: 'ten' },
  ],
};
const SCHEMA: JSONSchemaProps = { type: 'object', properties: { spec: SPEC } };
const faults = (spec: JsonValue, old?: JsonValue): readonly string[] =>
  rules.validate(SCHEMA, { spec }, old === undefined ? undefined : { spec: old }, '').map(fieldErrorMessage);

describe('rules of custom resources', () => {
  it('hold for defaults, too', () => {
    const positive: JSONSchemaProps = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
    expect(rules.validateBelow(positive, 0, 'default').map(fieldErrorMessage)).toEqual([
      'default: Invalid value: 0: failed rule: self > 0',
    ]);
  });

  it('say what is wrong in words of their own', () => {
    expect(faults({ min: 3, max: 1 })).toEqual(['spec: Invalid value: min 3 is more than max 1']);
    expect(faults({ tags: ['t-a', 'b'] })).toEqual([
      `spec.tags[1]: Invalid value: "b": failed rule: self.startsWith('t-')`,
    ]);
  });

  it('tell of what cannot be evaluated', () => {
    expect(faults({ max: 0 })).toEqual(['spec: Invalid value: "object": division by zero evaluating rule: ten']);
  });

  it('compare with what was, where there was something', () => {
    expect(faults({ name: 'a', up: 1 })).toEqual([]);
    expect(faults({ name: 'b', up: 1 }, { name: 'a', up: 1 })).toEqual([
      'spec.name: Invalid value: "b": name is immutable',
    ]);
    expect(faults({ up: 1 }, { up: 2 })).toHaveLength(1);
  });

  it('find items again by their keys', () => {
    const of = (v: number) => ({
      of: [
        { k: 'x', v: 9 },
        { k: 'y', v },
      ],
    });
    expect(faults(of(1), of(2))).toEqual(['spec.of[1].v: Forbidden: failed rule: self.v >= oldSelf.v']);
  });

  it('suffer what was wrong already', () => {
    expect(faults({ tags: ['b'], min: 1 }, { tags: ['b'] })).toEqual([]);
  });

  it('end, however much they are given to do', () => {
    const bomb: JSONSchemaProps = {
      type: 'object',
      properties: { l: { type: 'array', items: { type: 'integer' } } },
      'x-kubernetes-validations': [{ rule: 'self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0)))' }],
    };
    const value = { l: Array.from({ length: 1_000 }, (_none, index) => index) };
    expect(rules.validate(bomb, value, undefined, '').map(fieldErrorMessage)).toEqual([
      expect.stringContaining(
        "'operation cancelled: actual cost limit exceeded': no further validation rules will be run",
      ),
    ]);
  });
});
