import { existsSync, readFileSync } from 'node:fs';
import { kinds } from '../../kinds/registry.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { KindTable } from '../kind-registry.js';
import { OpenApiDocuments, type OpenApiDocument } from './openapi-documents.js';

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts';

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};
const documents = new OpenApiDocuments(new KindTable(kinds).groups, text);
const treeOf = (document: OpenApiDocument): JsonObject => JSON.parse(text.decode(document.json.plain)) as JsonObject;

const linesOf = (name: string): readonly JsonObject[] =>
  readFileSync(`${FACTS}/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);

/** What was recorded has no descriptions; a member may be called so all the same. */
function undescribed(value: Json, isMap = false): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => undescribed(each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject)
    .filter(([key, each]) => isMap || key !== 'description' || typeof each !== 'string')
    .map(([key, each]) => [key, undescribed(each, !isMap && (key === 'properties' || key === 'definitions'))]);
  return Object.fromEntries(entries) as JsonObject;
}

const describeRecorded = existsSync(FACTS) ? describe : describe.skip;

describeRecorded(`OpenAPI without descriptions, as a real server has it (needs ${FACTS})`, () => {
  it('has the documents of version 3', () => {
    const recorded = JSON.parse(readFileSync(`${FACTS}/openapi-v3-index.json`, 'utf8')) as { paths: JsonObject };
    const { paths } = treeOf(documents.index()) as unknown as { paths: JsonObject };
    expect(Object.keys(paths).sort()).toEqual(Object.keys(recorded.paths).sort());
  });

  it('has the schemas of version 3', () => {
    const { paths } = treeOf(documents.index()) as unknown as { paths: JsonObject };
    const schemas: Record<string, Json> = {};
    for (const path of Object.keys(paths)) {
      const { components } = treeOf(documents.version3(path)!) as { components?: { schemas?: JsonObject } };
      Object.assign(schemas, undescribed(components?.schemas ?? {}, true));
    }
    const recorded = linesOf('openapi-v3-schemas');
    expect(Object.keys(schemas).sort()).toEqual(recorded.map(({ name }) => name as string).sort());
    for (const { name, schema } of recorded) expect([name, schemas[name as string]]).toEqual([name, schema]);
  });

  it('has the definitions of version 2', () => {
    const definitions = undescribed(treeOf(documents.version2())['definitions']!, true) as JsonObject;
    const recorded = linesOf('openapi-v2-definitions');
    expect(Object.keys(definitions).sort()).toEqual(recorded.map(({ name }) => name as string).sort());
    for (const { name, schema } of recorded) expect([name, definitions[name as string]]).toEqual([name, schema]);
  });

  it('has the paths of version 2', () => {
    const paths = undescribed(treeOf(documents.version2())['paths']!, true) as JsonObject;
    const recorded = linesOf('openapi-v2-paths').filter(({ path }) => path !== undefined);
    expect(Object.keys(paths).sort()).toEqual(recorded.map(({ path }) => path as string).sort());
    for (const { path, item } of recorded) expect([path, paths[path as string]]).toEqual([path, item]);
  });
});
