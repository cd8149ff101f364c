import type { ManagedFieldsEntry } from '../api/meta-v1.js';
import type { FieldSet } from './field-set.js';
import type { FieldSetPool } from './field-set-pool.js';

/** Updaters that one object remembers; the oldest beyond these are merged. */
const UPDATERS_MAX = 10;
const ANCIENT = 'ancient-changes';
const FIELDS_TYPE = 'FieldsV1';

type ManagerOperation = 'Apply' | 'Update';

/** Who owns fields: an updater is another one for each version, an applier is not. */
export interface ManagerIdentity {
  readonly name: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

export interface Manager extends ManagerIdentity {
  /** RFC 3339, whole seconds. */
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The entry that says all this, where there is one already. */
  readonly entry?: ManagedFieldsEntry | undefined;
}

export const isSameManager = (one: ManagerIdentity, other: ManagerIdentity): boolean =>
  one.name === other.name &&
  one.operation === other.operation &&
  one.subresource === other.subresource &&
  (one.operation === 'Apply' || one.apiVersion === other.apiVersion);

/** `undefined` when an entry is none, as upstream has it: then all of them count for nothing. */
export function readManagers(
  pool: FieldSetPool,
  entries: readonly ManagedFieldsEntry[] | undefined,
): readonly Manager[] | undefined {
  const managers: Manager[] = [];
  for (const entry of entries ?? []) {
    const manager = readManager(pool, entry);
    if (manager === undefined) return undefined;
    const same = managers.findIndex((each) => isSameManager(each, manager));
    if (same < 0) managers.push(manager);
    else managers[same] = manager;
  }
  return managers;
}

function readManager(pool: FieldSetPool, entry: ManagedFieldsEntry): Manager | undefined {
  const { manager: name = '', operation, apiVersion = '', fieldsType, fieldsV1 = {}, subresource = '', time } = entry;
  if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '' || fieldsType !== FIELDS_TYPE) {
    return undefined;
  }
  try {
    const set = pool.read(fieldsV1);
    // One that this pool's sets did not write is written anew, so that equal fields are shared from now on.
    const known = set.fieldsV1 === fieldsV1 ? entry : undefined;
    return { name, operation, apiVersion, subresource, time, set, entry: known };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The entries in upstream's order: appliers, then updaters, each by time and name. */
export function writeManagers(managers: readonly Manager[]): readonly ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  if (managers.length === 1) return [managers[0]!.entry ?? entryOf(managers[0]!)];
  return managers.toSorted(compareManagers).map((each) => each.entry ?? entryOf(each));
}

/** Made without spreads: every write makes one. */
function entryOf({ name, operation, apiVersion, subresource, time, set }: Manager): ManagedFieldsEntry {
  const entry: { -readonly [Key in keyof ManagedFieldsEntry]: ManagedFieldsEntry[Key] } = {};
  if (name !== '') entry.manager = name;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = FIELDS_TYPE;
  entry.fieldsV1 = set.fieldsV1;
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}

function compareManagers(one: Manager, other: Manager): number {
  return (
    compareTexts(one.operation, other.operation) ||
    compareTexts(one.time ?? '', other.time ?? '') ||
    compareTexts(one.name, other.name) ||
    compareTexts(one.apiVersion, other.apiVersion) ||
    compareTexts(one.subresource, other.subresource)
  );
}

const compareTexts = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

/** Merges the oldest updaters, each version's by itself, until there are no more than may be. */
export function capUpdaters(pool: FieldSetPool, managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  let count = updaters.length;
  if (count <= UPDATERS_MAX) return managers;
  let capped = managers;
  const firsts = new Map<string, Manager>();
  for (const updater of updaters.sort(compareAges)) {
    if (count <= UPDATERS_MAX) break;
    const first = firsts.get(updater.apiVersion);
    if (first === undefined) {
      firsts.set(updater.apiVersion, updater);
      continue;
    }
    const identity = { name: ANCIENT, operation: 'Update', apiVersion: updater.apiVersion, subresource: '' } as const;
    const bucket = capped.find((each) => isSameManager(each, identity)) ?? first;
    const merged = { ...identity, time: updater.time, set: pool.union(updater.set, bucket.set) };
    capped = [...capped.filter((each) => each !== updater && each !== bucket), merged];
    count--;
  }
  return capped;
}

function compareAges(one: Manager, other: Manager): number {
  return compareTexts(one.time ?? '', other.time ?? '') || compareTexts(identifier(one), identifier(other));
}

/** As upstream names a manager to itself. */
const identifier = ({ name, operation, apiVersion, subresource }: Manager): string =>
  JSON.stringify({ manager: name, operation, apiVersion, ...(subresource === '' ? {} : { subresource }) });
