import fc from 'fast-check';
import type { LabelRequirement } from './label-selector.js';
import { formatLabelSelector, fromLabelSelector, matches, NOTHING, parseLabelSelector } from './label-selector.js';

const selects = (text: string, labels: Record<string, string>): boolean => matches(parseLabelSelector(text), labels);

describe('parseLabelSelector', () => {
  it.each([
    ['', {}, true],
    ['env=prod', { env: 'prod' }, true],
    ['env==prod', { env: 'dev' }, false],
    ['env!=prod', {}, true],
    ['env!=', { env: '' }, false],
    ['env=', { env: '' }, true],
    ['env in (prod,dev)', { env: 'dev' }, true],
    ['env in ( prod , dev ),app', { env: 'dev', app: 'x' }, true],
    ['env in ()', { env: '' }, true],
    ['env in (,prod)', { env: '' }, true],
    ['env notin (,)', { env: '' }, false],
    ['env notin (prod)', {}, true],
    ['env', { env: '' }, true],
    ['!env', {}, true],
    ['constructor', {}, false],
    ['tier>2', { tier: '3' }, true],
    ['tier>2', { tier: 'x' }, false],
    ['tier>1,tier<9', { tier: '9' }, false],
    ['tier>1,2', { tier: '3', 2: '' }, true],
    ['in in (in,notin)', { in: 'notin' }, true],
    [' env = prod ', { env: 'prod' }, true],
    ['env=prod,env=dev', { env: 'dev' }, false],
  ])('%s of %j is %s', (text, labels, expected) => {
    expect(selects(text, labels as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['app,', "found '', expected: identifier after ','"],
    ['env=prod,,tier', "found ',', expected: identifier after ','"],
    ['env prod', "unable to parse requirement: found 'prod', expected: in, notin, =, ==, !=, gt, lt"],
    ['(env)', "found '(', expected: !, identifier, or 'end of string'"],
    ['env===prod', "unable to parse requirement: found '=', expected: identifier"],
    ['=prod', "found '=', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!env', "unable to parse requirement: found '!', expected: identifier"],
    ['env=a b', "found 'b', expected: ',' or 'end of string'"],
    ['env in prod', "unable to parse requirement: found 'prod' expected: '('"],
    ['env in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['env in (a,b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['env notin', "unable to parse requirement: found '' expected: '('"],
    ['env=(x)', "unable to parse requirement: found '(', expected: identifier"],
    [
      'tier>abc',
      `unable to parse requirement: values[0]: Invalid value: "abc": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      'tier>',
      `unable to parse requirement: values[0]: Invalid value: "": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['/b=1', 'unable to parse requirement: <nil>: Invalid value: "/b": prefix part must be non-empty'],
    [
      `env=${'x'.repeat(64)}`,
      `unable to parse requirement: values[0][env]: Invalid value: "${'x'.repeat(64)}": must be no more than 63 bytes`,
    ],
    [
      'env=ä',
      `unable to parse requirement: values[0][env]: Invalid value: "ä": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ message, code: 400 }));
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
    fc.record({ key: word, operator: fc.constantFrom('exists' as const, '!' as const), values: fc.constant([]) }),
    fc.record({
      key: word,
      operator: fc.constantFrom('in' as const, 'notin' as const),
      values: fc
        .uniqueArray(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 4 })
        .map((each) => each.sort()),
    }),
    fc.record({
      key: word,
      operator: fc.constantFrom('=' as const, '==' as const, '!=' as const),
      values: fc.tuple(fc.oneof(word, fc.constant(''))),
    }),
    fc.record({
      key: word,
      operator: fc.constantFrom('gt' as const, 'lt' as const),
      values: fc.tuple(fc.nat().map(String)),
    }),
  );

  it('reads what formatLabelSelector writes', () => {
    const lists = fc.uniqueArray(requirement, { selector: ({ key }) => key, maxLength: 6 });
    fc.assert(
      fc.property(lists, (requirements) => {
        const sorted = requirements.toSorted((a, b) => (a.key < b.key ? -1 : 1));
        expect(parseLabelSelector(formatLabelSelector(sorted))).toEqual(sorted);
      }),
    );
  });

  it('answers any text with requirements or a StatusError', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c!=<>(), in\0]{0,16}$/), (text) => {
        try {
          parseLabelSelector(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'StatusError', code: 400 });
        }
      }),
    );
  });
});

describe('fromLabelSelector', () => {
  it('joins labels and expressions', () => {
    const requirements = fromLabelSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    });
    expect(formatLabelSelector(requirements)).toBe('app=web,!old,tier in (a,b)');
    expect(matches(requirements, { app: 'web', tier: 'a' })).toBe(true);
    expect(matches(requirements, { app: 'web', tier: 'a', old: '' })).toBe(false);
  });

  it('selects everything when empty, nothing when absent', () => {
    expect(matches(fromLabelSelector({}), { a: 'b' })).toBe(true);
    expect(matches(fromLabelSelector(undefined), { a: 'b', '': '' })).toBe(false);
    expect(matches(NOTHING, undefined)).toBe(false);
  });

  it('refuses an unknown operator', () => {
    expect(() => fromLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toThrow(
      '"Near" is not a valid label selector operator',
    );
  });
});
