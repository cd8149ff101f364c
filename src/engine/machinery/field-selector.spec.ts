import fc from 'fast-check';
import {
  exactFieldValue,
  fieldLabelNotSupported,
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
  unknownFieldSelector,
} from './field-selector.js';

describe('parseFieldSelector', () => {
  it.each([
    ['', {}, true],
    [',', {}, true],
    ['a=x', { a: 'x' }, true],
    ['a==x', { a: 'y' }, false],
    ['a!=x', {}, true],
    ['a=', {}, true],
    ['a==', { a: '' }, true],
    ['a=x,,b=y', { a: 'x', b: 'y' }, true],
    ['a=x,a!=x', { a: 'x' }, false],
    ['a=x\\,y\\=z', { a: 'x,y=z' }, true],
  ])('%s of %j is %s', (text, fields, expected) => {
    expect(matchesFields(parseFieldSelector(text), fields as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ['a=b,!c', "invalid selector: 'a=b,!c'; can't understand '!c'"],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ])('refuses %s', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(expect.objectContaining({ message, code: 400 }));
  });

  it('reads what formatFieldSelector writes', () => {
    const requirement = fc.record({
      field: fc.stringMatching(/^[a-z]{1,3}$/),
      operator: fc.constantFrom('=' as const, '!=' as const),
      value: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (requirements) => {
        const parsed = parseFieldSelector(formatFieldSelector(requirements));
        expect(parsed).toHaveLength(requirements.length);
        expect(parsed).toEqual(expect.arrayContaining(requirements));
      }),
    );
  });

  it('finds the one name that is asked for', () => {
    expect(exactFieldValue(parseFieldSelector('b!=1,metadata.name=x'), 'metadata.name')).toBe('x');
    expect(exactFieldValue(parseFieldSelector('metadata.name!=x'), 'metadata.name')).toBeUndefined();
  });
});

describe('unsupported fields', () => {
  it('are named in upstream’s words', () => {
    expect(fieldLabelNotSupported('data').message).toBe('field label not supported: data');
    expect(unknownFieldSelector('data').message).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});
