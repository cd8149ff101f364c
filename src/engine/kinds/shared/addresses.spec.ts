import { parseAddress } from '../pod-spec/ip-address.js';
import { checkCanonicalCidr, ipv4Number, ipv4Text, isWithin, parseCidr } from './addresses.js';
import fc from 'fast-check';

const faultOf = (value: string): string => {
  const faults: string[] = [];
  checkCanonicalCidr(({ detail }) => faults.push(detail), 'x', value);
  return faults.join('; ');
};

describe('addresses', () => {
  it('are numbers and back', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(ipv4Text(ipv4Number(parseAddress(text)!))).toBe(text);
      }),
    );
  });

  it.each([
    ['10.96.0.0/12', '10.111.255.255', true],
    ['10.96.0.0/12', '10.112.0.0', false],
    ['0.0.0.0/0', '255.1.2.3', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['10.96.0.0/12', '2001:db8::1', false],
  ])('%s holds %s: %s', (cidr, address, expected) => {
    expect(isWithin(parseCidr(cidr)!, parseAddress(address)!)).toBe(expected);
  });

  it.each([
    ['172.30.0.0/24', ''],
    ['2001:db8::/112', ''],
    ['172.30.0.0', 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['172.30.0.0/33', 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['172.30.0.1/24', 'must not have bits set beyond the prefix length'],
    ['172.030.0.0/24', 'must not have leading 0s in IP or prefix length'],
    ['2001:db8:0:0::/64', 'must be in canonical form ("2001:db8::/64")'],
  ])('%s as a range: %s', (cidr, fault) => {
    expect(faultOf(cidr)).toBe(fault);
  });
});
