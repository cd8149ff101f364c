import { goTypeName } from '../go-text.js';
import { isJsonObject } from '../structure.js';
import { readLeaf, refusalOfLeaf } from './leaf.js';
import { isNumber, NumberLiteral, numberText } from './number-literal.js';
import type { LeafSchema, StructSchema, TypeSchema } from './schema.js';

/**
 * Why a document does not fit its type, in the words of apimachinery's converter from unstructured maps, which reads what a
 * strategic merge patch made; `undefined` where that converter takes it.
 */
export function unstructuredFault(schema: TypeSchema, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (schema.kind) {
    case 'struct':
      return faultOfStruct(schema, value);
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return firstFault(value.map((each) => [schema.element, each]));
    case 'map':
      if (!isObject(value)) return `cannot restore map from ${goKind(value)}`;
      return firstFault(Object.values(value).map((each) => [schema.value, each]));
    case 'schemaOrBoolean':
    case 'schemaOrSchemas':
    case 'schemaOrStrings':
      return undefined;
    default:
      return faultOfLeaf(schema, value);
  }
}

/** Go goes by the fields of the struct. */
function faultOfStruct({ ordered }: StructSchema, value: unknown): string | undefined {
  if (!isObject(value)) return `cannot restore struct from: ${goKind(value)}`;
  return firstFault(
    ordered.filter(({ name }) => Object.hasOwn(value, name)).map(({ name, type }) => [type, value[name]]),
  );
}

function firstFault(members: readonly (readonly [TypeSchema, unknown])[]): string | undefined {
  for (const [type, value] of members) {
    const fault = unstructuredFault(type, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfLeaf({ kind, goName }: LeafSchema, value: unknown): string | undefined {
  switch (kind) {
    case 'string':
      if (typeof value === 'string') return undefined;
      return goTypeName(value) === 'int64' ? `cannot convert int64 to ${goName}` : 'unrecognized type: string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'int32':
    case 'int64':
      if (!isNumber(value)) return `unrecognized type: ${kind}`;
      return Number.isInteger(Number(numberText(value))) ? undefined : `cannot convert float64 to ${goName}`;
    case 'float64':
      return isNumber(value) ? undefined : 'unrecognized type: float64';
    case 'bytes':
      return faultOfBytes(goName, value);
    default:
      return readLeaf(kind, value) === undefined ? ownWords(refusalOfLeaf(kind, goName, value)) : undefined;
  }
}

function faultOfBytes(goName: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return Array.isArray(value) ? undefined : `cannot restore slice from ${goKind(value)}`;
  if (readLeaf('bytes', value) !== undefined) return undefined;
  return `error decoding from json: ${ownWords(refusalOfLeaf('bytes', goName, value))}`;
}

/** A type that decodes itself knows nothing of the fields around it. */
const ownWords = (refusal: ReturnType<typeof refusalOfLeaf>): string =>
  refusal.kind === 'words'
    ? refusal.message
    : `json: cannot unmarshal ${refusal.found} into Go value of type ${refusal.goName}`;

/** `reflect.Kind` of decoded JSON. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  return isObject(value) ? 'map' : goTypeName(value);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isJsonObject(value) && !(value instanceof NumberLiteral);
