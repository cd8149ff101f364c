import type { ServiceCIDR } from '../machinery/api/networking-v1.js';
import { invalid, required } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { checkCanonicalCidr, parseCidr } from './shared/addresses.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { IMMUTABLE } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

const PATH = 'spec.cidrs';
const CIDRS_MAX = 2;

export const serviceCIDR = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.ServiceCIDR',
  subresources: [statusSubresource],
  statusKeepsMetadata: true,
  columns: [
    nameColumn,
    { name: 'CIDRs', type: 'string', value: ({ spec }) => (spec?.cidrs ?? []).join(',') },
    ageColumn,
  ],

  validate: (object, report) => validate(object.spec?.cidrs ?? [], report),
  validateUpdate(object, old, report) {
    const now = object.spec?.cidrs ?? [];
    const before = old.spec?.cidrs ?? [];
    if (now.length === before.length) {
      for (const [index, cidr] of now.entries()) {
        if (cidr !== before[index]) report(invalid(`${PATH}[${index}]`, cidr, IMMUTABLE));
      }
    } else if (before.length === 1 && now.length === 2) {
      if (now[0] !== before[0]) report(invalid(`${PATH}[0]`, now[0], IMMUTABLE));
      validate(now, report);
    } else {
      report(invalid(PATH, now, IMMUTABLE));
    }
  },
});

function validate(cidrs: readonly string[], report: Report): void {
  if (cidrs.length === 0) return report(required(PATH, 'at least one CIDR required'));
  if (cidrs.length > CIDRS_MAX) return report(invalid(PATH, { CIDRs: cidrs }, 'may only hold up to 2 values'));
  for (const [index, cidr] of cidrs.entries()) checkCanonicalCidr(report, `${PATH}[${index}]`, cidr);
  const families = cidrs.map((cidr) => parseCidr(cidr)?.address.family);
  if (families.length === 2 && families[0] !== undefined && families[0] === families[1]) {
    const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    report(invalid(PATH, cidrs, detail));
  }
}
