/** What discovery says of groups that other servers serve, beside the cluster's own. Mirrors the aggregator's merging. */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { hashedBody, type HashedBody } from '../discovery/discovery-documents.js';
import { type Body, bodyOf } from '../encoding/body.js';
import { GroupOrder } from './group-order.js';
import type { RemoteServices } from './remote-services.js';

interface NamedVersion {
  readonly groupVersion: string;
  readonly version: string;
}

interface NamedGroup {
  readonly name: string;
  readonly versions: readonly NamedVersion[];
  readonly preferredVersion: object;
}

interface AggregatedGroup {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { readonly version: string }[];
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
      const items = this.#merged(document.items, groups, {
        nameOf: ({ metadata }) => metadata.name,
        make: (name, former, services, order) => ({
          metadata: { ...former?.metadata, name },
          versions: order.versions(
            name,
            together(former?.versions ?? [], services, (each) => this.#version(each)),
          ),
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
        const all = this.#merged(document.groups, groups, { nameOf: ({ name }) => name, make: namedGroup });
        return bodyOf({ ...document, groups: all }, this.#text);
      });
    }
    const services = groups.get(group);
    if (services === undefined) return undefined;
    return this.#once(path, own, () => {
      const content = namedGroup(group, own?.value as NamedGroup | undefined, services, this.#order());
      return bodyOf({ kind: 'APIGroup', apiVersion: 'v1', ...content }, this.#text);
    });
  }

  #version(service: APIService): { readonly version: string } {
    const { version: name = '' } = service.spec ?? {};
    const { version, isStale } = this.#remote.versionOf(service);
    return { ...version?.content, version: name, ...{ freshness: isStale ? 'Stale' : 'Current' } };
  }

  #merged<Group>(own: readonly Group[], remote: Remote, { nameOf, make }: Merging<Group>): readonly Group[] {
    const order = this.#order();
    const names = new Set(own.map(nameOf));
    const kept = own.map((group) => {
      const services = remote.get(nameOf(group));
      return services === undefined ? group : make(nameOf(group), group, services, order);
    });
    const added = [...remote].filter(([name]) => !names.has(name));
    const all = [...kept, ...added.map(([name, services]) => make(name, undefined, services, order))];
    return order.groups(all, nameOf);
  }

  #order(): GroupOrder {
    return new GroupOrder(this.#remote.registered());
  }

  #groups(): Remote {
    const groups = new Map<string, APIService[]>();
    for (const service of this.#remote.all()) {
      const { group = '' } = service.spec ?? {};
      groups.set(group, [...(groups.get(group) ?? []), service]);
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

/** By group. */
type Remote = ReadonlyMap<string, readonly APIService[]>;

interface Merging<Group> {
  nameOf(group: Group): string;
  make(name: string, former: Group | undefined, services: readonly APIService[], order: GroupOrder): Group;
}

/** What another serves is told of as it serves it. */
function together<T extends { readonly version: string }>(
  own: readonly T[],
  services: readonly APIService[],
  make: (service: APIService) => T,
): readonly T[] {
  const added = services.map(make);
  const isTaken = ({ version }: T): boolean => added.some((each) => each.version === version);
  return [...own.filter((each) => !isTaken(each)), ...added];
}

function namedGroup(
  name: string,
  former: NamedGroup | undefined,
  services: readonly APIService[],
  order: GroupOrder,
): NamedGroup {
  const all = together(former?.versions ?? [], services, ({ spec }): NamedVersion => {
    const version = spec?.version ?? '';
    return { groupVersion: `${name}/${version}`, version };
  });
  const versions = order.versions(name, all);
  return { name, versions, preferredVersion: versions[0]! };
}
