import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../machinery/structure.js';

const DEFINITIONS = '#/definitions/';

/** The names of the definitions that a document speaks of, in paths and in definitions. */
export function definitionReferences(document: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (reference: string): void => {
    if (reference.startsWith(DEFINITIONS)) found.add(reference.slice(DEFINITIONS.length));
  };
  // What a definition speaks of counts where somebody speaks of the definition.
  for (const [part, value] of Object.entries(document)) if (part !== 'definitions') visitReferences(value, visit);
  const definitions = document['definitions'];
  if (!isJsonObject(definitions)) return found;
  // A set is gone through to its end, whatever is added on the way.
  for (const name of found) visitReferences(Object.hasOwn(definitions, name) ? definitions[name] : undefined, visit);
  return found;
}

function visitReferences(value: JsonValue | undefined, visit: (reference: string) => void): void {
  if (isJsonArray(value)) {
    for (const each of value) visitReferences(each, visit);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, each] of Object.entries(value)) {
    if (key === '$ref' && typeof each === 'string') visit(each);
    else visitReferences(each, visit);
  }
}

/** A copy with every reference as `replace` gives it; what has none is the same. */
export function replacedReferences(value: JsonValue, replace: (reference: string) => string): JsonValue {
  if (isJsonArray(value)) {
    const items = value.map((each) => replacedReferences(each, replace));
    return items.some((each, index) => each !== value[index]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const isReference = key === '$ref' && typeof each === 'string';
    return [key, isReference ? replace(each) : replacedReferences(each, replace)] as const;
  });
  return entries.some(([key, each]) => each !== value[key]) ? Object.fromEntries(entries) : value;
}
