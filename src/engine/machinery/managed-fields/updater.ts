import { deepEqual } from '../equality.js';
import { compare, type Comparison } from './compare.js';
import type { FieldSet } from './field-set.js';
import type { FieldSetPool } from './field-set-pool.js';
import { appliedSet, withNamedFields } from './field-sets.js';
import { capUpdaters, isSameManager, type Manager, type ManagerIdentity } from './managers.js';
import { merge, without } from './merge.js';
import type { MergeType } from './merge-type.js';
import type { PathElement } from './path-element.js';
import { ShapeMemory } from './shape.js';

/** What an object is in the versions that its managers speak of. Versions are `apiVersion`s. */
export interface VersionedKind {
  /** `undefined` when the kind has no such version. */
  typeOf(apiVersion: string): MergeType | undefined;
  convert(object: object, from: string, to: string): object;
  /** The fields that a write may own: not those that it cannot change. */
  owned(set: FieldSet, apiVersion: string): FieldSet;
}

export interface Writing {
  readonly kind: VersionedKind;
  readonly self: ManagerIdentity;
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

export interface Conflict {
  readonly manager: Manager;
  readonly path: readonly PathElement[];
}

export type Applied =
  | {
      /** `undefined` when the live object says it all already. */
      readonly object: object | undefined;
      readonly managers: readonly Manager[];
      readonly conflicts?: never;
    }
  /** By manager, and in the order of their fields. */
  | { readonly conflicts: readonly Conflict[] };

/** Shapes of new objects that are remembered, for each kind. */
const SHAPES_MAX = 8;

/** Fields that nobody owns: they are the server's, or name the object. */
const STRIPPED = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:clusterName': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
};

/** Who owns what after a write. Mirrors structured-merge-diff's Updater and the managers that apimachinery wraps around it. */
export class ManagedFieldsUpdater {
  readonly #pool: FieldSetPool;
  readonly #stripped: FieldSet;
  /** By kind, what the creators of its latest objects came to own. */
  readonly #created = new WeakMap<VersionedKind, ShapeMemory<FieldSet>>();
  /** By type, what the latest configurations mention. */
  readonly #applied = new WeakMap<MergeType, ShapeMemory<FieldSet>>();

  constructor(pool: FieldSetPool) {
    this.#pool = pool;
    this.#stripped = pool.read(STRIPPED);
  }

  /** The managers of a new object; `empty` is what Go's zero value of the kind encodes to. Objects of one shape cost a look. */
  created(writing: Writing, empty: object, value: object): readonly Manager[] {
    const { kind, self, time } = writing;
    let memory = this.#created.get(kind);
    if (memory === undefined) {
      memory = new ShapeMemory(kind.typeOf(self.apiVersion)!, SHAPES_MAX);
      this.#created.set(kind, memory);
    }
    const set = memory.of(value, () => this.update(writing, [], empty, value)[0]?.set ?? this.#pool.empty);
    if (set.isEmpty) return [];
    const { name, operation, apiVersion, subresource } = self;
    return [{ name, operation, apiVersion, subresource, time, set }];
  }

  /** The managers when an object was written as a whole: what differs is the writer's from now on. */
  update(writing: Writing, managers: readonly Manager[], old: object, value: object): readonly Manager[] {
    const { kind, self, time } = writing;
    const comparisons = new Comparisons(this.#pool, writing, old, value);
    const kept = this.#yield(managers, comparisons);
    const { added, modified } = comparisons.at(self.apiVersion)!;
    const taken = kind.owned(this.#pool.union(modified, added), self.apiVersion);
    const own = this.#pool.difference(taken, this.#stripped);
    if (own.isEmpty) return kept;
    const previous = kept.find((each) => isSameManager(each, self));
    const set = previous === undefined ? own : this.#pool.union(own, previous.set);
    const { name, operation, apiVersion, subresource } = self;
    const others = kept.filter((each) => each !== previous);
    return capUpdaters(this.#pool, others.concat({ name, operation, apiVersion, subresource, time, set }));
  }

  /** What an applied configuration makes of a live object. The configuration must be of the type. */
  apply(
    writing: Writing,
    managers: readonly Manager[],
    { live, config, force }: { readonly live: object; readonly config: object; readonly force: boolean },
  ): Applied {
    const { kind, self, time } = writing;
    const type = kind.typeOf(self.apiVersion)!;
    const last = managers.find((each) => isSameManager(each, self));
    const others = managers.filter((each) => each !== last && kind.typeOf(each.apiVersion) !== undefined);
    const set = kind.owned(this.#setApplied(type, config), self.apiVersion);
    const applying = { ...self, time, set };
    const merged = merge(type, live, config) as object;
    const value = last === undefined ? merged : this.#prune(writing, merged, last, [...others, applying]);
    const comparisons = new Comparisons(this.#pool, writing, live, value);
    const conflicts = force ? [] : this.#conflicts(others, comparisons);
    if (conflicts.length > 0) return { conflicts };
    const kept = this.#yield(others, comparisons);
    const own = this.#pool.difference(set, this.#stripped);
    const isSame = deepEqual(live, value);
    const remaining = own.isEmpty ? [] : [{ ...applying, set: own, time: isSame ? last?.time : time }];
    return { object: isSame ? undefined : value, managers: kept.concat(remaining) };
  }

  #setApplied(type: MergeType, config: object): FieldSet {
    let memory = this.#applied.get(type);
    if (memory === undefined) {
      memory = new ShapeMemory(type, SHAPES_MAX);
      this.#applied.set(type, memory);
    }
    return memory.of(config, () => appliedSet(this.#pool, type, config));
  }

  /** Takes what has changed from those who had it; who has nothing left is gone. */
  #yield(managers: readonly Manager[], comparisons: Comparisons): readonly Manager[] {
    const kept: Manager[] = [];
    for (const manager of managers) {
      const comparison = comparisons.at(manager.apiVersion);
      if (comparison === undefined) continue;
      const set = this.#pool.difference(manager.set, comparison.changed);
      if (set === manager.set) kept.push(manager);
      else if (!set.isEmpty) kept.push(withSet(manager, set));
    }
    return kept;
  }

  #conflicts(managers: readonly Manager[], comparisons: Comparisons): readonly Conflict[] {
    const conflicts: Conflict[] = [];
    for (const manager of managers.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
      const { added, modified } = comparisons.at(manager.apiVersion)!;
      const disputed = this.#pool.intersection(manager.set, this.#pool.union(modified, added));
      disputed.forEach((path) => conflicts.push({ manager, path }));
    }
    return conflicts;
  }

  /** Removes what the manager applied last time and does not any more, unless somebody else owns it. The last of `managers` is the one that applies. */
  #prune({ kind, self }: Writing, merged: object, last: Manager, managers: readonly Manager[]): object {
    const version = last.apiVersion;
    const type = kind.typeOf(version);
    if (type === undefined || last.set.isEmpty) return merged;
    // Who applies all of it again takes nothing away: the usual case.
    const applied = managers.at(-1)!;
    if (version === self.apiVersion && this.#pool.difference(last.set, applied.set).isEmpty) return merged;
    const whole = kind.convert(merged, self.apiVersion, version);
    const lastNamed = withNamedFields(this.#pool, type, last.set);
    let pruned = without(type, whole, lastNamed) as object;
    for (const owned of ownedByVersion(this.#pool, managers, version)) {
      pruned = this.#addBackOwned(kind, { whole, pruned, version }, owned);
    }
    const [prunedSet, wholeSet] = [this.#named(type, pruned), this.#named(type, whole)];
    const gone = this.#pool.intersection(this.#pool.difference(wholeSet, prunedSet), lastNamed);
    return kind.convert(without(type, whole, gone) as object, version, self.apiVersion);
  }

  #addBackOwned(
    kind: VersionedKind,
    { whole, pruned, version }: { readonly whole: object; readonly pruned: object; readonly version: string },
    [ownedVersion, owned]: readonly [string, FieldSet],
  ): object {
    const type = kind.typeOf(ownedVersion);
    if (type === undefined) return pruned;
    const wholeThere = kind.convert(whole, version, ownedVersion);
    const prunedThere = kind.convert(pruned, version, ownedVersion);
    const stays = this.#pool.union(this.#named(type, prunedThere), withNamedFields(this.#pool, type, owned));
    const gone = this.#pool.difference(this.#named(type, wholeThere), stays);
    return kind.convert(without(type, wholeThere, gone) as object, ownedVersion, version);
  }

  #named(type: MergeType, value: object): FieldSet {
    return withNamedFields(this.#pool, type, appliedSet(this.#pool, type, value));
  }
}

interface Versioned extends Comparison {
  readonly changed: FieldSet;
}

/** The comparison of two objects in each version that is asked for. */
class Comparisons {
  readonly #pool: FieldSetPool;
  readonly #writing: Writing;
  readonly #old: object;
  readonly #value: object;
  readonly #own: Versioned | undefined;
  #others: Map<string, Versioned | undefined> | undefined;

  constructor(pool: FieldSetPool, writing: Writing, old: object, value: object) {
    this.#pool = pool;
    this.#writing = writing;
    this.#old = old;
    this.#value = value;
    this.#own = this.#compare(writing.self.apiVersion);
  }

  /** `undefined` when the kind has no such version. */
  at(apiVersion: string): Versioned | undefined {
    if (apiVersion === this.#writing.self.apiVersion) return this.#own;
    this.#others ??= new Map();
    if (!this.#others.has(apiVersion)) this.#others.set(apiVersion, this.#compare(apiVersion));
    return this.#others.get(apiVersion);
  }

  #compare(apiVersion: string): Versioned | undefined {
    const { kind, self } = this.#writing;
    const type = kind.typeOf(apiVersion);
    if (type === undefined) return undefined;
    const convert = (object: object): object =>
      apiVersion === self.apiVersion ? object : kind.convert(object, self.apiVersion, apiVersion);
    const found = compare(this.#pool, type, convert(this.#old), convert(this.#value));
    const owned = (set: FieldSet): FieldSet => (set.isEmpty ? set : kind.owned(set, apiVersion));
    const [added, modified, removed] = [owned(found.added), owned(found.modified), owned(found.removed)];
    const changed = this.#pool.union(this.#pool.union(modified, added), removed);
    return { added, modified, removed, changed };
  }
}

/** What all managers own, by version; `first` comes first. */
function ownedByVersion(
  pool: FieldSetPool,
  managers: readonly Manager[],
  first: string,
): readonly (readonly [string, FieldSet])[] {
  const owned = new Map<string, FieldSet>([[first, pool.empty]]);
  for (const { apiVersion, set } of managers)
    owned.set(apiVersion, pool.union(owned.get(apiVersion) ?? pool.empty, set));
  return [...owned];
}

/** What managers are sorted by in messages. */
const nameOf = ({ name, operation, apiVersion, subresource }: Manager): string =>
  [name, operation, apiVersion, subresource].join('\0');

function withSet({ name, operation, apiVersion, subresource, time }: Manager, set: FieldSet): Manager {
  return { name, operation, apiVersion, subresource, time, set };
}
