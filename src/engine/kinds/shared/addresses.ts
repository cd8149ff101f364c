/** IP addresses and CIDRs in the fields of networking kinds: upstream's checks and words, and IPv4 arithmetic. */
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import type { ParsedAddress } from '../pod-spec/ip-address.js';
import { checkAddress, formatAddress, parseAddress } from '../pod-spec/ip-address.js';

export interface ParsedCidr {
  readonly address: ParsedAddress;
  readonly prefixLength: number;
}

export const isIpv6 = (text: string): boolean => parseAddress(text)?.family === 6;
export const isIpv4 = (text: string): boolean => parseAddress(text)?.family === 4;

export const familyOf = (address: string): 'IPv4' | 'IPv6' => (isIpv6(address) ? 'IPv6' : 'IPv4');

/** Upstream's rule for new fields: an address in its one canonical form. */
export function checkCanonicalAddress(report: Report, path: string, value: string): void {
  const address = parseAddress(value);
  if (address === undefined) return checkAddress(report, path, value);
  if (hasLeadingZero(address, value)) return report(invalid(path, value, 'must not have leading 0s'));
  if (ipv4Embedded(address)) return report(invalid(path, value, 'must not be an IPv4-mapped IPv6 address'));
  const canonical = formatAddress(address);
  if (canonical !== value) report(invalid(path, value, `must be in canonical form ("${canonical}")`));
}

/** The addresses at which nothing outside a node answers. */
export function checkEndpointAddress(report: Report, path: string, value: string): void {
  const address = parseAddress(value);
  if (address === undefined) return report(invalid(path, value, 'must be a valid IP address'));
  const { family, parts } = address;
  const [first = 0, second = 0, third = 0] = parts;
  if (parts.every((part) => part === 0)) report(invalid(path, value, `may not be unspecified (${value})`));
  const isLoopback = family === 4 ? first === 127 : parts.every((part, index) => part === (index === 7 ? 1 : 0));
  if (isLoopback) report(invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  const isLinkLocal = family === 4 ? first === 169 && second === 254 : (first & 0xffc0) === 0xfe80;
  if (isLinkLocal) report(invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  const isMulticast = family === 4 ? first === 224 && second === 0 && third === 0 : (first & 0xff0f) === 0xff02;
  if (isMulticast) {
    report(invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  }
}

export function parseCidr(text: string): ParsedCidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength <= bitsOf(address) ? { address, prefixLength } : undefined;
}

/** Upstream's check of CIDR fields that are older than its strict rules. */
export function checkCidr(report: Report, path: string, value: string): void {
  if (parseCidr(value) === undefined) {
    report(invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
  }
}

/** Upstream's rule for new fields: no host bits, one canonical form. */
export function checkCanonicalCidr(report: Report, path: string, value: string): void {
  const cidr = parseCidr(value);
  if (cidr === undefined) return checkCidr(report, path, value);
  const { address, prefixLength } = cidr;
  const length = value.slice(value.indexOf('/') + 1);
  if (hasLeadingZero(address, value.slice(0, value.indexOf('/'))) || (length.length > 1 && length.startsWith('0'))) {
    return report(invalid(path, value, 'must not have leading 0s in IP or prefix length'));
  }
  if (ipv4Embedded(address)) return report(invalid(path, value, 'must not have an IPv4-mapped IPv6 address'));
  const network = networkOf(cidr);
  if (network.parts.some((part, index) => part !== address.parts[index])) {
    return report(invalid(path, value, 'must not have bits set beyond the prefix length'));
  }
  const canonical = `${formatAddress(address)}/${prefixLength}`;
  if (canonical !== value) report(invalid(path, value, `must be in canonical form ("${canonical}")`));
}

/** The address with all host bits zero. */
export function networkOf({ address: { family, parts }, prefixLength }: ParsedCidr): ParsedAddress {
  const width = family === 4 ? 8 : 16;
  const masked = parts.map((part, index) => {
    const kept = Math.min(width, Math.max(0, prefixLength - index * width));
    return part & ~((1 << (width - kept)) - 1);
  });
  return { family, parts: masked };
}

export const isWithin = (cidr: ParsedCidr, address: ParsedAddress): boolean =>
  cidr.address.family === address.family &&
  formatAddress(networkOf(cidr)) === formatAddress(networkOf({ address, prefixLength: cidr.prefixLength }));

/** An IPv4 address as one number. */
export const ipv4Number = ({ parts }: ParsedAddress): number => parts.reduce((value, part) => value * 256 + part, 0);

export const ipv4Text = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

const bitsOf = ({ family }: ParsedAddress): number => (family === 4 ? 32 : 128);

const hasLeadingZero = ({ family }: ParsedAddress, text: string): boolean =>
  family === 4 && text.split('.').some((part) => part.length > 1 && part.startsWith('0'));

export const ipv4Embedded = ({ family, parts }: ParsedAddress): boolean =>
  family === 6 && parts[5] === 0xffff && parts.slice(0, 5).every((part) => part === 0);
