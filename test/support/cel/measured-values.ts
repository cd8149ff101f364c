/**
 * What a real environment of Kubernetes 1.35 makes of expressions: values and what they cost while they run and at most,
 * and what is wrong with others.
 */

/** `expression => value | cost | estimate`; the estimate is left out where nothing bounds it. */
export const MEASURED_VALUES = String.raw`
[?optional.of(1), 2] => [int(1),int(2)] | 11 | 11
[?optional.none(), 2] => [int(2)] | 11 | 11
[?x.?a, ?x.?zz] => [int(1)] | 13 | 14
{?'a': optional.of(1), 'b': 2} => {"a":int(1),"b":int(2)} | 31 | 31
{'a': 1}.?a.orValue(2) => int(1) | 2 | 32
x.?a.orValue(2) => int(1) | 2 | 3
x.?zz.orValue(2) => int(2) | 1 | 3
x.?c[0].orValue(9) => int(3) | 3 | 4
x.?c[?5].orValue(9) => int(9) | 2 | 4
m.?one.hasValue() => bool(true) | 3 | 3
m[?'one'].value() => int(1) | 3 | 3
optional.of(1).optMap(v, v + 1) => some(int(2)) | 7 | 17
optional.none().optMap(v, v + 1) => none | 3 | 17
optional.of(1).optFlatMap(v, optional.of(v + 2)) => some(int(3)) | 7 | 17
optional.ofNonZeroValue(0) => none | 1 | 1
optional.ofNonZeroValue('') => none | 1 | 1
optional.ofNonZeroValue(dyn([])) => none | 1 | 12
optional.of(1).or(optional.of(2)) => some(int(1)) | 1 | 3
optional.none().or(optional.of(2)).value() => int(2) | 3 | 4
optional.none() == optional.none() => bool(true) | 3
optional.of(optional.of(1)) => some(some(int(1))) | 2 | 2
has(x.a) => bool(true) | 1 | 1
has(x.zz) => bool(false) | 1 | 1
l.first() => some(int(3)) | 2 | 2
l.last() => some(int(2)) | 2 | 2
[].first() => none | 1 | 11
ls.first().orValue('none') => "b" | 2 | 3
l.sort() => [int(1),int(2),int(3)] | 30
ls.sort() => ["a","b","c"] | 30
l.distinct() => [int(3),int(1),int(2)] | 30
[1, 1, 2].distinct() => [int(1),int(2)] | 29 | 39
l.reverse() => [int(2),int(1),int(3)] | 15
l.slice(0, 2) => [int(3),int(1)] | 14 | 14
lists.range(4) => [int(0),int(1),int(2),int(3)] | 15 | 15
[{'a': 2}, {'a': 1}].sortBy(e, e.a) => [{"a":int(1)},{"a":int(2)}] | 50 | 140
l.sortBy(e, -e) => [int(3),int(2),int(1)] | 75
l.isSorted() => bool(false) | 4
[1, 2].isSorted() => bool(true) | 2 | 12
l.sum() => int(6) | 4
l.min() => int(1) | 4
l.max() => int(3) | 4
[].sum() => int(0) | 0 | 10
[1.5, 2.5].sum() => double(4) | 2 | 12
['a', 'b'].max() => "b" | 0
l.indexOf(1) => int(1) | 4
l.lastIndexOf(2) => int(2) | 4
l.indexOf(99) => int(-1) | 4
'abc'.find('b') => "b" | 1 | 1
s.find('[a-z]+') => "h" | 5
s.findAll('[a-z]+') => ["h","llo","w","rld"] | 5
s.findAll('l', 2) => ["l","l"] | 3
s.findAll('l', 0) => [] | 3
s.find(ls[0]) => "" | 5
url('https://a.b:80/p?q=1&q=2#f').getQuery() => {"q":["1","2"]} | 4 | 4
url('https://a.b:80/p?q=1').getHost() => "a.b:80" | 3 | 3
url('https://a.b:80/p?q=1').getHostname() => "a.b" | 3 | 3
url('https://[::1]:80/p').getHostname() => "::1" | 3 | 3
url('https://[::1]:80/p').getPort() => "80" | 3 | 3
url('https://a.b/p%20q/ü').getEscapedPath() => "/p%20q/%C3%BC" | 3 | 3
url('https://a.b').getScheme() => "https" | 3 | 3
isURL('/path') => bool(true) | 1 | 1
isURL('nope') => bool(false) | 1 | 1
url('/x') == url('/x') => bool(true) | 3 | 3
quantity('1Gi').isInteger() => bool(true) | 2 | 2
quantity('1500m').asApproximateFloat() => double(1.5) | 2 | 2
quantity('1500m').isInteger() => bool(false) | 2 | 2
isQuantity('1.3Gi') => bool(true) | 1 | 1
isQuantity('1,3G') => bool(false) | 1 | 1
quantity('1').compareTo(quantity('2')) => int(-1) | 3 | 3
quantity('1k').isGreaterThan(quantity('100')) => bool(true) | 3 | 3
quantity('1k').isLessThan(quantity('100')) => bool(false) | 3 | 3
quantity('1k') == quantity('1000') => bool(true) | 3 | 3
ip('1.2.3.4').family() => int(4) | 2 | 2
ip('::1').isLoopback() => bool(true) | 2 | 2
isIP('1.2.3.4') => bool(true) | 1 | 1
isIP('::ffff:1.2.3.4') => bool(false) | 2 | 2
ip.isCanonical('2001:DB8::1') => bool(false) | 3 | 3
ip.isCanonical('::1') => bool(true) | 1 | 1
ip('224.0.0.1').isLinkLocalMulticast() => bool(true) | 2 | 2
ip('169.254.0.1').isLinkLocalUnicast() => bool(true) | 3 | 3
ip('8.8.8.8').isGlobalUnicast() => bool(true) | 2 | 2
ip('0.0.0.0').isUnspecified() => bool(true) | 2 | 2
string(ip('::1')) => "::1" | 2 | 2
ip('1.2.3.4') == ip('1.2.3.4') => bool(true) | 3 | 3
cidr('10.0.0.0/8').containsIP('10.1.2.3') => bool(true) | 3 | 6
cidr('10.0.0.0/8').containsIP(ip('11.1.2.3')) => bool(false) | 3 | 6
cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') => bool(true) | 6 | 10
cidr('10.0.0.0/8').containsCIDR(cidr('10.0.0.0/7')) => bool(false) | 5 | 9
cidr('10.0.0.1/8').prefixLength() => int(8) | 2 | 2
isCIDR('10.0.0.0/8') => bool(true) | 1 | 1
string(cidr('10.0.0.0/8')) => "10.0.0.0/8" | 2 | 2
cidr('10.0.0.0/8') == cidr('10.0.0.0/8') => bool(true) | 3 | 3
sets.contains([1, 2], [1]) => bool(true) | 3 | 23
sets.equivalent([1, 2], [2, 1, 1]) => bool(true) | 13 | 33
sets.intersects([1, 2], [3]) => bool(false) | 3 | 23
sets.contains(l, [1]) => bool(true) | 5
format.named('dns1123Label').hasValue() => bool(true) | 2 | 2
format.named('nope').hasValue() => bool(false) | 2 | 2
format.dns1123Label().validate('x_y') => some(["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"]) | 9 | 33
!format.dns1123Label().validate('x').hasValue() => bool(true) | 11 | 35
format.dns1123Label().validate('X').value() => ["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"] | 10 | 34
format.dns1123Subdomain().validate('X.') => some(["a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"]) | 16 | 33
format.dns1035Label().validate('1a') => some(["a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"]) | 9 | 33
format.qualifiedName().validate('a/b/c') => some(["a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]) | 16 | 33
format.dns1123LabelPrefix().validate('a-') => none | 9 | 33
format.dns1123SubdomainPrefix().validate('a.') => some(["a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"]) | 16 | 33
format.dns1035LabelPrefix().validate('1-') => none | 9 | 33
format.labelValue().validate('a b') => some(["a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"]) | 11 | 33
format.uri().validate('http://x') => none | 277 | 33
format.uri().validate('::') => some(["parse \"::\": missing protocol scheme"]) | 277 | 33
format.uuid().validate('123e4567-e89b-12d3-a456-426614174000') => none | 73 | 129
format.uuid().validate('x') => some(["does not match the UUID format"]) | 19 | 33
format.byte().validate('aGVsbG8=') => none | 22 | 33
format.byte().validate('a') => some(["invalid base64"]) | 22 | 33
format.date().validate('2021-01-01') => none | 37 | 33
format.date().validate('2021-13-01') => some(["invalid date"]) | 37 | 33
format.datetime().validate('2021-01-01T00:00:00Z') => none | 55 | 65
format.datetime().validate('x') => some(["invalid datetime"]) | 19 | 33
format.named('uuid').value().validate('x').value() => ["does not match the UUID format"] | 21 | 35
format.named('date') == format.named('date') => bool(true) | 3
semver('1.2.3').major() => int(1) | 2 | 2
semver('1.2.3').minor() => int(2) | 2 | 2
semver('1.2.3').patch() => int(3) | 2 | 2
isSemver('1.2.3') => bool(true) | 1 | 1
isSemver('v1.0', true) => bool(true) | 1 | 1
isSemver('v1.0') => bool(false) | 1 | 1
semver('1.2.3').compareTo(semver('1.2.4')) => int(-1) | 3 | 3
semver('1.2.3-a').isLessThan(semver('1.2.3')) => bool(true) | 3 | 3
semver('1.2.3').isGreaterThan(semver('1.2.3-rc.1')) => bool(true) | 3 | 3
semver('1.2.3') == semver('1.2.3') => bool(true) | 3 | 3
s.charAt(1) => "é" | 2 | 2
s.indexOf('l') => int(2) | 2
s.indexOf('l', 4) => int(9) | 2
s.indexOf('l', 99) => int(-1) | 2
s.lastIndexOf('l') => int(9) | 2
s.lastIndexOf('l', 5) => int(3) | 2
s.lowerAscii() => "héllo wörld" | 3
s.upperAscii() => "HéLLO WöRLD" | 3
s.replace('l', 'L') => "héLLo wörLd" | 4
s.replace('l', 'L', 1) => "héLlo wörld" | 4
s.split('l') => ["hé","","o wör","d"] | 4
s.split('l', 2) => ["hé","lo wörld"] | 4
s.split('l', 0) => [] | 4
s.split('') => ["h","é","l","l","o"," ","w","ö","r","l","d"] | 4
s.substring(2) => "llo wörld" | 3
s.substring(2, 4) => "ll" | 3
'  a '.trim() => "a" | 1 | 1
ls.join() => "bac" | 2
ls.join('-') => "b-a-c" | 2
'%s is %d'.format(['a', 1]) => "a is 1" | 1 | 11
'%s'.format([[1, 'a', 2.5, true, null]]) => "[1, \"a\", 2.500000, true, null]" | 1 | 21
'%s'.format([{'a': 1, 'b': [1]}]) => "{\"a\":1, \"b\":[1]}" | 1 | 51
'%.3f'.format([1.23456]) => "1.235" | 1 | 11
'%.0f'.format([2.5]) => "2" | 1 | 11
'%.0f'.format([3.5]) => "4" | 1 | 11
'%.1f'.format([0.25]) => "0.2" | 1 | 11
'%.2f'.format([1.005]) => "1.00" | 1 | 11
'%e'.format([123456.789]) => "1.234568×10⁰⁵" | 1 | 11
'%.2e'.format([123456.789]) => "1.234568×10⁰⁵" | 1 | 11
'%b'.format([5]) => "101" | 1 | 11
'%b'.format([true]) => "1" | 1 | 11
'%o'.format([8]) => "10" | 1 | 11
'%x'.format([255]) => "ff" | 1 | 11
'%X'.format([255]) => "FF" | 1 | 11
'%x'.format(['hi']) => "6869" | 1 | 11
'%x'.format([b'hi']) => "6869" | 1 | 11
'%d'.format([-5]) => "-5" | 1 | 11
'%x'.format([-5]) => "-5" | 1 | 11
'%b'.format([-5]) => "-101" | 1 | 11
'%%'.format([]) => "%" | 1 | 11
'%f'.format(['NaN']) => "NaN" | 1 | 11
'%s'.format([duration('1h')]) => "3600s" | 1 | 12
'%s'.format([timestamp('2020-01-01T00:00:00Z')]) => "2020-01-01T00:00:00Z" | 1 | 12
'%s'.format([type(1)]) => "int" | 1 | 12
'%s'.format([1.0]) => "1" | 1 | 11
'%s'.format([1e30]) => "1e+30" | 1 | 11
'%d'.format([1u]) => "1" | 1 | 11
'%s'.format([b'abc']) => "abc" | 1 | 11
strings.quote('a"b\n') => "\"a\\\"b\\n\"" | 1 | 1
b'a' + b'b' => b6162 | 1 | 1
1 + 2 * 3 - 4 / 2 % 3 => int(5) | 5 | 5
-9223372036854775808 => int(-9223372036854775808) | 0 | 0
[[], [1]] => [[],[int(1)]] | 0 | 30
timestamp('2020-01-01T00:00:00Z').getFullYear() => int(2020) | 1 | 2
timestamp('2020-01-01T00:00:00Z').getHours('America/New_York') => int(19) | 1 | 2
duration('1.5s').getMilliseconds() => int(1500) | 1 | 2
duration('90m').getHours() => int(1) | 1 | 2
timestamp('2020-01-01T00:00:00Z') < timestamp('2021-01-01T00:00:00Z') => bool(true) | 1 | 3
int('12') => int(12) | 0 | 1
int(1.9) => int(1) | 0 | 1
double('1e3') => double(1000) | 0 | 1
string(1.5) => "1.5" | 0 | 1
string(true) => "true" | 0 | 1
string(b'abc') => "abc" | 0 | 1
string(duration('1h1m')) => "3660s" | 0 | 2
string(timestamp(0)) => "1970-01-01T00:00:00Z" | 0 | 2
bytes('abc') => b616263 | 0 | 1
bool('true') => bool(true) | 0 | 1
type(1) => type(int) | 0 | 1
type(1) == int => bool(true) | 1
type([]) == list => bool(true) | 1
dyn(1) + 1 => int(2) | 1 | 2
size(s) => int(11) | 2 | 2
s.size() => int(11) | 2 | 2
size(l) => int(3) | 2 | 2
size(m) => int(2) | 2 | 2
size(b'abc') => int(3) | 1 | 1
s.contains('llo') => bool(true) | 3
s.startsWith('h') => bool(true) | 3 | 2
s.endsWith('d') => bool(true) | 3 | 2
s.matches('^h.*d$') => bool(true) | 5
'one' in m => bool(true) | 2 | 2
l[0] => int(3) | 2 | 2
m['one'] => int(1) | 2 | 2
x.c[1] => "4" | 3 | 2
l.all(e, e > 0) => bool(true) | 17
l.exists(e, e == 2) => bool(true) | 20
l.exists_one(e, e == 2) => bool(true) | 11
l.map(e, e * 2) => [int(6),int(2),int(4)] | 44
l.map(e, e > 1, e * 2) => [int(6),int(4)] | 36
l.filter(e, e > 1) => [int(3),int(2)] | 34
m.all(k, m[k] > 0) => bool(true) | 14
m.map(k, k) => ["one","two"] | 28
m.filter(k, m[k] > 1) => ["two"] | 21
l.all(i, v, i < v) => bool(false) | 16
l.exists(i, v, i == v) => bool(true) | 19
l.existsOne(i, v, i == v) => bool(false) | 16
l.exists_one(i, v, i == v) => bool(false) | 16
l.transformList(i, v, i * v) => [int(0),int(1),int(4)] | 47
l.transformList(i, v, i > 0, i * v) => [int(1),int(4)] | 38
l.transformMap(i, v, v * 2) => {int(0):int(6),int(1):int(2),int(2):int(4)} | 17
l.transformMap(i, v, i > 0, v * 2) => {int(1):int(2),int(2):int(4)} | 18
l.transformMapEntry(i, v, {v: i}) => {int(1):int(1),int(2):int(2),int(3):int(0)} | 104
l.transformMapEntry(i, v, i > 0, {v: i}) => {int(1):int(1),int(2):int(2)} | 76
m.transformMap(k, v, v + 1) => {"one":int(2),"two":int(3)} | 12
m.transformList(k, v, k) => ["one","two"] | 28
m.transformMapEntry(k, v, {v: k}) => {int(1):"one",int(2):"two"} | 70
m.all(k, v, v > 0) => bool(true) | 12
true ? dyn(1) : 'a' => int(1) | 0 | 1
true || x.zzz => bool(true) | 0 | 1
x.zzz || true => bool(true) | 2 | 1
x.zzz && false => bool(false) | 2 | 1
n == 7 ? 'seven' : 'other' => "seven" | 2 | 2
[1,] => [int(1)] | 0 | 10
"\x41\101\n" => "AA\n" | 0 | 0
1 // comment => int(1) | 0 | 0
optional.unwrap([optional.of(1), optional.none()]) => [int(1)] | 13 | 13
[optional.of(1), optional.none()].unwrapOpt() => [int(1)] | 13 | 13
optional.of(1).hasValue() => bool(true) | 2 | 2
optional.of({'a': 1}).a => some(int(1)) | 3 | 31
optional.of({'a': 1}).?a.value() => int(1) | 4 | 33
optional.of([1])[0] => some(int(1)) | 3 | 12
x.?a.?b.?c => none | 2 | 4
x.?b.?c.hasValue() => bool(false) | 3 | 4
dyn(optional.of(1)).value() => int(1) | 3 | 3
[1, 2, 3].exists(v, v > 2) && size('abc') == 3 => bool(true) | 21 | 31
l.map(a, l.map(b, l.map(c, a * b * c))) => [[[int(27),int(9),int(18)],[int(9),int(3),int(6)],[int(18),int(6),int(12)]],[[int(9),int(3),int(6)],[int(3),int(1),int(2)],[int(6),int(2),int(4)]],[[int(18),int(6),int(12)],[int(6),int(2),int(4)],[int(12),int(4),int(8)]]] | 629
ls.map(a, a + a).join(',') => "bb,aa,cc" | 49
s + s + s + s => "héllo wörldhéllo wörldhéllo wörldhéllo wörld" | 16
(s + s).size() > 3 => bool(true) | 7
[s, s].exists(e, e.contains('w')) => bool(true) | 23
m == {'one': 1, 'two': 2} => bool(true) | 2 | 32
l == [3, 1, 2] => bool(true) | 2 | 12
'abc'.matches('a*b*c*') => bool(true) | 2 | 2
'é'.size() => int(1) | 1 | 1
bytes('é').size() => int(2) | 1 | 2
'%s %s'.format(['é', b'\xc3\xa9']) => "é é" | 1 | 11
'abc' in ['abc'] => bool(true) | 0 | 11
x.c.exists(e, e == '4') => bool(true) | 15
x.c.map(e, e) => [int(3),"4"] | 29
null == null => bool(true) | 1 | 1
int(timestamp(5)) => int(5) | 0 | 2
string(1u) => "1" | 0 | 1
double(1) == 1.0 => bool(true) | 1 | 2
[1] + [2] => [int(1),int(2)] | 1 | 21
true > false => bool(true) | 1 | 1
b'a' < b'b' => bool(true) | 1 | 1
duration('1s') < duration('2s') => bool(true) | 1 | 3
'x'.lowerAscii().upperAscii().trim() => "X" | 3 | 3
l.size() + size(ls) => int(6) | 5 | 5
l.sum() == 6 && l.max() < 10 => bool(true) | 10
lists.range(3).map(i, i * i).sum() => int(5) | 63 | 73
l.slice(0, 1).first().value() => int(3) | 15 | 15
[1,2,3].last().value() => int(3) | 2 | 12
ls.distinct().sort().join() => "abc" | 60
ls.reverse().join() => "cab" | 16
[3,1].sortBy(x, x) => [int(1),int(3)] | 48 | 78
[{'a':'z'},{'a':'b'}].sortBy(e, e.a).map(e, e.a) => ["b","z"] | 79 | 208
ls.sortBy(e, e) => ["a","b","c"] | 72
[true, false].sort() => [bool(false),bool(true)] | 19 | 29
[].sort() => [] | 11 | 21
lists.range(-1) => [] | 11 | 11
lists.range(0) => [] | 11 | 11
quantity('1Ki').asInteger() => int(1024) | 2 | 2
quantity('1').isInteger() => bool(true) | 2 | 2
x[ls[1]] => int(1) | 3 | 4
{'a': 1}.a => int(1) | 2 | 31
{'a': n}.a => int(7) | 33 | 32
l.map(e, e)[0] => int(3) | 43
l.map(e, e)[n - 7] => int(3) | 45
l[n - 7] => int(3) | 4 | 4
x.c[l[1] - 1] => int(3) | 6 | 5
x.c[l[1]] => "4" | 4 | 4
l.exists_one(e, e == 99) => bool(false) | 9
l.exists_one(e, e > 1) => bool(false) | 13
l.exists_one(e, e > 0) => bool(false) | 15
l.existsOne(i, e, e > 0) => bool(false) | 15
l.sortBy(e, e) => [int(1),int(2),int(3)] | 72
[3, 1].sortBy(e, e) => [int(1),int(3)] | 48 | 78
ls.first() => some("b") | 2 | 2
`;
