import fc from 'fast-check';
import { parseJson } from '../machinery/json/parse-json.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { decode } from '../machinery/schema/decode.js';
import type { JsonObject } from '../machinery/structure.js';
import { SpecMemory } from './spec-memory.js';

const schema = schemaOfKind('', 'v1', 'Pod')!;
const args = Array.from({ length: 40 }, (_, index) => `--flag-${index}=value`);
const spec = { containers: [{ name: 'server', image: 'server:1', args }], nodeName: 'worker-1' };
const SPEC = JSON.stringify(spec).replace(/}$/, ',"nodeSelector":{"__proto__":"x"}}');

const decoded = (text: string): JsonObject => decode(schema, parseJson(text).value, { strict: true }).object;

/** A memory that has seen the spec twice. */
function experienced(): SpecMemory {
  const memory = new SpecMemory();
  for (const name of ['a', 'b']) {
    const text = `{"metadata":{"name":"${name}"},"spec":${SPEC}}`;
    memory.note(schema, text, decoded(text));
  }
  return memory;
}

/** What is recalled, put together; `undefined` where it is not. */
function recalled(memory: SpecMemory, text: string): JsonObject | undefined {
  const found = memory.recall(schema, text);
  return found && { ...decode(schema, found.value, { strict: true }).object, spec: found.spec };
}

describe('SpecMemory', () => {
  it('gives what reading the whole body gives, as a copy of its own', () => {
    const memory = experienced();
    const text = `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"c","labels":{"a":"b"}},"spec":${SPEC}}`;
    const one = recalled(memory, text);
    expect(JSON.stringify(one)).toBe(JSON.stringify(decoded(text)));
    (one?.['spec'] as { nodeName: string }).nodeName = 'changed';
    expect(JSON.stringify(recalled(memory, text))).toBe(JSON.stringify(decoded(text)));
  });

  it('keeps nothing that came once', () => {
    const memory = new SpecMemory();
    const text = `{"metadata":{"name":"a"},"spec":${SPEC}}`;
    memory.note(schema, text, decoded(text));
    expect(memory.recall(schema, text)).toBeUndefined();
  });

  it.each([
    ['a doubled spec', `{"spec":{},"spec":${SPEC}}`],
    ['a spec that is spelled twice', `{"spec":${SPEC},"\\u0073pec":{"nodeName":"other"}}`],
    ['another field that ends like it', `{"x\\"spec":${SPEC},"spec":null}`],
    ['a spec deeper inside', `{"metadata":{"spec":${SPEC}},"\\u0073pec":null}`],
    ['a spec in a list', `[{"spec":${SPEC}}]`],
    ['a doubled field elsewhere', `{"metadata":{"name":"a","name":"b"},"spec":${SPEC}}`],
    ['text behind the spec', `{"spec":${SPEC}x}`],
    ['text behind the body', `{"spec":${SPEC}}}`],
    ['a body that is cut off', `{"spec":${SPEC}`],
    ['a number whose spelling matters', `{"metadata":{"generation":1.0},"spec":${SPEC}}`],
  ])('leaves %s to the exact reader', (_, text) => {
    expect(experienced().recall(schema, text)).toBeUndefined();
  });

  it('does not take the spec of another kind', () => {
    const other = schemaOfKind('apps', 'v1', 'ReplicaSet')!;
    expect(experienced().recall(other, `{"spec":${SPEC}}`)).toBeUndefined();
  });

  it('never gives anything but what the whole body says', () => {
    const memory = experienced();
    const piece = fc.constantFrom(
      '"spec":',
      SPEC,
      '{',
      '}',
      '"metadata":',
      '{}',
      ',',
      '"name":',
      '"a"',
      'null',
      '[',
      ']',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `{"metadata":{"name":"a"},${pieces.join('')}}`;
        const found = recalled(memory, text);
        if (found !== undefined) expect(JSON.stringify(found)).toBe(JSON.stringify(decoded(text)));
      }),
      { numRuns: 2_000 },
    );
  });
});
