import type { Endpoints } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, listWithMore, nameColumn } from './shared/columns.js';

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Endpoints',
  columns: [nameColumn, { name: 'Endpoints', type: 'string', value: addressesOf }, ageColumn],
  createsOnUpdate: true,
});

const ADDRESSES_SHOWN_MAX = 3;

function addressesOf({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>';
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  return listWithMore(texts, ADDRESSES_SHOWN_MAX, '');
}
