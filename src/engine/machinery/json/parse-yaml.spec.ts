import fc from 'fast-check';
import { stringify } from 'yaml';
import { NumberLiteral } from '../schema/number-literal.js';
import { parseYaml, YAML_DEPTH_MAX } from './parse-yaml.js';

describe('parseYaml', () => {
  it.each([
    ['', null],
    ['null', null],
    ['- a\n- b\n', ['a', 'b']],
    ['---\na: 1\n---\n{ broken', { a: 1 }],
    ['a: y\nb: "y"\nc: yes\nd: Off\ne: ~\nf:', { a: true, b: 'y', c: true, d: false, e: null, f: null }],
    ['n: 1\n1: one\ntrue: two\n"": e', { false: 1, 1: 'one', true: 'two', '': 'e' }],
    ['a: 2024-01-01\nb: 12:30:45\nc: 1e\nd: =', { a: '2024-01-01', b: '12:30:45', c: '1e', d: '=' }],
    ['[0o17, 017, 1_000, 0b11, 0x1F, +1, 1., .5, 08, 1e1, 5.0, -0]', [15, 15, 1000, 3, 31, 1, 1, 0.5, 8, 10, 5, 0]],
    ['a: 9007199254740993', { a: new NumberLiteral('9007199254740993') }],
    ['a: !!binary aGk=\nb: "\\u00e4"\nc: !!str 1\nd: !!int "3"\ne: !x 1', { a: 'hi', b: 'ä', c: '1', d: 3, e: '1' }],
    ['data: {<<: {a: "1"}, 1: one}', { data: { a: '1', 1: 'one' } }],
    ['a: &x {k: v}\nb: *x\nc: {<<: [*x, {k: w, l: m}]}', { a: { k: 'v' }, b: { k: 'v' }, c: { k: 'v', l: 'm' } }],
    ['t: |\n  one\n  two\nf: >-\n  a\n  b\n', { t: 'one\ntwo\n', f: 'a b' }],
    ['{"a":{"b":1.0},}', { a: { b: 1 } }],
  ])('reads %j', (text, value) => {
    const parsed = parseYaml(text);
    expect(parsed.fault).toBeUndefined();
    expect(parsed.value).toEqual(value);
  });

  it.each([
    [
      'apiVersion: v1\nkind: ConfigMap\n  metadata: {name: y}\n',
      'yaml: line 3: mapping values are not allowed in this context',
    ],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['\tapiVersion: v1\n', 'yaml: found character that cannot start any token'],
    ['data: *nope\n', "yaml: unknown anchor 'nope' referenced"],
    ['a: &x {b: *x}', "yaml: anchor 'x' value contains itself"],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['a: {<<: 1}', 'yaml: map merge requires map or sequence of maps as the value'],
    ['? [a]\n: b', 'yaml: invalid map key: [a]'],
    ['a: \u0001', 'yaml: control characters are not allowed'],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int'],
    ['['.repeat(100_000), `yaml: exceeded max depth of ${YAML_DEPTH_MAX}`],
  ])('refuses %.40j', (text, fault) => {
    expect(parseYaml(text).fault).toBe(fault);
  });

  it('bounds what aliases blow up, in size and in depth', () => {
    const laughs = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 9; level++) {
      laughs.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(',')}]`,
      );
    }
    expect(parseYaml(laughs.join('\n')).fault).toBe('yaml: document contains excessive aliasing');
    const chain = ['a0: &a0 []'];
    for (let level = 1; level < 2_000; level++) chain.push(`a${level}: &a${level} [*a${level - 1}]`);
    expect(parseYaml(chain.join('\n')).fault).toMatch(/exceeded max depth|excessive aliasing/);
  });

  it('notes duplicate keys with the line of the value, and lets the last win', () => {
    expect(parseYaml('a: 1\nb:\n  k: x\n  k: z\na: 2')).toEqual({
      value: { a: 2, b: { k: 'z' } },
      strictFault:
        'yaml: unmarshal errors:\n  line 4: key "k" already set in map\n  line 5: key "a" already set in map',
    });
    expect(parseYaml('a: 1').strictFault).toBeUndefined();
  });

  it('keeps __proto__ as data', () => {
    const { value } = parseYaml('__proto__: {x: 1}\na: {<<: {__proto__: 1}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
  });

  it('reads JSON values back that were written as YAML', () => {
    const leaf = fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.integer(), fc.boolean(), fc.constant(null));
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{3,8}$/), fc.oneof(leaf, fc.array(leaf)));
    fc.assert(
      fc.property(values, (value) => {
        const text = stringify(value, {
          version: '1.1',
          defaultStringType: 'QUOTE_DOUBLE',
          aliasDuplicateObjects: false,
        });
        expect(parseYaml(text)).toEqual({ value: { ...value }, strictFault: undefined });
      }),
    );
  });
});
