import { textCodec } from '../../../../hosting/text-codec.js';
import { compileProgram } from '../program.js';
import { DYN } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { fromJson } from '../values/json-value.js';
import { AUTHORIZER, CheckValue } from './authorizers.js';

const authorizer = new CheckValue(AUTHORIZER, ({ user, verb, resource, path, namespace }) => ({
  isAllowed: verb === 'get' && (resource === 'pods' || path === '/healthz') && namespace !== 'secret',
  reason: user?.username ?? 'none',
}));
const VARIABLES = new Map([
  ['x', DYN],
  ['authorizer', AUTHORIZER],
]);

function valueOf(text: string, x: unknown = {}): unknown {
  const { program, fault } = compileProgram(text, VARIABLES, textCodec);
  if (program === undefined) return fault.split('\n', 1)[0];
  try {
    return program.run((name) => (name === 'x' ? fromJson(x) : name === 'authorizer' ? authorizer : undefined)).value;
  } catch (error) {
    if (error instanceof CelError) return error.message;
    throw error;
  }
}

describe("Kubernetes' functions of CEL", () => {
  it.each([
    `quantity('1.5Gi').isGreaterThan(quantity('1500Mi')) && quantity('50k').add(20) == quantity('50020')`,
    `quantity('1k').asInteger() == 1000 && !quantity('50m').isInteger() && sign(quantity('-1')) == -1`,
    `isQuantity('1Gi') && !isQuantity('1 Gi') && quantity('1').compareTo(quantity('1000m')) == 0`,
    `ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && ip('10.0.0.1') == ip('10.0.0.1')`,
    `!isIP('10.0.0.256') && !isIP('::ffff:1.2.3.4') && !ip.isCanonical('2001:DB8::1') && isIP('2001:db8::abcd')`,
    `ip('224.0.0.1').isLinkLocalMulticast() && ip('fe80::1').isLinkLocalUnicast() && ip('8.8.8.8').isGlobalUnicast()`,
    `cidr('192.168.0.0/24').containsIP('192.168.0.5') && !cidr('192.168.0.0/24').containsCIDR('192.168.0.0/23')`,
    `cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24') && cidr('::/8').prefixLength() == 8`,
    `string(cidr('10.0.0.0/8').ip()) == '10.0.0.0'`,
    `url('https://[::1]:80/a b?k=1&k=2').getHostname() == '::1' && url('https://h:80/').getPort() == '80'`,
    `url('https://h/a?k=1&k=2').getQuery() == {'k': ['1', '2']} && isURL('/a') && !isURL('a')`,
    `'abc 123 45'.find('[0-9]+') == '123' && 'a1b2'.findAll('[0-9]') == ['1', '2'] && '123'.findAll('[0-9]', 2) == ['1', '2']`,
    `semver('1.2.3-alpha').isLessThan(semver('1.2.3')) && semver('v1.2', true) == semver('1.2.0') && !isSemver('v1.2.3')`,
    `semver('1.20.3').minor() == 20 && semver('1.0.0').compareTo(semver('1.0.0+b')) == 0`,
    `format.named('dns1123Label').value().validate('a-b') == optional.none() && format.dns1123Label().validate('A').hasValue()`,
    `[3, 1, 2].sort() == [1, 2, 3] && [1, 2].isSorted() && [1, 2, 3].sum() == 6 && ['b', 'a'].max() == 'b'`,
    `sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])`,
    `[1, 1, 2].distinct() == [1, 2] && lists.range(3) == [0, 1, 2] && [[1], [2]].flatten() == [1, 2]`,
    `'%s is %d and %.2f'.format([dyn('a'), dyn(1), dyn(2.5)]) == 'a is 1 and 2.50'`,
    `x.?a.?b.orValue('none') == 'none' && {'k': 1}[?'k'].optMap(v, v + 1).value() == 2 && !x.?a.hasValue()`,
    `[5, 6].all(i, v, v == i + 5) && {'a': 1}.exists(k, v, k == 'a' && v == 1)`,
    `{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10) == {'b': 20} && [1, 2].transformList(i, v, i + v) == [1, 3]`,
    `authorizer.group('').resource('pods').namespace('default').check('get').allowed()`,
    `!authorizer.group('').resource('pods').namespace('secret').check('get').allowed()`,
    `authorizer.path('/healthz').check('get').allowed() && !authorizer.path('/x').check('get').allowed()`,
    `authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('x').reason() == 'system:serviceaccount:ns:sa'`,
  ])('%s', (text) => {
    expect(valueOf(text)).toBe(true);
  });

  it.each([
    [`quantity('x').isInteger()`, /^quantities must match|unable to parse/],
    [`ip('x')`, /^IP Address "x" parse error during conversion from string: /],
    [`cidr('1.2.3.4')`, /^network address parse error during conversion from string: .*no '\/'$/],
    [`url('x')`, /^URL parse error during conversion from string: parse "x": invalid URI for request$/],
    [`'a'.find('[')`, /^Illegal regex: error parsing regexp: missing closing ]/],
    [`x.a.b`, /^no such key: a$/],
    [`[1][2]`, /^index out of bounds: 2$/],
    [`1 / (1 - 1)`, /^division by zero$/],
    [`int('x')`, /^type conversion error from 'string' to 'int'$/],
    [`[].max()`, /found no matching overload|called on empty list/],
    [`'a' + 1`, /found no matching overload for '_\+_' applied to '\(string, int\)'$/],
    [`[1, 'a']`, /expected type 'int' but found 'string'$/],
  ])('%s fails in its own words', (text, words) => {
    expect(String(valueOf(text))).toMatch(words);
  });

  it('matches in linear time', () => {
    expect(valueOf(`x.matches('^(a+)+$')`, `${'a'.repeat(5_000)}b`)).toBe(false);
  });
});
