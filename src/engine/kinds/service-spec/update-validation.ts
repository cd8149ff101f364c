/** What was allocated once may not change, except on the way from or to ExternalName. */
import type { Service } from '../../machinery/api/core-v1.js';
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { isHeadless } from './service-traits.js';

const CHANGED = 'may not change once set';

export function validateAllocatedUpdate(service: Service, old: Service, report: Report): void {
  if (service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName') return;
  validateClusterIPsUpdate(service, old, report);
  validateFamiliesUpdate(service, old, report);
}

function validateClusterIPsUpdate(service: Service, old: Service, report: Report): void {
  if (isHeadless(service) && isHeadless(old)) return;
  const { clusterIPs: now = [], ipFamilyPolicy } = service.spec;
  const { clusterIPs: before = [] } = old.spec;
  if (now.length === before.length) {
    for (const [index, address] of before.entries()) {
      if (address !== now[index]) report(invalid(`spec.clusterIPs[${index}]`, now, CHANGED));
    }
    return;
  }
  if (now.length === 0) report(invalid('spec.clusterIPs[0]', [], 'primary clusterIP can not be unset'));
  if (before.length > 0 && now.length > 0 && now[0] !== before[0]) report(invalid('spec.clusterIPs[0]', now, CHANGED));
  if (now.length === 1 && before.length > 1 && ipFamilyPolicy !== 'SingleStack') {
    const fault = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    report(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, fault));
  }
}

function validateFamiliesUpdate(service: Service, old: Service, report: Report): void {
  if (isHeadless(service) || isHeadless(old)) return;
  const { ipFamilies: now = [], clusterIPs = [], ipFamilyPolicy } = service.spec;
  const { ipFamilies: before = [] } = old.spec;
  const path = 'spec.ipFamilies[0]';
  if (now.length === before.length) {
    for (const [index, family] of before.entries()) if (family !== now[index]) report(invalid(path, now, CHANGED));
    return;
  }
  if (now.length < before.length && clusterIPs.length === 0) {
    report(invalid(path, now, 'primary ipFamily can not be unset'));
  }
  if (now.length > 0 && before.length > 0 && now[0] !== before[0]) report(invalid(path, clusterIPs, CHANGED));
  if (now.length === 1 && before.length > 1 && ipFamilyPolicy !== 'SingleStack') {
    const fault = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    report(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, fault));
  }
}
