import { addressWarning, formatAddress, isAddress, parseAddress } from './ip-address.js';

describe('isAddress', () => {
  it.each(['10.0.0.1', '010.0.0.1', '::', '::1', 'fe80::1', '2001:db8::ffff', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8'])(
    'takes %s',
    (text) => expect(isAddress(text)).toBe(true),
  );

  it.each(['', '10.0.0', '10.0.0.256', '1.2.3.4.5', ':::', '1:2:3:4:5:6:7', '1::2::3', 'fe80::1%eth0', 'g::1', 'x'])(
    'refuses %j',
    (text) => expect(isAddress(text)).toBe(false),
  );
});

describe('formatAddress', () => {
  it.each([
    ['FE80:0:0:0:0:0:0:0abc', 'fe80::abc'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ])('shortens %s to %s', (text, short) => {
    const address = parseAddress(text);
    expect(address === undefined ? undefined : formatAddress(address)).toBe(short);
  });
});

describe('addressWarning', () => {
  it.each([
    ['10.0.0.1', undefined],
    ['fe80::1', undefined],
    [
      '010.1.2.3',
      'p: non-standard IP address "010.1.2.3" will be considered invalid in a future Kubernetes release: use "10.1.2.3"',
    ],
    [
      '::ffff:1.2.3.4',
      'p: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"',
    ],
    ['FE80::1', 'p: IPv6 address "FE80::1" should be in RFC 5952 canonical format ("fe80::1")'],
  ])('says of %s: %s', (text, warning) => {
    expect(addressWarning('p', text)).toBe(warning);
  });
});
