import { existsSync, readFileSync } from 'node:fs';
import { builtInSchemas } from '../../machinery/schema/built-in-schemas.js';
import { definitionName, definitionsOf, openApi3 } from './type-definitions.js';

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts/openapi-v3-schemas.jsonl';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a server publishes of types and the facts that this one is built from do not hold. */
const UNKNOWN_KEYS = ['enum', 'x-kubernetes-group-version-kind', 'x-kubernetes-unions'];

/** Keys in order of the alphabet, references without wrapping: what is left differs in meaning. */
function comparable(value: Json, isType = true): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => comparable(each, false));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, each]) => !(UNKNOWN_KEYS.includes(key) && Array.isArray(each)))
    // Whether a type as a whole is atomic is said of types, not of fields.
    .filter(([key]) => !(isType && key === 'x-kubernetes-map-type'))
    .map(([key, each]): [string, Json] => [key, comparable(each, false)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === 'allOf') return (first[1] as readonly Json[])[0]!;
  return Object.fromEntries(entries);
}

describe('definitionsOf', () => {
  it('names types as upstream does', () => {
    expect(definitionName('k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta')).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    );
  });

  it('goes to all types that are referred to', () => {
    const names = [...definitionsOf(['k8s.io/api/core/v1.Pod'], openApi3).keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        'io.k8s.api.core.v1.Container',
        'io.k8s.apimachinery.pkg.api.resource.Quantity',
        'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
      ]),
    );
  });

  (existsSync(FACTS) ? it : it.skip)(`describes every type as a real server does (needs ${FACTS})`, () => {
    const definitions = definitionsOf(builtInSchemas.typeNames, openApi3);
    const lines = readFileSync(FACTS, 'utf8').trim().split('\n');
    const recorded = lines.map((line) => JSON.parse(line) as { name: string; schema: Json });
    const known = recorded.filter(({ name }) => definitions.has(name));
    expect(known.length).toBeGreaterThan(500);
    for (const { name, schema } of known) {
      expect([name, comparable(definitions.get(name) as Json)]).toEqual([name, comparable(schema)]);
    }
  });
});
