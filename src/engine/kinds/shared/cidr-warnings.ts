import { formatAddress } from '../pod-spec/ip-address.js';
import { ipv4Embedded, networkOf, parseCidr } from './addresses.js';

/** Mirrors `GetWarningsForCIDR`. The text is known to be a CIDR. */
export function cidrWarnings(path: string, value: string): readonly string[] {
  const cidr = parseCidr(value);
  if (cidr === undefined) return [];
  const { address, prefixLength } = cidr;
  const network = networkOf(cidr);
  const usual = `${formatAddress(network)}/${prefixLength}`;
  const warnings: string[] = [];
  if (formatAddress(network) !== formatAddress(address)) {
    const single = `${formatAddress(address)}/${address.family === 4 ? 32 : 128}`;
    warnings.push(`${path}: CIDR value "${value}" is ambiguous in this context (should be "${usual}" or "${single}"?)`);
  }
  if (hasLeadingZero(value, address.family) || ipv4Embedded(address)) {
    warnings.push(
      `${path}: non-standard CIDR value "${value}" will be considered invalid in a future Kubernetes release: use "${usual}"`,
    );
  }
  if (warnings.length === 0 && address.family === 6 && value !== usual) {
    warnings.push(`${path}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${usual}")`);
  }
  return warnings;
}

function hasLeadingZero(value: string, family: 4 | 6): boolean {
  const slash = value.indexOf('/');
  const isPadded = (part: string): boolean => part.length > 1 && part.startsWith('0');
  return isPadded(value.slice(slash + 1)) || (family === 4 && value.slice(0, slash).split('.').some(isPadded));
}
