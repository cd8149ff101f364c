import type { Service } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';
import { checkAddress, isAddress } from '../pod-spec/ip-address.js';
import { isLoadBalancer } from './service-traits.js';

const PATH = 'status.loadBalancer.ingress';
const MODES: readonly string[] = ['Proxy', 'VIP'];

/** Mirrors `ValidateLoadBalancerStatus`. */
export function validateServiceStatus(service: Service, old: Service, report: Report): void {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (!isLoadBalancer(service) && ingress.length > 0) {
    return report(forbidden(PATH, "may only be used when `spec.type` is 'LoadBalancer'"));
  }
  const before = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  for (const [index, { ip = '', hostname = '', ipMode }] of ingress.entries()) {
    const path = `${PATH}[${index}]`;
    if (ip !== '' && !before.includes(ip)) checkAddress(report, `${path}.ip`, ip);
    if (ipMode === undefined) {
      if (ip !== '') report(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
    } else if (ip === '') {
      report(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
    } else if (!MODES.includes(ipMode)) {
      report(notSupported(`${path}.ipMode`, ipMode, MODES));
    }
    if (hostname === '') continue;
    reportFaults(report, `${path}.hostname`, hostname, dns1123SubdomainFaults(hostname));
    if (isAddress(hostname)) report(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  }
}
