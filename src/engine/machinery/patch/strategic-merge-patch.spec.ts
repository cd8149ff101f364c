import fc from 'fast-check';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { applyMergePatch } from './merge-patch.js';
import type { MergeField, MergeSchema } from './merge-schema.js';
import { applyStrategicMergePatch } from './strategic-merge-patch.js';

type Shape = Readonly<Record<string, Partial<MergeField>>>;
const opaque: MergeSchema = { name: '', goKind: 'map', field: () => undefined };
const struct = (name: string, shape: Shape): MergeSchema => ({
  name,
  goKind: 'struct',
  field: (key) => {
    const field = shape[key];
    return field === undefined ? undefined : { strategies: [], mergeKey: undefined, schema: opaque, ...field };
  },
});
const keyed = (mergeKey: string, schema: MergeSchema, ...strategies: string[]): Partial<MergeField> => ({
  strategies: ['merge', ...strategies],
  mergeKey,
  schema,
});

const container = struct('Container', { env: keyed('name', struct('EnvVar', {})), args: {} });
const spec = struct('PodSpec', {
  containers: keyed('name', container),
  volumes: keyed('name', struct('Volume', { emptyDir: {} }), 'retainKeys'),
  nodeSelector: {},
  strategy: { strategies: ['retainKeys'], schema: struct('Strategy', {}) },
  status: { strategies: ['replace'], schema: struct('Status', {}) },
});
const root = struct('Pod', { spec: { schema: spec }, finalizers: { strategies: ['merge'] } });

const original: ParsedObject = {
  finalizers: ['a', 'b', 'c'],
  spec: {
    containers: [
      { name: 'a', image: 'i:1', env: [{ name: 'X', value: '1' }], args: ['1'] },
      { name: 'b', image: 'i:2' },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
    nodeSelector: { a: '1', b: '2' },
    status: { x: 1 },
  },
};
const patched = (patch: ParsedValue) => applyStrategicMergePatch(root, original, patch);
const specOf = (patch: ParsedObject) => patched({ spec: patch })['spec'] as ParsedObject;
const names = (list: ParsedValue | undefined) => (list as readonly ParsedObject[]).map((item) => item['name']);

describe('applyStrategicMergePatch', () => {
  it('merges items of lists by their key, in place', () => {
    const { containers } = specOf({ containers: [{ name: 'b', image: 'i:3' }] }) as { containers: ParsedObject[] };
    expect(containers[1]).toEqual({ name: 'b', image: 'i:3' });
    expect(containers[0]).toBe((original['spec'] as { containers: ParsedObject[] }).containers[0]);
  });

  it.each<[ParsedObject, string[]]>([
    [{ containers: [{ name: 'new' }] }, ['new', 'a', 'b']],
    [{ containers: [{ name: 'a', $patch: 'delete' }] }, ['b']],
    [{ containers: [{ name: 'absent', $patch: 'delete' }] }, ['a', 'b']],
    [{ containers: [{ $patch: 'replace' }, { name: 'z' }] }, ['z']],
    [{ containers: [] }, ['a', 'b']],
    [{ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }, ['b', 'a']],
    [
      { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }, { name: 'b' }], containers: [{ name: 'c' }] },
      ['c', 'a', 'b'],
    ],
    [{ '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b', $patch: 'delete' }] }, ['a']],
    [{ '$setElementOrder/containers': [{ name: 'b' }] }, ['a', 'b']],
  ])('orders the items of %j', (patch, expected) => {
    expect(names(specOf(patch)['containers'])).toEqual(expected);
  });

  it.each<[ParsedObject, ParsedObject]>([
    [{ nodeSelector: { a: null, c: '3' } }, { nodeSelector: { b: '2', c: '3' } }],
    [{ nodeSelector: { $patch: 'replace', c: '3' } }, { nodeSelector: { c: '3' } }],
    [{ nodeSelector: { $patch: 'delete' } }, { nodeSelector: {} }],
    [{ nodeSelector: null }, { nodeSelector: undefined as never }],
    [{ status: { y: 2, z: null } }, { status: { y: 2, z: null } }],
    [{ unknown: { a: null, b: { $patch: 'delete' }, c: [{ $patch: 'x' }, { d: null }] } }, { unknown: { c: [{}] } }],
    [
      { volumes: [{ name: 'v', $retainKeys: ['name', 'secret'], secret: { s: 1 } }] },
      { volumes: [{ name: 'v', secret: { s: 1 } }] },
    ],
    [{ containers: 'z' }, { containers: 'z' }],
  ])('applies %j', (patch, change) => {
    expect(specOf(patch)).toEqual({ ...(original['spec'] as ParsedObject), ...change });
  });

  it('replaces lists without a strategy', () => {
    const { containers } = specOf({ containers: [{ name: 'a', args: ['2'] }] }) as { containers: ParsedObject[] };
    expect(containers[0]).toMatchObject({ image: 'i:1', args: ['2'] });
  });

  it.each<[ParsedObject, string[]]>([
    [{ finalizers: ['d'] }, ['d', 'a', 'b', 'c']],
    [{ finalizers: ['b'] }, ['a', 'b', 'c']],
    [{ '$deleteFromPrimitiveList/finalizers': ['b'] }, ['a', 'c']],
    [{ '$deleteFromPrimitiveList/finalizers': 'b' }, ['a', 'b', 'c']],
    [{ '$deleteFromPrimitiveList/nosuch': ['b'] }, ['a', 'b', 'c']],
    [{ '$setElementOrder/finalizers': ['c', 'a', 'b'] }, ['c', 'a', 'b']],
  ])('treats lists of scalars as sets: %j', (patch, expected) => {
    expect(patched(patch)['finalizers']).toEqual(expected);
  });

  it.each<[ParsedObject, number, string]>([
    [{ containers: [{ image: 'x' }] }, 500, 'map: map[image:x] does not contain declared merge key: name'],
    [{ containers: [{ $patch: 'delete' }] }, 500, 'map: map[$patch:delete] does not contain declared merge key: name'],
    [{ containers: [{ $patch: 'merge' }] }, 500, 'merging lists cannot yet be specified in the patch'],
    [{ containers: [{ $patch: 'x', name: 'z' }] }, 500, 'unknown patch type: x in map: map[$patch:x name:z]'],
    [{ $patch: 3 }, 500, 'unknown patch type: %!s(int64=3) in map: map[$patch:3]'],
    [{ $patch: 'merge', a: {} }, 500, 'unknown patch type: merge in map: map[$patch:merge a:map[]]'],
    [{ '$setElementOrder/containers': 'a' }, 500, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/containers': ['a'] }, 500, 'value for key 0 is not a map'],
    [
      { '$setElementOrder/containers': [{ image: 'x' }] },
      500,
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'c' }] },
      500,
      "The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n",
    ],
    [{ '$setElementOrder/nosuch': [] }, 500, 'unable to find api field in struct PodSpec for the json field "nosuch"'],
    [{ volumes: ['z'] }, 500, 'list element types are not identical: [[map[emptyDir:map[] name:v]] [z]]'],
    [{ volumes: [null] }, 500, 'list element types are not identical: [[map[emptyDir:map[] name:v]] [<nil>]]'],
    [{ $setElementOrder: [] }, 400, 'invalid patch format of setElementOrder list'],
    [{ $deleteFromPrimitiveList: ['a'] }, 400, 'invalid patch format of primitive list'],
    [{ $retainKeys: 'a' }, 400, 'invalid patch format of retainKeys'],
    [{ $retainKeys: ['a'], b: 1 }, 400, 'invalid patch format of retainKeys'],
  ])('refuses %j', (patch, code, message) => {
    expect(() => specOf(patch)).toThrow(expect.objectContaining({ code, message }));
  });

  it('wants an object, and takes null for an empty one', () => {
    expect(patched(null)).toBe(original);
    expect(() => patched([])).toThrow('json: cannot unmarshal array into Go value of type map[string]interface {}');
  });

  it('gives the same object when nothing changes and never writes to its inputs', () => {
    const before = JSON.stringify(original);
    expect(patched({ spec: { containers: [{ name: 'a', image: 'i:1' }], nodeSelector: { a: '1', z: null } } })).toBe(
      original,
    );
    specOf({ containers: [{ name: 'a', env: [{ name: 'X', $patch: 'delete' }] }] });
    expect(JSON.stringify(original)).toBe(before);
  });

  it('is merge patch where there are only maps', () => {
    const any: MergeSchema = {
      name: 'Any',
      goKind: 'struct',
      field: () => ({ strategies: [], mergeKey: undefined, schema: any }),
    };
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.constant(null));
    const maps: fc.Arbitrary<ParsedObject> = fc.letrec<{ map: ParsedObject }>((tie) => ({
      map: fc.dictionary(
        fc.constantFrom('a', 'b', 'c'),
        fc.oneof({ maxDepth: 3 }, leaf, tie('map')),
      ) as fc.Arbitrary<ParsedObject>,
    })).map;
    fc.assert(
      fc.property(maps, maps, (object, patch) => {
        expect(applyStrategicMergePatch(any, object, patch)).toEqual(applyMergePatch(object, patch));
      }),
    );
  });
});
