import fc from 'fast-check';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { applyMergePatch } from './merge-patch.js';

describe('applyMergePatch', () => {
  it.each<[ParsedObject, ParsedObject, ParsedObject]>([
    [
      { a: '1', b: '2' },
      { a: null, c: '3' },
      { b: '2', c: '3' },
    ],
    [{ a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    [{ a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [{ a: [1] }, { a: { b: 1, c: null } }, { a: { b: 1 } }],
    [{}, { a: { b: { c: null } } }, { a: { b: {} } }],
    [{ a: [1] }, { a: [{ x: null }, null] }, { a: [{}, null] }],
    [{ a: null }, { a: { b: null } }, { a: {} }],
  ])('%j with %j is %j', (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });

  it.each<[ParsedValue, string]>([
    [null, 'Invalid JSON Patch'],
    [[], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
    [17, 'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}'],
  ])('refuses %j', (patch, message) => {
    expect(() => applyMergePatch({}, patch)).toThrow(expect.objectContaining({ code: 400, message }));
  });

  it('keeps __proto__ as data', () => {
    const patch = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}') as ParsedObject;
    const result = applyMergePatch({}, patch);
    expect(Object.keys(result)).toEqual(['__proto__', 'a']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  const keys = fc.constantFrom('a', 'b', 'c');
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.array(fc.integer()));
  const objects: fc.Arbitrary<ParsedObject> = fc.letrec<{ object: ParsedObject }>((tie) => ({
    object: fc.dictionary(keys, fc.oneof({ maxDepth: 3 }, leaf, tie('object'))) as fc.Arbitrary<ParsedObject>,
  })).object;

  it('is idempotent, leaves no nulls of its own and follows the RFC', () => {
    fc.assert(
      fc.property(objects, objects, (document, patch) => {
        const before = JSON.stringify(document);
        const once = applyMergePatch(document, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
        expect(once).toEqual(reference(document, patch));
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });

  it('gives the same object when nothing changes', () => {
    const document = { a: { b: 1 }, c: 'x' };
    expect(applyMergePatch(document, { a: { b: 1 }, c: 'x', d: null })).toBe(document);
    expect(applyMergePatch(document, { c: 'y' })['a']).toBe(document.a);
  });
});

/** The pseudo code of RFC 7386. */
function reference(target: ParsedValue, patch: ParsedValue): ParsedValue {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, ParsedValue> = isObject ? { ...(target as ParsedObject) } : {};
  for (const [key, value] of Object.entries(patch as ParsedObject)) {
    if (value === null) delete result[key];
    else result[key] = reference(result[key] ?? null, value);
  }
  return result;
}
