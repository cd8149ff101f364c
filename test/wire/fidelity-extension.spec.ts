import { createApiHarness, type Json } from '../support/engine-harness.js';
import {
  DEFINITION,
  DEFINITIONS,
  definition,
  MERGE,
  messageOf,
  version,
  warningsOf,
  WIDGETS,
  withWidgets,
} from '../support/widgets.js';

const SCHEMA = 'spec.validation.openAPIV3Schema';

/** What is said of a definition whose `spec` has such properties. */
function refusalOf(properties: Json, more: Json = {}): string {
  const answer = createApiHarness().request('POST', DEFINITIONS, definition([version(properties, more)]));
  expect(answer.status).toBe(422);
  return messageOf(answer);
}

const at = (name: string): string => `${SCHEMA}.properties[spec].properties[${name}]`;

describe('a schema must be structural:', () => {
  it.each<readonly [string, Json, string]>([
    [
      'every field has a type',
      { a: {} },
      `${at('a')}.type: Required value: must not be empty for specified object fields`,
    ],
    [
      'items have one',
      { a: { type: 'array', items: {} } },
      `${at('a')}.items.type: Required value: must not be empty for specified array items`,
    ],
    [
      'additional properties have one',
      { a: { type: 'object', additionalProperties: {} } },
      `${at('a')}.additionalProperties.type: Required value: must not be empty for specified object fields`,
    ],
    [
      'fields and additional ones exclude each other',
      { a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } } },
      `${at('a')}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    [
      'items are not unique by themselves',
      { a: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
      `${at('a')}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
    [
      'restrictions have no types',
      { a: { type: 'string', allOf: [{ type: 'string' }] } },
      `${at('a')}.allOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [
      'restrictions describe and default nothing',
      { a: { type: 'string', anyOf: [{ description: 'd' }], oneOf: [{ default: 'x' }], not: { title: 't' } } },
      `${at('a')}.anyOf[0].description: Forbidden: must be empty to be structural`,
    ],
    [
      'lists with keys name their keys',
      { a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' } },
      `${at('a')}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
    [
      'sets are of what can be told apart',
      { a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' } },
      `${at('a')}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
    [
      'patterns are RE2',
      { a: { type: 'string', pattern: '(?=x)' } },
      `${at('a')}.pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``,
    ],
    [
      'defaults fit',
      { a: { type: 'integer', minimum: 3, default: 1 } },
      `${at('a')}.default: Invalid value: 1:  in body should be greater than or equal to 3`,
    ],
    [
      'defaults survive pruning',
      { a: { type: 'object', properties: { b: { type: 'string' } }, default: { b: 'x', c: 1 } } },
      `${at('a')}.default: Invalid value: {"b":"x","c":1}: must not have unknown fields`,
    ],
    [
      'rules compile',
      { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self > 3' }] } },
      "found no matching overload for '_>_' applied to '(string, int)'",
    ],
    [
      'rules are of truth',
      { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self + "a"' }] } },
      'cel expression must evaluate to a bool',
    ],
    [
      'messages are of text',
      { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', messageExpression: '1' }] } },
      'messageExpression must evaluate to a string',
    ],
    [
      'rules point to fields that there are',
      { a: { type: 'object', properties: {}, 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.b' }] } },
      'x-kubernetes-validations[0].fieldPath: Invalid value: ".b": must be a valid path',
    ],
    [
      'reasons are known ones',
      { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', reason: 'Whim' }] } },
      'Unsupported value: "Whim": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
    [
      'rules cost little',
      {
        a: {
          type: 'array',
          items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.matches("^(a+)+$")' }] },
        },
      },
      'estimated rule cost exceeds budget by factor of more than 100x',
    ],
  ])('%s', (_what, properties, message) => {
    expect(refusalOf(properties)).toContain(message);
  });

  it('one that is none cannot be had at all', () => {
    const [bare] = [{ name: 'v1', served: true, storage: true }];
    const { status, json } = createApiHarness().request('POST', DEFINITIONS, definition([bare as Json]));
    expect([status, json.message]).toEqual([
      422,
      expect.stringContaining('spec.versions[0].schema.openAPIV3Schema: Required value'),
    ]);
  });
});

describe('custom resources', () => {
  it('lose what their schema does not know, but where it keeps all', () => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const half = { ...open, properties: { known: { type: 'object', properties: { a: { type: 'string' } } } } };
    const { create } = withWidgets({ closed: { type: 'object', properties: { a: { type: 'string' } } }, open, half });
    const { json } = create('w', {
      closed: { a: 'x', b: 'y' },
      open: { b: { c: 1 } },
      half: { other: 1, known: { a: 'x', b: 'y' } },
      gone: 1,
    });
    expect(json.spec).toEqual({ closed: { a: 'x' }, open: { b: { c: 1 } }, half: { other: 1, known: { a: 'x' } } });
  });

  it('hold numbers or texts where that is said, and nothing else', () => {
    const { create } = withWidgets({ port: { 'x-kubernetes-int-or-string': true } });
    expect(create('a', { port: 80 }).json.spec).toEqual({ port: 80 });
    expect(create('b', { port: 'http' }).json.spec).toEqual({ port: 'http' });
    expect(messageOf(create('c', { port: true }))).toContain(
      'spec.port in body must be of type integer,string: "boolean"',
    );
  });

  it('hold whole objects, whose type and metadata are read as any', () => {
    const inner = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    };
    const { create } = withWidgets({ template: inner });
    const template = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: { a: 'b' }, odd: 1 },
      spec: { x: 1 },
    };
    expect(create('a', { template }).json.spec.template).toEqual({
      ...template,
      metadata: { name: 'p', labels: { a: 'b' } },
    });
    const refused = create('b', { template: { kind: 'Pod', metadata: { name: 'Not A Name' } } });
    expect(refused.status).toBe(422);
    expect(messageOf(refused)).toContain('spec.template.apiVersion: Required value');
  });

  it('take null where that is said; elsewhere it is as if nothing was there, and a default comes in', () => {
    const { create } = withWidgets({
      may: { type: 'string', nullable: true, default: 'x' },
      mayNot: { type: 'string', default: 'y' },
      none: { type: 'string' },
    });
    expect(create('a', { may: null, mayNot: null }).json.spec).toEqual({ may: null, mayNot: 'y' });
    expect(messageOf(create('b', { none: null }))).toBeUndefined();
  });

  it('have defaults, also those that came after they were stored', () => {
    const { create, request, settle } = withWidgets({
      a: { type: 'string' },
      deep: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 3 } } },
    });
    expect(create('w', {}).json.spec).toEqual({ deep: { b: 3 } });
    const later = version({
      a: { type: 'string', default: 'late' },
      c: { type: 'array', items: { type: 'string' }, default: ['x'] },
    });
    expect(request('PATCH', DEFINITION, { spec: { versions: [later] } }, MERGE).status).toBe(200);
    settle();
    const { json } = request('GET', `${WIDGETS}/w`);
    // What is no longer known is pruned on the way out, as what is new comes in.
    expect([json.spec, json.metadata.generation]).toEqual([{ a: 'late', c: ['x'] }, 1]);
    expect(request('GET', WIDGETS).json.items[0].spec).toEqual({ a: 'late', c: ['x'] });
  });

  it('have lists whose items differ, where that is said', () => {
    const keyed = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } },
    };
    const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } };
    const { create } = withWidgets({ keyed, set });
    const message = messageOf(
      create('w', { keyed: [{ k: 'a' }, { k: 'b' }, { k: 'a', v: 'x' }], set: ['x', 'y', 'x'] }),
    );
    expect(message).toContain('spec.keyed[2]: Duplicate value: {"k":"a"}');
    expect(message).toContain('spec.set[2]: Duplicate value: "x"');
  });

  it("are held against alternatives in upstream's words", () => {
    const limits = { type: 'integer' };
    const { create } = withWidgets({
      any: { ...limits, anyOf: [{ minimum: 10 }, { maximum: 2 }] },
      one: { ...limits, oneOf: [{ minimum: 2 }, { maximum: 6 }] },
      all: { ...limits, allOf: [{ minimum: 2 }, { maximum: 6 }] },
      not: { ...limits, not: { minimum: 3 } },
    });
    const message = messageOf(create('w', { any: 5, one: 4, all: 9, not: 4 }));
    expect(message).toContain('"spec.any" must validate at least one schema (anyOf)');
    expect(message).toContain('"spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives');
    expect(message).toContain('"spec.all" must validate all the schemas (allOf)');
    expect(message).toContain('"spec.not" must not validate the schema (not)');
    expect(create('x', { any: 1, one: 7, all: 3, not: 2 }).status).toBe(201);
  });

  it('keep what is wrong and has not changed, and take nothing new of the sort', () => {
    const { create, update, request, settle } = withWidgets({
      a: { type: 'string' },
      b: { type: 'string' },
      c: { type: 'string' },
    });
    create('w', { a: 'long', b: 'x' });
    const stricter = version({
      a: { type: 'string', maxLength: 2 },
      b: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self != "x"', message: 'no x' }] },
      c: { type: 'string' },
    });
    request('PATCH', DEFINITION, { spec: { versions: [stricter] } }, MERGE);
    settle();
    const changed = update('w', { c: 'new' });
    expect(changed.status).toBe(200);
    expect(warningsOf(changed)).toEqual(['299 - "spec.b: Invalid value: \\"x\\": no x"']);
    expect(messageOf(update('w', { a: 'longer' }))).toContain('spec.a: Too long: may not be more than 2 bytes');
    expect(create('v', { b: 'x' }).status).toBe(422);
  });
});

describe('rules', () => {
  const rule = (own: Json) => ({ 'x-kubernetes-validations': [own] });

  it('look back: transitions, optional ones too', () => {
    const { create, update } = withWidgets({
      fixed: { type: 'string', ...rule({ rule: 'self == oldSelf', message: 'is fixed' }) },
      once: {
        type: 'integer',
        ...rule({ rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true, message: 'begins with 1' }),
      },
    });
    expect(messageOf(create('w', { once: 2 }))).toContain('spec.once: Invalid value: 2: begins with 1');
    expect(create('w', { fixed: 'a', once: 1 }).status).toBe(201);
    expect(update('w', { once: 5 }).status).toBe(200);
    expect(messageOf(update('w', { fixed: 'b' }))).toBe(
      'Widget.example.com "w" is invalid: spec.fixed: Invalid value: "b": is fixed',
    );
  });

  it('speak by expressions, point to fields and say why', () => {
    const { create } = withWidgets({
      range: {
        type: 'object',
        properties: { min: { type: 'integer' }, max: { type: 'integer' } },
        ...rule({
          rule: 'self.min <= self.max',
          messageExpression: '"%d is more than %d".format([self.min, self.max])',
          fieldPath: '.max',
          reason: 'FieldValueForbidden',
        }),
      },
    });
    const { json } = create('w', { range: { min: 3, max: 1 } });
    expect(json.details.causes).toEqual([
      { reason: 'FieldValueForbidden', message: 'Forbidden: 3 is more than 1', field: 'spec.range.max' },
    ]);
  });

  it("know Kubernetes' own functions, optional fields and loops with two variables", () => {
    const { create } = withWidgets({
      cpu: { type: 'string', ...rule({ rule: 'quantity(self).isLessThan(quantity("2"))' }) },
      net: { type: 'string', ...rule({ rule: 'cidr(self).containsIP("10.0.0.1")' }) },
      ver: { type: 'string', ...rule({ rule: 'semver(self).major() == 1' }) },
      map: {
        type: 'object',
        maxProperties: 5,
        additionalProperties: { type: 'string', maxLength: 5 },
        ...rule({ rule: 'self.all(k, v, k != v) && [?self[?"a"]].size() < 2' }),
      },
    });
    expect(create('a', { cpu: '500m', net: '10.0.0.0/8', ver: '1.2.3', map: { a: 'b' } }).status).toBe(201);
    const message = messageOf(create('b', { cpu: '3', net: '11.0.0.0/8', ver: '2.0.0', map: { a: 'a' } }));
    expect(message.match(/failed rule/g)).toHaveLength(4);
  });

  it('stop when they have cost too much', () => {
    const loops = 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))';
    const list = { type: 'array', maxItems: 80, items: { type: 'integer' } };
    const { create } = withWidgets({ l: { ...list, ...rule({ rule: loops }) } });
    // What is estimated is the worst; here it is met.
    const message = messageOf(create('w', { l: Array.from({ length: 80 }, (_none, index) => index) }));
    expect(message).toContain('actual cost limit exceeded');
    expect(message).toContain('no further validation rules will be run due to call cost exceeds limit for rule');
  });
});
