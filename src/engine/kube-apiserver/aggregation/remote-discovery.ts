/**
 * What discovery says of groups that other servers serve, beside the cluster's own. Mirrors the aggregator's merging. A server
 * is asked for its plain list of resources, which upstream takes from those that know no other.
 */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { type Body, bodyOf } from '../encoding/body.js';
import { hashedBody, type HashedBody } from '../discovery/discovery-documents.js';
import { compareVersions } from '../custom-resources/version-order.js';
import type { RemoteServices } from './remote-services.js';

/** The priority of groups that definitions make. */
const CUSTOM_PRIORITY = 1_000;

interface NamedGroup {
  readonly name: string;
  readonly versions: readonly object[];
  readonly preferredVersion: object;
}

interface AggregatedGroup {
  readonly metadata: { readonly name: string };
  readonly versions: readonly object[];
}

interface Made {
  readonly version: number;
  readonly own: unknown;
  readonly value: unknown;
}

export class RemoteDiscovery {
  readonly #remote: RemoteServices;
  readonly #text: TextCodec;
  /** By path; made again when anything it is made of has changed. */
  readonly #made = new Map<string, Made>();

  constructor(remote: RemoteServices, text: TextCodec) {
    this.#remote = remote;
    this.#text = text;
  }

  /** `undefined` where there is nothing to add. */
  aggregated(own: HashedBody): HashedBody | undefined {
    const groups = this.#groups();
    if (groups.size === 0) return undefined;
    return this.#once('aggregated', own, () => {
      const document = own.body.value as { readonly items: readonly AggregatedGroup[] };
      const items = merged(document.items, groups, {
        nameOf: ({ metadata }) => metadata.name,
        make: (name, former, services) => ({
          metadata: { ...former?.metadata, name },
          versions: [...(former?.versions ?? []), ...services.map((each) => this.#version(each))],
        }),
      });
      return hashedBody({ ...document, items }, this.#text);
    });
  }

  /** Of `/apis` and `/apis/<group>`. */
  at(path: string, own: Body | undefined): Body | undefined {
    const groups = this.#groups();
    if (groups.size === 0) return undefined;
    const [, , group, version] = path.split('/');
    if (version !== undefined) return undefined;
    if (group === undefined) {
      return this.#once(path, own, () => {
        const document = own?.value as { readonly groups: readonly NamedGroup[] };
        const all = merged(document.groups, groups, { nameOf: ({ name }) => name, make: namedGroup });
        return bodyOf({ ...document, groups: all }, this.#text);
      });
    }
    const services = groups.get(group);
    if (services === undefined) return undefined;
    return this.#once(path, own, () => {
      const content = namedGroup(group, own?.value as NamedGroup | undefined, services);
      return bodyOf({ kind: 'APIGroup', apiVersion: 'v1', ...content }, this.#text);
    });
  }

  #version(service: APIService): object {
    const { version = '' } = service.spec ?? {};
    const { list = {}, isStale = true } = this.#remote.resourcesOf(service) ?? {};
    const resources = resourcesOf(list, service);
    const content = resources.length === 0 ? {} : { resources };
    return { version, ...content, freshness: isStale ? 'Stale' : 'Current' };
  }

  /** By name, each with its versions, the preferred first. */
  #groups(): ReadonlyMap<string, readonly APIService[]> {
    const groups = new Map<string, APIService[]>();
    for (const service of this.#remote.all()) {
      const { group = '' } = service.spec ?? {};
      groups.set(group, [...(groups.get(group) ?? []), service].sort(compareServices));
    }
    return groups;
  }

  #once<T>(path: string, own: unknown, make: () => T): T {
    const { version } = this.#remote;
    const known = this.#made.get(path);
    if (known?.version === version && known.own === own) return known.value as T;
    const value = make();
    this.#made.set(path, { version, own, value });
    return value;
  }
}

const compareServices = ({ spec: one }: APIService, { spec: other }: APIService): number =>
  (other?.versionPriority ?? 0) - (one?.versionPriority ?? 0) ||
  compareVersions(one?.version ?? '', other?.version ?? '');

interface Merging<Group> {
  nameOf(group: Group): string;
  make(name: string, former: Group | undefined, services: readonly APIService[]): Group;
}

/** The cluster's own groups come first, and then the others' by their priority. */
function merged<Group>(
  own: readonly Group[],
  remote: ReadonlyMap<string, readonly APIService[]>,
  { nameOf, make }: Merging<Group>,
): readonly Group[] {
  const names = new Set(own.map(nameOf));
  const kept = own.map((group) => {
    const services = remote.get(nameOf(group));
    return services === undefined ? group : make(nameOf(group), group, services);
  });
  const added = [...remote]
    .filter(([name]) => !names.has(name))
    .sort(([one, first], [other, second]) => priorityOf(second) - priorityOf(first) || (one < other ? -1 : 1));
  return [...kept, ...added.map(([name, services]) => make(name, undefined, services))];
}

const priorityOf = (services: readonly APIService[]): number =>
  Math.max(...services.map(({ spec }) => spec?.groupPriorityMinimum ?? CUSTOM_PRIORITY));

function namedGroup(name: string, former: NamedGroup | undefined, services: readonly APIService[]): NamedGroup {
  const added = services.map(({ spec }) => {
    const version = spec?.version ?? '';
    return { groupVersion: `${name}/${version}`, version };
  });
  const versions = [...(former?.versions ?? []), ...added];
  return { name, versions, preferredVersion: former?.preferredVersion ?? versions[0]! };
}

/** `APIResourceList` as the aggregated form has it. */
function resourcesOf(list: JsonObject, { spec }: APIService): readonly object[] {
  const given: readonly JsonValue[] = isJsonArray(list['resources']) ? list['resources'] : [];
  const all = given.filter((each) => isJsonObject(each));
  const below = (name: string): object[] =>
    all
      .filter((each) => textOf(each['name']).startsWith(`${name}/`))
      .map((each) => ({
        subresource: textOf(each['name']).slice(name.length + 1),
        responseKind: kindOf(each, spec),
        verbs: each['verbs'] ?? [],
      }));
  return all
    .filter((each) => !textOf(each['name']).includes('/'))
    .map((each) => {
      const { name, namespaced, singularName, verbs, shortNames, categories } = each;
      const subresources = below(textOf(name));
      return {
        resource: name ?? '',
        responseKind: kindOf(each, spec),
        scope: namespaced === true ? 'Namespaced' : 'Cluster',
        singularResource: singularName ?? '',
        verbs: verbs ?? [],
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

function kindOf({ group, version, kind }: JsonObject, spec: APIService['spec']): object {
  const own = (given: JsonValue | undefined, preset = ''): string => (textOf(given) === '' ? preset : textOf(given));
  return { group: own(group, spec?.group), version: own(version, spec?.version), kind: textOf(kind) };
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
