/** OpenAPI 2 documents of several servers in one. Mirrors kube-openapi's aggregator. */
import { deepEqual } from '../../machinery/equality.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, withoutKey } from '../../machinery/structure.js';
import { definitionReferences, replacedReferences } from './references.js';

const DEFINITIONS = '#/definitions/';
const PARAMETERS = '#/parameters/';
const MEANT = 'x-kubernetes-group-version-kind';

/** A document with the paths that are wanted, and without the definitions that only others speak of. */
export function filteredVersion2(document: JsonObject, isWanted: (path: string) => boolean): JsonObject {
  const { paths } = document;
  if (!isJsonObject(paths)) return document;
  const used = definitionReferences(document);
  const kept = Object.fromEntries(Object.entries(paths).filter(([path]) => isWanted(path)));
  const filtered = { ...document, paths: kept };
  const stillUsed = definitionReferences(filtered);
  const definitions = Object.entries(partOf(document, 'definitions')).filter(
    ([name]) => stillUsed.has(name) || !used.has(name),
  );
  return { ...filtered, definitions: Object.fromEntries(definitions) };
}

/** The first document, with what it lacks of the others; where two mean different things by one name, the later gets another. */
export function mergedVersion2(first: JsonObject, others: readonly JsonObject[]): JsonObject {
  let merged = first;
  for (const each of others) merged = mergedWith(merged, each);
  const [paths, definitions, parameters] = ['paths', 'definitions', 'parameters'].map((part) =>
    sorted(partOf(merged, part)),
  );
  return { ...merged, paths: paths!, definitions: definitions!, parameters: parameters! };
}

function mergedWith(target: JsonObject, source: JsonObject): JsonObject {
  const paths = partOf(target, 'paths');
  const own = Object.keys(partOf(source, 'paths'));
  const added = own.filter((path) => !Object.hasOwn(paths, path));
  if (added.length === 0) return target;
  const kept = added.length === own.length ? source : filteredVersion2(source, (path) => added.includes(path));
  const defined = renamed(target, kept, { part: 'definitions', prefix: DEFINITIONS, isSame: isSameDefinition });
  const ready = renamed(target, defined, { part: 'parameters', prefix: PARAMETERS, isSame: deepEqual });
  return {
    ...target,
    paths: { ...paths, ...partOf(ready, 'paths') },
    definitions: withDefinitions(partOf(target, 'definitions'), partOf(ready, 'definitions')),
    parameters: { ...partOf(ready, 'parameters'), ...partOf(target, 'parameters') },
  };
}

interface Renaming {
  readonly part: 'definitions' | 'parameters';
  readonly prefix: string;
  isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean;
}

/** The source with names that do not clash with the target's. */
function renamed(target: JsonObject, source: JsonObject, { part, prefix, isSame }: Renaming): JsonObject {
  const [known, own] = [partOf(target, part), partOf(source, part)];
  const names = new Map<string, string>();
  const taken = new Set(Object.keys(known));
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(known, name) || isSame(known[name], value)) continue;
    names.set(name, freeName(name, { known, own, taken, isSame: (other) => isSame(other, value) }));
    taken.add(names.get(name)!);
  }
  if (names.size === 0) return source;
  const moved = replacedReferences(source, (reference) => {
    const to = reference.startsWith(prefix) ? names.get(reference.slice(prefix.length)) : undefined;
    return to === undefined ? reference : `${prefix}${to}`;
  }) as JsonObject;
  const entries = Object.entries(partOf(moved, part)).map(([name, value]) => [names.get(name) ?? name, value] as const);
  return { ...moved, [part]: Object.fromEntries(entries) };
}

interface Naming {
  readonly known: JsonObject;
  readonly own: JsonObject;
  readonly taken: ReadonlySet<string>;
  isSame(other: JsonValue | undefined): boolean;
}

/** One that was renamed for the same reason is taken again. */
function freeName(name: string, { known, own, taken, isSame }: Naming): string {
  let version = 2;
  for (; Object.hasOwn(known, `${name}_v${version}`); version++) {
    if (isSame(known[`${name}_v${version}`])) return `${name}_v${version}`;
  }
  while (taken.has(`${name}_v${version}`) || Object.hasOwn(own, `${name}_v${version}`)) version++;
  return `${name}_v${version}`;
}

/** But for what kinds they stand for: that is put together. */
const isSameDefinition = (one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
  isJsonObject(one) && isJsonObject(other) && deepEqual(withoutKey(one, MEANT), withoutKey(other, MEANT));

function withDefinitions(known: JsonObject, added: JsonObject): JsonObject {
  const all: Record<string, JsonValue> = { ...added, ...known };
  for (const [name, value] of Object.entries(added)) {
    const former = Object.hasOwn(known, name) ? known[name] : undefined;
    if (isJsonObject(former) && isJsonObject(value)) all[name] = withKinds(former, value);
  }
  return all;
}

function withKinds(known: JsonObject, added: JsonObject): JsonObject {
  const [first, second] = [listOf(known[MEANT]), listOf(added[MEANT])];
  const keys = new Set(first.map(kindKey));
  const further = second.filter((each) => !keys.has(kindKey(each)));
  if (further.length === 0) return known;
  const all = [...first, ...further];
  if (first.length > 0) all.sort((one, other) => (kindKey(one) < kindKey(other) ? -1 : 1));
  return { ...known, [MEANT]: all };
}

const kindKey = (value: JsonValue): string => {
  const { group, version, kind } = isJsonObject(value) ? value : {};
  return `${String(group)}/${String(version)}.${String(kind)}`;
};

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isJsonArray(value) ? value : []);

function partOf(document: JsonObject, part: string): JsonObject {
  const found = document[part];
  return isJsonObject(found) ? found : {};
}

const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
