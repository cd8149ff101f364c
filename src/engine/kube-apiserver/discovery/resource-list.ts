import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64 } from '../../machinery/base64.js';
import type { Kind, Subresource } from '../../machinery/kind.js';
import { apiVersionOf } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { ServedVersion } from '../kind-registry.js';

const HASH_BYTES = 8;

/** `/api/v1` and its like: the resources of one version, each followed by its subresources, in order of the alphabet. */
export function resourceListOf(group: string, served: ServedVersion, text: TextCodec): object {
  const groupVersion = apiVersionOf({ group, version: served.version });
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: byPlural(served.kinds).flatMap((kind) => [
      resourceOf(kind, text),
      ...subresourcesOf(kind).map((each) => subresourceOf(kind, each)),
    ]),
  };
}

export const byPlural = (kinds: readonly Kind[]): readonly Kind[] =>
  kinds.toSorted((a, b) => (a.plural < b.plural ? -1 : 1));

/** By name; those of custom kinds as upstream comes to speak of them. */
export const subresourcesOf = ({ subresources = [], custom }: Kind): readonly Subresource[] =>
  custom === undefined ? subresources.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : subresources;

/** The kind of a subresource's body, with group and version only where these are not the parent's. */
export function responseKindOf(
  kind: Kind,
  { responseKind }: Subresource,
): { group: string; version: string; kind: string } {
  if (responseKind === undefined) return { group: '', version: '', kind: kind.kind };
  const isSame = responseKind.group === kind.group && responseKind.version === kind.version;
  return {
    group: isSame ? '' : responseKind.group,
    version: isSame ? '' : responseKind.version,
    kind: responseKind.kind,
  };
}

function resourceOf(kind: Kind, text: TextCodec): object {
  const { shortNames = [], categories = [] } = kind;
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.scope === 'Namespaced',
    kind: kind.kind,
    verbs: kind.verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(isStored(kind) ? { storageVersionHash: storageVersionHash(kind, text) } : {}),
  };
}

function subresourceOf(kind: Kind, subresource: Subresource): object {
  const { group, version, kind: responseKind } = responseKindOf(kind, subresource);
  return {
    name: `${kind.plural}/${subresource.name}`,
    singularName: '',
    namespaced: kind.scope === 'Namespaced',
    ...(group === '' ? {} : { group }),
    ...(version === '' ? {} : { version }),
    kind: responseKind,
    verbs: subresource.verbs,
  };
}

const isStored = (kind: Kind): boolean => kind.isVirtual !== true && kind.verbs.includes('watch');

/** Tells clients when the stored form of a resource changes: the first bytes of the SHA-256 of its group, version and kind. */
function storageVersionHash(kind: Kind, text: TextCodec): string {
  const { group, version, kind: name } = kind.storedAs?.kind ?? kind;
  return encodeBase64(sha256(text.encode(`${group}/${version}/${name}`)).subarray(0, HASH_BYTES));
}
