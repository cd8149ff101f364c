/** In which order discovery tells of groups and versions: by the priorities of their APIServices, as the aggregator sorts them. */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { compareVersions } from '../custom-resources/version-order.js';

/** Nothing has registered it: what comes first stays first. */
const UNREGISTERED = Infinity;

export class GroupOrder {
  readonly #groups = new Map<string, number>();
  readonly #versions = new Map<string, number>();

  constructor(services: readonly APIService[]) {
    for (const { spec } of services) {
      const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec ?? {};
      this.#groups.set(group, Math.max(groupPriorityMinimum, this.#groups.get(group) ?? 0));
      this.#versions.set(`${group}/${version}`, versionPriority);
    }
  }

  groups<T>(groups: readonly T[], nameOf: (group: T) => string): readonly T[] {
    return groups.toSorted((one, other) => {
      const [a, b] = [nameOf(one), nameOf(other)];
      const [first, second] = [this.#groups.get(a) ?? UNREGISTERED, this.#groups.get(b) ?? UNREGISTERED];
      if (first !== second) return second > first ? 1 : -1;
      return first === UNREGISTERED || a === b ? 0 : a < b ? -1 : 1;
    });
  }

  versions<T extends { readonly version: string }>(group: string, versions: readonly T[]): readonly T[] {
    const priorityOf = ({ version }: T): number => this.#versions.get(`${group}/${version}`) ?? UNREGISTERED;
    return versions.toSorted((one, other) => {
      const [first, second] = [priorityOf(one), priorityOf(other)];
      if (first !== second) return second > first ? 1 : -1;
      return first === UNREGISTERED ? 0 : compareVersions(one.version, other.version);
    });
  }
}
