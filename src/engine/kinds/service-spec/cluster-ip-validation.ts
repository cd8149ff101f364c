import type { Service } from '../../machinery/api/core-v1.js';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkAddress, isAddress } from '../pod-spec/ip-address.js';
import { isIpv6 } from '../shared/addresses.js';
import { NO_CLUSTER_IP, isHeadless } from './service-traits.js';

const FAMILIES: readonly string[] = ['IPv4', 'IPv6'];
const POLICIES: readonly string[] = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const PATH = 'spec.clusterIPs';

/** Mirrors `ValidateServiceClusterIPsRelatedFields`. */
export function validateClusterIPs(service: Service, old: Service | undefined, report: Report): void {
  const { spec } = service;
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = spec;
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) report(required(PATH));
    else if (clusterIPs[0] !== clusterIP) report(invalid(PATH, clusterIPs, 'first value must match `clusterIP`'));
  } else if (clusterIPs.length > 0) {
    report(invalid(PATH, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  }
  for (const [index, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) report(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (ipFamilies.indexOf(family) < index) report(duplicate(`spec.ipFamilies[${index}]`, family));
  }
  if (spec.ipFamilyPolicy !== undefined && !POLICIES.includes(spec.ipFamilyPolicy)) {
    report(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, POLICIES));
  }
  validateAddresses(service, old, report);
}

function validateAddresses(service: Service, old: Service | undefined, report: Report): void {
  const { clusterIPs = [], ipFamilies = [] } = service.spec;
  let areValid = true;
  for (const [index, address] of clusterIPs.entries()) {
    if (index === 0 && address === NO_CLUSTER_IP) {
      if (clusterIPs.length === 1) continue;
      areValid = false;
      report(invalid(PATH, clusterIPs, "'None' must be the first and only value"));
    } else if (old?.spec.clusterIPs?.includes(address) !== true) {
      areValid &&= isAddress(address);
      checkAddress(report, `${PATH}[${index}]`, address);
    }
  }
  if (clusterIPs.length > 2) report(invalid(PATH, clusterIPs, 'may only hold up to 2 values'));
  if (!areValid) return;
  if (clusterIPs.length > 1 && !(clusterIPs.some(isIpv6) && clusterIPs.some((each) => !isIpv6(each)))) {
    report(invalid(PATH, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(service)) return;
  for (const [index, address] of clusterIPs.slice(0, ipFamilies.length).entries()) {
    const family = ipFamilies[index];
    if ((family === 'IPv4' && isIpv6(address)) || (family === 'IPv6' && !isIpv6(address))) {
      const fault = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
      report(invalid(`${PATH}[${index}]`, address, fault));
    }
  }
}
