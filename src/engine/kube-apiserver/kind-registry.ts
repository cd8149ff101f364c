import { apiVersionOf } from '../machinery/object.js';
import type { Kind } from '../machinery/kind.js';
import type { KindListener, Subscription } from '../machinery/resource-api.port.js';
import { compareVersions } from './custom-resources/version-order.js';

/** One version of one API group and what it serves, in order of registration. */
export interface ServedVersion {
  readonly version: string;
  readonly kinds: readonly Kind[];
}

export interface ServedGroup {
  readonly group: string;
  /** The first is preferred. */
  readonly versions: readonly ServedVersion[];
}

/**
 * The kinds that one API server serves. Built from the kinds that every cluster has; a cluster adds and removes its own
 * (custom resources) at run time. Lookups of built-in kinds go to tables that all clusters share.
 */
export class KindRegistry {
  readonly #builtIn: KindTable;
  readonly #listeners = new Set<KindListener>();
  #own: KindTable | undefined;
  #all: KindTable | undefined;

  constructor(builtIn: KindTable) {
    this.#builtIn = builtIn;
  }

  /** By the resource name in paths. */
  byPlural(group: string, version: string, plural: string): Kind | undefined {
    const key = `${group}/${version}/${plural}`;
    return this.#builtIn.byPlural.get(key) ?? this.#own?.byPlural.get(key);
  }

  /** By `apiVersion` and `kind` of a body. */
  byKind(group: string, version: string, kind: string): Kind | undefined {
    const key = `${group}/${version}/${kind}`;
    return this.#builtIn.byKind.get(key) ?? this.#own?.byKind.get(key);
  }

  hasGroup(group: string): boolean {
    return this.#builtIn.hasGroup(group) || (this.#own?.hasGroup(group) ?? false);
  }

  hasVersion(group: string, version: string): boolean {
    return this.#builtIn.hasVersion(group, version) || (this.#own?.hasVersion(group, version) ?? false);
  }

  /** All groups, the core group (empty name) among them, in order of registration. */
  groups(): readonly ServedGroup[] {
    if (this.#own === undefined) return this.#builtIn.groups;
    this.#all ??= new KindTable([...this.#builtIn.kinds, ...this.#own.kinds]);
    return this.#all.groups;
  }

  /** Whether all that a group serves was added at run time. */
  isCustomGroup(group: string): boolean {
    return !this.#builtIn.hasGroup(group) && this.#own?.hasGroup(group) === true;
  }

  /** What was added at run time: by group, version (the preferred first) and name. */
  ownKinds(): readonly Kind[] {
    return this.#own?.kinds ?? NO_KINDS;
  }

  kinds(): readonly Kind[] {
    return this.#own === undefined ? this.#builtIn.kinds : [...this.#builtIn.kinds, ...this.#own.kinds];
  }

  /** Whether any kind was added or removed at run time: what is derived from the built-in kinds alone can be shared. */
  get isBuiltInOnly(): boolean {
    return this.#own === undefined;
  }

  get builtIn(): KindTable {
    return this.#builtIn;
  }

  /** Takes kinds away and adds others in one step. */
  replace(removed: readonly Kind[], added: readonly Kind[]): void {
    const kept = this.ownKinds().filter((each) => !removed.includes(each));
    const own = [...kept, ...added].sort(compareKinds);
    this.#own = own.length === 0 ? undefined : new KindTable(own);
    this.#all = undefined;
    for (const listener of this.#listeners) listener({ removed, added });
  }

  /** Hears of every later change. */
  subscribe(listener: KindListener): Subscription {
    // One entry a subscription, even of one and the same function.
    const own: KindListener = (change) => listener(change);
    this.#listeners.add(own);
    return { cancel: () => void this.#listeners.delete(own) };
  }
}

const NO_KINDS: readonly Kind[] = Object.freeze([]);

const compareKinds = (one: Kind, other: Kind): number =>
  compareTexts(one.group, other.group) ||
  compareVersions(one.version, other.version) ||
  compareTexts(one.plural, other.plural);

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Immutable lookups over a list of kinds. */
export class KindTable {
  readonly kinds: readonly Kind[];
  readonly byPlural: ReadonlyMap<string, Kind>;
  readonly byKind: ReadonlyMap<string, Kind>;
  readonly groups: readonly ServedGroup[];
  readonly #versions = new Set<string>();

  constructor(kinds: readonly Kind[]) {
    this.kinds = kinds;
    this.byPlural = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));
    this.byKind = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
    this.groups = groupsOf(kinds);
    for (const kind of kinds) this.#versions.add(apiVersionOf(kind)).add(`group ${kind.group}`);
  }

  hasGroup(group: string): boolean {
    return this.#versions.has(`group ${group}`);
  }

  hasVersion(group: string, version: string): boolean {
    return this.#versions.has(apiVersionOf({ group, version }));
  }
}

function groupsOf(kinds: readonly Kind[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, Kind[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, Kind[]>();
    groups.set(kind.group, versions);
    const served = versions.get(kind.version);
    if (served === undefined) versions.set(kind.version, [kind]);
    else served.push(kind);
  }
  return Array.from(groups, ([group, versions]) => ({
    group,
    versions: Array.from(versions, ([version, served]) => ({ version, kinds: served })),
  }));
}
