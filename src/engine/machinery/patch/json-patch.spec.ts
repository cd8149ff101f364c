import { NumberLiteral } from '../schema/number-literal.js';
import type { ParsedValue } from '../structure.js';
import { applyJsonPatch, JSON_PATCH_OPERATIONS_MAX, unknownJsonPatchFields } from './json-patch.js';

const document = Object.freeze({ data: { a: '1', b: 'two' }, list: ['x', 'y', 'z'], none: null });
const patched = (...operations: ParsedValue[]) => applyJsonPatch(document, operations);

describe('applyJsonPatch', () => {
  it.each<[ParsedValue, object]>([
    [{ op: 'add', path: '/data/e', value: '5' }, { data: { a: '1', b: 'two', e: '5' } }],
    [{ op: 'add', path: '/data/a', value: 'one' }, { data: { a: 'one', b: 'two' } }],
    [{ op: 'add', path: '/data/x' }, { data: { a: '1', b: 'two', x: null } }],
    [{ op: 'add', path: 'data/x', value: 1 }, { x: 1 }],
    [{ op: 'add', path: '/list/0', value: 'w' }, { list: ['w', 'x', 'y', 'z'] }],
    [{ op: 'add', path: '/list/3', value: 'w' }, { list: ['x', 'y', 'z', 'w'] }],
    [{ op: 'add', path: '/list/-', value: 'w' }, { list: ['x', 'y', 'z', 'w'] }],
    [{ op: 'add', path: '/list/-1', value: 'w' }, { list: ['x', 'y', 'z', 'w'] }],
    [{ op: 'add', path: '/list/01', value: 'w' }, { list: ['x', 'w', 'y', 'z'] }],
    [{ op: 'add', path: '/data/a~1b~0c', value: '1' }, { data: { a: '1', b: 'two', 'a/b~c': '1' } }],
    [{ op: 'remove', path: '/list/-1' }, { list: ['x', 'y'] }],
    [{ op: 'remove', path: '/none' }, { none: undefined }],
    [{ op: 'replace', path: '/data/nope', value: '2' }, { data: { a: '1', b: 'two', nope: '2' } }],
    [{ op: 'replace', path: '/data/a' }, { data: { a: null, b: 'two' } }],
    [
      { op: 'replace', path: '', value: { q: 1 } },
      { q: 1, data: undefined, list: undefined, none: undefined },
    ],
    [{ op: 'move', path: '/data/c', from: '/data/a' }, { data: { c: '1', b: 'two' } }],
    [{ op: 'move', path: '/list/0', from: '/list/2' }, { list: ['z', 'x', 'y'] }],
    [{ op: 'copy', path: '/data/c', from: '/data/nope' }, { data: { a: '1', b: 'two', c: null } }],
    [{ op: 'test', path: '/data', value: { b: 'two', a: '1' } }, {}],
    [{ op: 'test', path: '/data/nope', value: null }, {}],
    [{ op: 'test', path: '/none' }, {}],
  ])('applies %j', (operation, change) => {
    expect(patched(operation)).toEqual({ ...document, ...change });
  });

  it.each<[ParsedValue]>([
    [null],
    [{ path: '/data/x', value: '1' }],
    [{ op: 'ADD', path: '/data/x', value: '1' }],
    [{ op: 'add', value: '1' }],
    [{ op: 'add', path: '', value: {} }],
    [{ op: 'add', path: '/list/9', value: 'x' }],
    [{ op: 'add', path: '/nope/x', value: 'x' }],
    [{ op: 'add', path: '/none/x', value: 'x' }],
    [{ op: 'add', path: '/data/a/deeper', value: 'x' }],
    [{ op: 'add', path: '/list/zero/x', value: 'x' }],
    [{ op: 'add', path: '/constructor/x', value: 'x' }],
    [{ op: 'remove', path: '/list/-' }],
    [{ op: 'remove', path: '/list/3' }],
    [{ op: 'remove', path: '/data/nope' }],
    [{ op: 'replace', path: '/list/-', value: 1 }],
    [{ op: 'replace', path: '', value: 1 }],
    [{ op: 'move', path: '/data/x' }],
    [{ op: 'test', path: '/data/a' }],
    [{ op: 'test', path: '/data/a', value: '2' }],
    [{ op: 'test', path: '/data/nope', value: 'x' }],
  ])('refuses %j without further words', (operation) => {
    expect(() => patched(operation)).toThrow(
      expect.objectContaining({ code: 422, message: 'the server rejected our request due to an error in our request' }),
    );
  });

  it.each<[ParsedValue, string]>([
    [{ op: 'add' }, 'json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    ['text', 'json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
    [[1], 'json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
    [[{ op: 1 }], 'json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
    [
      [{ op: 'add', path: new NumberLiteral('7.0') }],
      'json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
    ],
  ])('does not take %j for a patch', (patch, words) => {
    expect(() => applyJsonPatch(document, patch)).toThrow(
      expect.objectContaining({ code: 400, message: `error decoding patch: ${words}` }),
    );
  });

  it('shares what it leaves alone and never writes to its inputs', () => {
    const value = { deep: ['v'] };
    const result = patched(
      { op: 'add', path: '/new', value },
      { op: 'copy', from: '/new', path: '/again' },
      { op: 'add', path: '/new/deep/-', value: 'w' },
      { op: 'remove', path: '/data/a' },
    );
    expect(result).toEqual({
      ...document,
      data: { b: 'two' },
      new: { deep: ['v', 'w'] },
      again: { deep: ['v'] },
    });
    expect((result as typeof document).list).toBe(document.list);
    expect(value).toEqual({ deep: ['v'] });
    expect(document.data.a).toBe('1');
  });

  it('keeps __proto__ as data', () => {
    const result = patched({ op: 'add', path: '/__proto__', value: { p: 1 } });
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Object.keys(result as object)).toContain('__proto__');
  });

  it('treats null as an empty patch', () => {
    expect(applyJsonPatch(document, null)).toBe(document);
  });

  it('bounds operations, copies and shifts', () => {
    const test = { op: 'test', path: '/data/a', value: '1' };
    expect(patched(...Array<ParsedValue>(JSON_PATCH_OPERATIONS_MAX).fill(test))).toBe(document);
    expect(() => patched(...Array<ParsedValue>(JSON_PATCH_OPERATIONS_MAX + 1).fill(test))).toThrow(
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    );
    const big = { op: 'add', path: '/data/big', value: 'x'.repeat(1_000_000) };
    const copy = { op: 'copy', from: '/data/big', path: '/data/other' };
    expect(() => patched(big, copy, copy, copy)).not.toThrow();
    expect(() => patched(big, copy, copy, copy, copy)).toThrow(expect.objectContaining({ code: 422 }));
    const list = { op: 'add', path: '/l', value: Array<number>(1_000_000).fill(0) };
    const shift = { op: 'add', path: '/l/0', value: 1 };
    expect(() => patched(list, ...Array<ParsedValue>(1_000).fill(shift))).toThrow(
      expect.objectContaining({ code: 422 }),
    );
  });

  it('names fields that operations do not have', () => {
    expect(
      unknownJsonPatchFields([
        { op: 'test', path: '/a', extra: true },
        { from: '', x: 1 },
      ]),
    ).toEqual(['[0].extra', '[1].x']);
  });
});
