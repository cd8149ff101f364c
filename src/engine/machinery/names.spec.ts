import fc from 'fast-check';
import * as names from './names.js';

const LABEL_FORMAT = "'[a-z0-9]([-a-z0-9]*[a-z0-9])?'";

describe('dns1123LabelFaults', () => {
  it.each(['a', 'my-name', '123-abc', 'a'.repeat(63)])('accepts %s', (value) => {
    expect(names.dns1123LabelFaults(value)).toEqual([]);
  });

  it('says what is wrong in upstream’s words', () => {
    expect(names.dns1123LabelFaults('A_b')).toEqual([
      `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is ${LABEL_FORMAT})`,
    ]);
    expect(names.dns1123LabelFaults('a.b')).toEqual(['must not contain dots']);
    expect(names.dns1123LabelFaults('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
  });
});

describe('dns1123SubdomainFaults', () => {
  it('counts bytes and checks every label', () => {
    expect(names.dns1123SubdomainFaults('example.com')).toEqual([]);
    expect(names.dns1123SubdomainFaults('a..b')).toHaveLength(1);
    expect(names.dns1123SubdomainFaults(`${'a'.repeat(253)}b`)).toEqual(['must be no more than 253 characters']);
    expect(names.dns1123SubdomainFaults('ä'.repeat(127))).toHaveLength(2);
  });

  it('judges hostile input in linear time', () => {
    expect(names.dns1123SubdomainFaults(`${'a-'.repeat(500_000)}!`)).toHaveLength(2);
    expect(names.dns1123SubdomainFaults(`${'a.'.repeat(500_000)}!`)).toHaveLength(2);
  });
});

describe('qualifiedNameFaults', () => {
  it.each(['app', 'app.kubernetes.io/name', 'a_b.c', 'X'])('accepts %s', (value) => {
    expect(names.qualifiedNameFaults(value)).toEqual([]);
  });

  it.each([
    ['/b', ['prefix part must be non-empty']],
    ['a/', ['name part must be non-empty', expect.stringMatching(/^name part must consist/)]],
    ['X.Example/y', [expect.stringMatching(/^prefix part a lowercase RFC 1123 subdomain/)]],
    ['a/b/c', [expect.stringMatching(/^a valid label key must consist.* with an optional DNS subdomain prefix/)]],
    ['x'.repeat(64), ['name part must be no more than 63 bytes']],
  ])('refuses %s', (value, faults) => {
    expect(names.qualifiedNameFaults(value)).toEqual(faults);
  });
});

describe('other names', () => {
  it.each([
    [names.labelValueFaults, ['', 'a', 'A_b.c-1'], ['-x', 'a b', 'x'.repeat(64)]],
    [names.dns1035LabelFaults, ['a', 'a-1'], ['1a', 'a-', 'A']],
    [names.wildcardDns1123SubdomainFaults, ['*.a', '*.a.b'], ['*', '*.*.a', 'a.*']],
    [names.configMapKeyFaults, ['a.b', '.a', '_'], ['..', '.', '..a', 'a/b', '']],
    [names.environmentNameFaults, ['A', 'my.name', '_'], ['1a', 'a=b', '..']],
    [names.portNameFaults, ['http', 'a-1'], ['', '1', 'a--b', '-a', 'A', 'sixteen-letters1']],
    [names.pathSegmentFaults, ['a', '...', 'a:b'], ['.', '..', 'a/b', 'a%b']],
  ])('%p accepts and refuses', (faults, valid, wrong) => {
    for (const value of valid) expect([value, faults(value)]).toEqual([value, []]);
    for (const value of wrong) expect([value, faults(value)]).not.toEqual([value, []]);
  });

  it('lets a prefix end in a dash', () => {
    expect(names.maskTrailingDash('web-')).toBe('wea');
    expect(names.maskTrailingDash('-')).toBe('-');
    expect(names.pathSegmentFaults('.', true)).toEqual([]);
  });
});

describe('what the patterns say', () => {
  const DNS_LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const SUBDOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
  const QUALIFIED = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
  const value = fc.string({
    unit: fc.constantFrom('a', 'z', '0', '9', 'A', 'Z', '-', '.', '_', '/', 'é'),
    maxLength: 9,
  });

  it('is what the checks by hand say', () => {
    fc.assert(
      fc.property(value, (text) => {
        const [name = '', prefix, ...more] = text.split('/').toReversed();
        const isQualified =
          QUALIFIED.test(name) && (prefix === undefined || SUBDOMAIN.test(prefix)) && more.length === 0;
        expect(names.dns1123LabelFaults(text).length === 0).toBe(new RegExp(`^${DNS_LABEL}$`).test(text));
        expect(names.dns1123SubdomainFaults(text).length === 0).toBe(SUBDOMAIN.test(text));
        expect(names.qualifiedNameFaults(text).length === 0).toBe(isQualified);
        expect(names.labelValueFaults(text).length === 0).toBe(text === '' || QUALIFIED.test(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
