import fc from 'fast-check';
import { builtInSchemas, schemaOf } from '../schema/built-in-schemas.js';
import { decode, normalise } from '../schema/decode.js';
import { formatGoDuration } from '../schema/go-duration.js';
import type { LeafSchema, StructSchema, TypeSchema } from '../schema/schema.js';
import { setOwn } from '../structure.js';
import type { TextCodec } from '../text-codec.port.js';
import { builtInMessages } from './built-in-messages.js';
import { readEnvelope } from './envelope.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
};
const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const DEPTH_MAX = 5;

/** Kinds have `kind` and `apiVersion`; a Table alone holds what protobuf has no form for. */
const kinds = builtInSchemas.typeNames
  .map((name) => schemaOf(name))
  .filter((schema): schema is StructSchema => schema.kind === 'struct' && schema.fields.has('apiVersion'))
  .filter(({ typeName, members }) => typeName !== `${META}.Table` && members.some(({ wire }) => wire !== undefined));

type Chance = fc.GeneratorValue;

function objectOf(schema: StructSchema, chance: Chance, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const member of schema.members) {
    if (member.wire === undefined) continue;
    if (member.inline) Object.assign(object, objectOf(member.type, chance, depth));
    else if (chance(fc.nat, { max: depth }) === 0) object[member.name] = valueOf(member.type, chance, depth + 1);
  }
  return object;
}

function valueOf(type: TypeSchema, chance: Chance, depth: number): unknown {
  switch (type.kind) {
    case 'struct':
      return depth > DEPTH_MAX ? {} : objectOf(type, chance, depth);
    case 'list':
      return listOf(type.element, chance, depth);
    case 'map': {
      const entries: Record<string, unknown> = {};
      for (const key of chance(fc.array, fc.string(), { minLength: 1, maxLength: 3 })) {
        setOwn(entries, key, valueOf(type.value, chance, depth));
      }
      return entries;
    }
    case 'schemaOrBoolean':
      return chance(fc.boolean) ? chance(fc.boolean) : valueOf(type.schema, chance, depth + 1);
    case 'schemaOrSchemas':
    case 'schemaOrStrings':
      return valueOf(chance(fc.boolean) ? type.schema : type.alternative, chance, depth + 1);
    default:
      return leafOf(type, chance);
  }
}

/** Nil and empty lists are one on the wire, so that empty ones are none of the kinds' canonical forms that survive it. */
function listOf(element: TypeSchema, chance: Chance, depth: number): readonly unknown[] {
  const length = 1 + chance(fc.nat, { max: 2 });
  return Array.from({ length }, () => valueOf(element, chance, depth));
}

function leafOf({ kind }: LeafSchema, chance: Chance): unknown {
  switch (kind) {
    case 'string':
      return chance(fc.string, { unit: 'grapheme' });
    case 'boolean':
      return chance(fc.boolean);
    case 'int32':
      return chance(fc.integer);
    case 'int64':
      return chance(fc.maxSafeInteger);
    case 'float64':
      return chance(fc.double, { noNaN: true, noDefaultInfinity: true }) + 0;
    case 'bytes':
      return Buffer.from(chance(fc.uint8Array, { minLength: 1 })).toString('base64');
    case 'quantity':
      return chance(fc.constantFrom, '0', '1', '100m', '1500m', '1Gi', '64Mi', '12e6', '-5', '1k', '250Ki');
    case 'intOrString':
      return chance(fc.boolean) ? chance(fc.integer) : chance(fc.string);
    case 'duration':
      return formatGoDuration(chance(fc.bigInt, -(2n ** 63n), 2n ** 63n - 1n));
    case 'time':
      return `${timeOf(chance).slice(0, 19)}Z`;
    case 'microTime':
      return `${timeOf(chance).slice(0, 23)}${chance(fc.nat, { max: 9 })}00Z`;
    default:
      return { text: chance(fc.string), list: [chance(fc.integer), null, { deep: chance(fc.boolean) }] };
  }
}

const timeOf = (chance: Chance): string =>
  chance(fc.date, { min: new Date('0002-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).toISOString();

const withoutTypes = (object: object): object => {
  const { kind: _kind, apiVersion: _apiVersion, ...content } = object as Record<string, unknown>;
  return content;
};

describe('messages', () => {
  it.each(kinds.map((schema) => [schema.typeName, schema] as const))('keep every field of %s', (_name, schema) => {
    fc.assert(
      fc.property(fc.gen(), (chance) => {
        const object = normalise(schema, objectOf(schema, chance, 0));
        const read = builtInMessages.decode(schema, builtInMessages.encodeAs(schema, object, text), text);
        expect(withoutTypes(normalise(schema, read))).toEqual(withoutTypes(object));
      }),
      { numRuns: 6 },
    );
  });

  const pod = builtInMessages.schemaOf('v1', 'Pod')!;
  const read = (...bytes: number[]): unknown => builtInMessages.decode(pod, Uint8Array.from(bytes), text);

  it('pass over fields that are not known', () => {
    const known = builtInMessages.encode({ kind: 'Pod', apiVersion: 'v1' }, text);
    const unknown = [0xf8, 0x07, 0x05, 0xfa, 0x07, 0x01, 0x61, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(read(...unknown, ...known, ...unknown)).toEqual(read(...known));
  });

  it('merge what comes twice and take packed numbers', () => {
    expect(read(0x0a, 3, 0x0a, 1, 0x61, 0x0a, 3, 0x1a, 1, 0x62)).toEqual({ metadata: { name: 'a', namespace: 'b' } });
    const groups = { spec: { securityContext: { supplementalGroups: [1, 300] } } };
    expect(read(0x12, 7, 0x72, 5, 0x22, 3, 1, 0xac, 0x02)).toEqual(groups);
    expect(read(0x12, 7, 0x72, 5, 0x20, 1, 0x20, 0xac, 0x02)).toEqual(groups);
  });

  it.each([
    ['unexpected EOF', [0x0a, 5, 1]],
    ['unexpected EOF', [0x0a, 2, 0x0a, 1, 0x61]],
    ['unexpected EOF', [0x0a]],
    ['proto: wrong wireType = 0 for field ObjectMeta', [0x08, 1]],
    ['proto: wrong wireType = 0 for field Name', [0x0a, 2, 0x08, 1]],
    ['proto: Pod: illegal tag 0 (wire type 1)', [0x01]],
    ['proto: Pod: wiretype end group for non-group', [0x0c]],
    ['proto: illegal wireType 7', [0xff, 0x07]],
    ['proto: integer overflow', Array.from({ length: 12 }, () => 0xff)],
  ])('refuse with %s', (message, bytes) => {
    expect(() => read(...bytes)).toThrow(message);
  });

  it('never fail otherwise, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode(pod, builtInMessages.decode(pod, bytes, text), { strict: true });
        } catch (error) {
          expect((error as Error).name).toBe('DecodeError');
        }
      }),
    );
  });

  it('refuse to follow schemas without end', () => {
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 3_000; depth++) {
      const length: number[] = [];
      for (let rest = bytes.length; ; rest >>>= 7) {
        if (rest < 0x80) {
          length.push(rest);
          break;
        }
        length.push((rest & 0x7f) | 0x80);
      }
      // `not` is field 28.
      bytes = Uint8Array.from([0xe2, 0x01, ...length, ...bytes]);
    }
    const schema = schemaOf('k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps') as StructSchema;
    expect(() => builtInMessages.decode(schema, bytes, text)).toThrow('exceeded max depth');
  });
});

describe('envelopes', () => {
  it('hold what they say', () => {
    const [head = new Uint8Array(0), message, end] = builtInMessages.encodeBody(
      { kind: 'ConfigMap', apiVersion: 'v1' },
      text,
    );
    const body = Buffer.concat([head, message ?? head, end ?? head]);
    expect(readEnvelope(body, text)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it.each([
    ['empty data', ''],
    ['provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]', 'k8s'],
    ['empty body', 'k8s\0'],
    ['unexpected EOF', 'k8s\0\n'],
  ])('are refused with %s', (message, body) => {
    expect(() => readEnvelope(text.encode(body), text)).toThrow(message);
  });
});
