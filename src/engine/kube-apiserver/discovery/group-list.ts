import { apiVersionOf } from '../../machinery/object.js';
import type { ServedGroup } from '../kind-registry.js';

/** `/api`: `address` is where clients inside the cluster reach the server. */
export const apiVersionsOf = (groups: readonly ServedGroup[], address: string): object => ({
  kind: 'APIVersions',
  versions: groups.find(({ group }) => group === '')?.versions.map(({ version }) => version) ?? [],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});

/** `/apis` */
export const groupListOf = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ group }) => group !== '').map(contentOf),
});

/** `/apis/<group>` */
export const groupOf = (served: ServedGroup): object => ({ kind: 'APIGroup', apiVersion: 'v1', ...contentOf(served) });

function contentOf({ group, versions }: ServedGroup): object {
  const named = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}
