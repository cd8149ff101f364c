import { textCodec } from '../../../../hosting/text-codec.js';
import type { JSONSchemaProps } from '../../api/apiextensions-v1.js';
import { Correlation } from '../../custom-schema/correlation.js';
import { structuralSchemaOf } from '../../custom-schema/structural-schema.js';
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
    all: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        properties: { k: { type: 'string' }, w: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.w >= 3' }],
      },
    },
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
const STRUCTURE = structuralSchemaOf(SCHEMA);

function found(
  spec: JsonValue,
  old?: JsonValue,
): { readonly errors: readonly string[]; readonly suffered: readonly string[] } {
  const former =
    old === undefined
      ? undefined
      : { value: { spec: old }, correlation: new Correlation({ spec }, { spec: old }, STRUCTURE) };
  const { errors, suffered } = rules.validate(SCHEMA, { spec }, former);
  return { errors: errors.map(fieldErrorMessage), suffered: suffered.map(fieldErrorMessage) };
}
const faults = (spec: JsonValue, old?: JsonValue): readonly string[] => found(spec, old).errors;

describe('lists whose order means nothing', () => {
  const items = { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' } } } as const;
  const byKeys = {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
  } as const;
  const set = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } as const;
  const plain = { type: 'array', items: { type: 'string' } } as const;
  const holds = (
    list: JSONSchemaProps,
    rule: string,
    spec: { readonly a: JsonValue; readonly b: JsonValue },
  ): boolean => {
    const schema: JSONSchemaProps = {
      type: 'object',
      properties: { a: list, b: list },
      'x-kubernetes-validations': [{ rule }],
    };
    return rules.validate(schema, spec, undefined).errors.length === 0;
  };
  const [x, y, other] = [
    { k: 'x', v: 1 },
    { k: 'y', v: 2 },
    { k: 'x', v: 9 },
  ];

  it.each<readonly [string, JSONSchemaProps, JsonValue, JsonValue, boolean]>([
    ['sets', set, ['a', 'b'], ['b', 'a'], true],
    ['sets of other items', set, ['a', 'b'], ['a', 'c'], false],
    ['sets of other sizes', set, ['a', 'b'], ['a'], false],
    ['lists with keys', byKeys, [x, y], [y, x], true],
    ['lists with keys and other values', byKeys, [x, y], [y, other], false],
    ['plain lists', plain, ['a', 'b'], ['b', 'a'], false],
  ])('are compared so: %s', (_what, list, a, b, isEqual) => {
    expect(holds(list, 'self.a == self.b', { a, b })).toBe(isEqual);
    expect(holds(list, 'self.a != self.b', { a, b })).toBe(!isEqual);
  });

  it('are joined so', () => {
    expect(
      holds(set, `(self.a + self.b).size() == 3 && self.a + self.b == ['c', 'b', 'a']`, {
        a: ['a', 'b'],
        b: ['b', 'c'],
      }),
    ).toBe(true);
    expect(holds(plain, '(self.a + self.b).size() == 4', { a: ['a', 'b'], b: ['b', 'c'] })).toBe(true);
    expect(
      holds(byKeys, '(self.a + self.b).size() == 2 && (self.a + self.b)[0].v == 9', { a: [x, y], b: [other] }),
    ).toBe(true);
  });
});

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
    expect(found({ tags: ['b'], min: 1 }, { tags: ['b'] })).toEqual({
      errors: [],
      suffered: [`spec.tags[0]: Invalid value: "b": failed rule: self.startsWith('t-')`],
    });
  });

  it('suffer it in items that are found again by their keys, wherever they stand', () => {
    const broken = { k: 'z', w: 1 };
    const whole = { k: 'y', w: 5 };
    expect(found({ all: [whole, broken] }, { all: [broken] }).errors).toEqual([]);
    expect(found({ all: [{ ...broken, w: 2 }] }, { all: [broken] }).errors).toHaveLength(1);
    expect(found({ all: [whole, broken], min: 1 }, { all: [broken, whole] }).errors).toEqual([]);
  });

  it('end, however much they are given to do', () => {
    const bomb: JSONSchemaProps = {
      type: 'object',
      properties: { l: { type: 'array', items: { type: 'integer' } } },
      'x-kubernetes-validations': [{ rule: 'self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0)))' }],
    };
    const value = { l: Array.from({ length: 1_000 }, (_none, index) => index) };
    expect(rules.validate(bomb, value, undefined).errors.map(fieldErrorMessage)).toEqual([
      expect.stringContaining(
        "'operation cancelled: actual cost limit exceeded': no further validation rules will be run",
      ),
    ]);
  });
});
