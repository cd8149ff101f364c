import type { IPAddress } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { nameColumn } from './shared/columns.js';

export const ipAddress = defineKind<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.IPAddress',
  columns: [nameColumn, { name: 'ParentRef', type: 'string', value: parent }],
});

function parent({ spec }: IPAddress): string {
  if (spec?.parentRef === undefined) return '<none>';
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef;
  const type = (group === '' ? resource : `${resource}.${group}`).toLowerCase();
  return namespace === '' ? `${type}/${name}` : `${type}/${namespace}/${name}`;
}
