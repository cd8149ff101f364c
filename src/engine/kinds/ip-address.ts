import type { IPAddress } from '../machinery/api/networking-v1.js';
import { required } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123SubdomainFaults, pathSegmentFaults } from '../machinery/names.js';
import { reportFaults } from './pod-spec/checks.js';
import { checkCanonicalAddress } from './shared/addresses.js';
import { nameColumn } from './shared/columns.js';
import { checkImmutable } from './shared/immutable.js';

export const ipAddress = defineKind<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.IPAddress',
  columns: [nameColumn, { name: 'ParentRef', type: 'string', value: parent }],

  validateName(name) {
    const faults: string[] = [];
    checkCanonicalAddress(({ detail }) => faults.push(detail), '', name);
    return faults;
  },
  validate,
  validateUpdate(object, old, report) {
    const { group = '', resource = '', namespace = '', name = '' } = object.spec?.parentRef ?? {};
    // Upstream prints its internal form.
    const printed = { Group: group, Resource: resource, Namespace: namespace, Name: name };
    checkImmutable(report, 'spec.parentRef', [object.spec?.parentRef, old.spec?.parentRef], printed);
  },
});

function parent({ spec }: IPAddress): string {
  if (spec?.parentRef === undefined) return '<none>';
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef;
  const type = (group === '' ? resource : `${resource}.${group}`).toLowerCase();
  return namespace === '' ? `${type}/${name}` : `${type}/${namespace}/${name}`;
}

function validate({ spec }: IPAddress, report: Report): void {
  const path = 'spec.parentRef';
  if (spec?.parentRef === undefined) return report(required(path));
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef;
  if (group !== '') reportFaults(report, `${path}.group`, group, dns1123SubdomainFaults(group));
  if (resource === '') report(required(`${path}.resource`));
  else reportFaults(report, `${path}.resource`, resource, pathSegmentFaults(resource));
  if (name === '') report(required(`${path}.name`));
  else reportFaults(report, `${path}.name`, name, pathSegmentFaults(name));
  if (namespace !== '') reportFaults(report, `${path}.namespace`, namespace, pathSegmentFaults(namespace));
}
