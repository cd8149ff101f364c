import type { JsonObject } from '../../machinery/structure.js';
import { filteredVersion2, mergedVersion2 } from './merge-version-2.js';

const reference = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` });
const pathOf = (name: string): JsonObject => ({
  get: { responses: { 200: { description: 'OK', schema: reference(name) } } },
});
const documentOf = (paths: JsonObject, definitions: JsonObject, parameters: JsonObject = {}): JsonObject => ({
  swagger: '2.0',
  paths,
  definitions,
  parameters,
});

describe('a filtered OpenAPI 2 document', () => {
  it('keeps what its paths speak of, by however many steps, and what nobody spoke of before', () => {
    const definitions = {
      Kept: { properties: { next: { items: reference('Below') } } },
      Below: { properties: { self: reference('Below') } },
      Gone: { properties: { own: reference('GoneBelow'), kept: reference('Kept') } },
      GoneBelow: {},
      Unused: { properties: { odd: { type: 'string' } } },
    };
    const { paths, definitions: left } = filteredVersion2(
      documentOf({ '/apis/a/v1/x': pathOf('Kept'), '/apis/b/v1/x': pathOf('Gone') }, definitions),
      (path) => path.startsWith('/apis/a/v1/'),
    );
    expect(Object.keys(paths as object)).toEqual(['/apis/a/v1/x']);
    expect(Object.keys(left as object)).toEqual(['Kept', 'Below', 'Unused']);
  });
});

describe('merged OpenAPI 2 documents', () => {
  it('have the paths of all, each by its first', () => {
    const first = documentOf({ '/a': pathOf('A') }, { A: { type: 'string' } });
    const second = documentOf({ '/a': pathOf('B'), '/b': pathOf('C') }, { B: {}, C: {} });
    const merged = mergedVersion2(first, [second]);
    expect(merged).toEqual(documentOf({ '/a': pathOf('A'), '/b': pathOf('C') }, { A: { type: 'string' }, C: {} }));
  });

  it('give another name to what means something else, wherever it is spoken of', () => {
    const first = documentOf({ '/a': pathOf('T') }, { T: { type: 'string' } });
    const other = { T: { type: 'object', properties: { self: reference('T') } }, User: { items: reference('T') } };
    const merged = mergedVersion2(first, [documentOf({ '/b': pathOf('T') }, other)]);
    expect(merged['definitions']).toEqual({
      T: { type: 'string' },
      T_v2: { type: 'object', properties: { self: reference('T_v2') } },
      User: { items: reference('T_v2') },
    });
    expect(merged['paths']).toMatchObject({ '/a': pathOf('T'), '/b': pathOf('T_v2') });
  });

  it('use such a name again for the same, and find a free one for the next', () => {
    const first = documentOf({ '/a': pathOf('T') }, { T: { type: 'string' } });
    const further = (path: string, type: string): JsonObject => documentOf({ [path]: pathOf('T') }, { T: { type } });
    const merged = mergedVersion2(first, [
      further('/b', 'number'),
      further('/c', 'number'),
      further('/d', 'boolean'),
      documentOf({ '/e': pathOf('T') }, { T: { type: 'array' }, T_v4: {} }),
    ]);
    const types = Object.entries(merged['definitions'] as JsonObject).map(([name, value]) => [
      name,
      (value as JsonObject)['type'],
    ]);
    expect(Object.fromEntries(types)).toEqual({
      T: 'string',
      T_v2: 'number',
      T_v3: 'boolean',
      T_v4: undefined,
      T_v5: 'array',
    });
    expect((merged['paths'] as JsonObject)['/c']).toEqual(pathOf('T_v2'));
  });

  it('put together for which kinds a definition stands', () => {
    const kinds = (...names: readonly string[]): JsonObject => ({
      'x-kubernetes-group-version-kind': names.map((kind) => ({ group: 'g', version: 'v1', kind })),
    });
    const first = documentOf({ '/a': pathOf('T') }, { T: { type: 'object', ...kinds('B', 'D') } });
    const second = documentOf({ '/b': pathOf('T') }, { T: { type: 'object', ...kinds('C', 'B') } });
    expect(mergedVersion2(first, [second])['definitions']).toEqual({ T: { type: 'object', ...kinds('B', 'C', 'D') } });
  });

  it('rename parameters as well', () => {
    const shared = (name: string): JsonObject => ({ parameters: [{ $ref: `#/parameters/${name}` }] });
    const first = documentOf({ '/a': shared('p') }, {}, { p: { name: 'one' } });
    const second = documentOf({ '/b': shared('p') }, {}, { p: { name: 'two' } });
    const merged = mergedVersion2(first, [second]);
    expect(merged['parameters']).toEqual({ p: { name: 'one' }, p_v2: { name: 'two' } });
    expect(merged['paths']).toEqual({ '/a': shared('p'), '/b': shared('p_v2') });
  });
});
