import type { Kind, Subresource } from '../../machinery/kind.js';
import type { ServedGroup, ServedVersion } from '../kind-registry.js';
import { byPlural, responseKindOf, subresourcesOf } from './resource-list.js';

/** `apidiscovery.k8s.io/v2`: all groups in one document. The core group has a document, and no name, of its own. */
export const aggregatedDiscoveryOf = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map(({ group, versions }) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versions.map(versionOf),
  })),
});

const versionOf = ({ version, kinds }: ServedVersion): object => ({
  version,
  resources: byPlural(kinds).map(resourceOf),
  freshness: 'Current',
});

function resourceOf(kind: Kind): object {
  const { shortNames = [], categories = [], subresources = [] } = kind;
  return {
    resource: kind.plural,
    // Upstream tells the group and version of custom kinds only.
    responseKind: kind.custom === undefined ? { group: '', version: '', kind: kind.kind } : fullKind(kind),
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : { subresources: subresourcesOf(kind).map((each) => subresourceOf(kind, each)) }),
  };
}

const subresourceOf = (kind: Kind, subresource: Subresource): object => ({
  subresource: subresource.name,
  responseKind:
    kind.custom === undefined ? responseKindOf(kind, subresource) : fullKind(subresource.responseKind ?? kind),
  ...(subresource.acceptedTypes === undefined ? {} : { acceptedTypes: subresource.acceptedTypes }),
  verbs: subresource.verbs,
});

const fullKind = ({ group, version, kind }: Pick<Kind, 'group' | 'version' | 'kind'>): object => ({
  group,
  version,
  kind,
});
