import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { textCodec } from '../../../hosting/text-codec.js';
import { check, typeNamed } from './checker.js';
import { parse } from './parse.js';
import { callContext, Program } from './program.js';
import * as types from './types.js';
import { typeText, type Type } from './types.js';
import { areEqual } from './values/equality.js';
import { CelError } from './values/cel-error.js';
import { ArrayList } from './values/list-value.js';
import { EntryMap } from './values/map-value.js';
import { TypeValue, Uint, type Value } from './values/value.js';

/** What Kubernetes has no use for, or leaves out of its environment. */
const LEFT_OUT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^(?:proto2|proto3|proto2_ext|enums|wrappers|dynamic|namespace)\//, 'Kubernetes has no protobuf messages in CEL'],
  [/^(?:bindings_ext|math_ext|block_ext|encoders_ext)\//, 'not in the environment of Kubernetes 1.35'],
  [
    /^string_ext\/format\/(?:NaN|dyntype|list support|map support|negative|positive|default precision|scientific)/,
    'Kubernetes keeps version 2 of the string functions, which shows numbers in English and lists as literals',
  ],
  [/^string_ext\/value_errors\/indexof_out_of_range/, 'version 2 of the string functions does not find it there'],
  [
    /^optionals\/optionals\/(?:map_null_entry_no_such_key|map_present_key_invalid_field)/,
    'cel-go lets an optional field be missing from what has no fields',
  ],
  [/^type_deductions\/(?:wrappers|legacy_nullable_types|field_access)/, 'Kubernetes has no protobuf messages in CEL'],
];
const MESSAGE =
  /TestAllTypes|google\.protobuf\.\w+\s*\{|GlobalEnum|NestedEnum|google\.protobuf\.(?!Timestamp|Duration)/;

/** What is known to differ, and why. */
const DIFFERENCES: readonly (readonly [expression: RegExp, reason: string])[] = [
  [/\.`/, 'the grammar has no quoted names; Kubernetes does not switch them on either'],
  [/^[\s(]*\.\d/, 'the grammar wants a digit before the point'],
  [/^b[rR]/, 'the grammar has no raw bytes behind `b`'],
  [/b['"]ÿ/, 'the grammar takes characters of bytes beyond ASCII for bytes'],
  [/\f/, 'the grammar does not know the form feed'],
  [/tuple\(|\bfn\(/, 'functions that only the test declares'],
];

interface Bindings {
  readonly [name: string]: { readonly value: Plain };
}
type Plain = Readonly<Record<string, never>>;
interface Declaration {
  readonly name: string;
  readonly ident?: { readonly type: Plain };
}
interface Test {
  readonly original: {
    readonly name?: string;
    readonly expr: string;
    readonly value?: Plain;
    readonly evalError?: object;
    readonly container?: string;
    readonly bindings?: Bindings;
    readonly typeEnv?: readonly Declaration[];
    readonly typedResult?: { readonly result?: Plain; readonly deducedType?: Plain };
    readonly checkOnly?: boolean;
  };
}
interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly Test[];
}

class NotPlain extends Error {}

const SCALARS: Readonly<Record<string, Type>> = {
  BOOL: types.BOOL,
  INT64: types.INT,
  UINT64: types.UINT,
  DOUBLE: types.DOUBLE,
  STRING: types.STRING,
  BYTES: types.BYTES,
  TIMESTAMP: types.TIMESTAMP,
  DURATION: types.DURATION,
};

/** A value as the data writes it. */
function valueOf(plain: Plain): Value {
  const [kind = '', content] = Object.entries<unknown>(plain)[0] ?? [];
  switch (kind) {
    case 'int64Value':
      return BigInt(content as string);
    case 'uint64Value':
      return new Uint(BigInt(content as string));
    case 'doubleValue':
      return Number(content);
    case 'stringValue':
    case 'boolValue':
      return content as string | boolean;
    case 'nullValue':
      return null;
    case 'bytesValue':
      return Uint8Array.from(atob(content as string), (each) => each.charCodeAt(0));
    case 'listValue':
      return new ArrayList(((content as { values?: Plain[] }).values ?? []).map(valueOf));
    case 'mapValue': {
      const map = new EntryMap();
      const { entries = [] } = content as { entries?: { key: Plain; value: Plain }[] };
      for (const { key, value } of entries) map.add(valueOf(key), valueOf(value));
      return map;
    }
    case 'typeValue': {
      const type = typeNamed(content as string);
      if (type !== undefined) return new TypeValue(type);
    }
  }
  throw new NotPlain(kind);
}

function typeOf(plain: Plain): Type {
  const [kind = '', content] = Object.entries<unknown>(plain)[0] ?? [];
  switch (kind) {
    case 'primitive':
    case 'wellKnown':
      return SCALARS[content as string] ?? types.DYN;
    case 'null':
      return types.NULL;
    case 'listType':
      return types.listOf(typeOf((content as { elemType: Plain }).elemType));
    case 'mapType': {
      const { keyType, valueType } = content as { keyType: Plain; valueType: Plain };
      return types.mapOf(typeOf(keyType), typeOf(valueType));
    }
    case 'abstractType': {
      const { name, parameterTypes = [] } = content as { name: string; parameterTypes?: Plain[] };
      return types.opaque(name, ...parameterTypes.map(typeOf));
    }
    case 'dyn':
      return types.DYN;
    case 'messageType':
      throw new NotPlain(content as string);
  }
  return types.DYN;
}

const suites = tests as unknown as Suite;
const flat = (suite: Suite, path: string): readonly (readonly [string, Test])[] => [
  ...(suite.tests ?? []).map((test) => [`${path}${test.original.name ?? test.original.expr}`, test] as const),
  ...(suite.suites ?? []).flatMap((each) => flat(each, `${path}${each.name}/`)),
];
const all = flat(suites, '').filter(
  ([path, { original }]) =>
    !LEFT_OUT.some(([pattern]) => pattern.test(path)) &&
    !MESSAGE.test(original.expr) &&
    (original.container ?? '') === '' &&
    !JSON.stringify(original.typeEnv ?? '').includes('messageType') &&
    !JSON.stringify(original.bindings ?? '').includes('objectValue'),
);
const isKnown = ({ original: { expr } }: Test): boolean => DIFFERENCES.some(([pattern]) => pattern.test(expr));

/** What the data expects of a test, and what came of it. The data mixes types that Kubernetes' stricter check refuses. */
function outcomeOf({ original }: Test): readonly [expected: string, actual: string] {
  const variables = new Map(
    (original.typeEnv ?? []).flatMap(({ name, ident }) => (ident ? [[name, typeOf(ident.type)] as const] : [])),
  );
  const { expression, issues } = parse(original.expr);
  if (expression === undefined) return ['an expression', issues[0]?.message ?? ''];
  const checked = check(expression, variables);
  const deduced = original.typedResult?.deducedType;
  if (deduced !== undefined) return [typeText(typeOf(deduced)), typeText(checked.type)];
  const program = new Program(original.expr, expression, checked, callContext(textCodec));
  const wanted =
    original.evalError === undefined ? valueOf(original.value ?? ({ boolValue: true } as never)) : undefined;
  try {
    const { value } = program.run((name) => {
      const binding = original.bindings?.[name];
      return binding === undefined ? undefined : valueOf(binding.value);
    });
    if (wanted === undefined) return ['an error', 'a value'];
    const isSame = areEqual(value, wanted) || (Number.isNaN(value) && Number.isNaN(wanted));
    return ['the same', isSame ? 'the same' : 'another value'];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [wanted === undefined ? error.message : 'the same', error.message];
  }
}

describe("the CEL specification's conformance data", () => {
  it('is there', () => {
    expect(all.length).toBeGreaterThan(1_000);
  });

  it.each(all.filter(([, test]) => !isKnown(test)))('%s', (_path, test) => {
    const [expected, actual] = outcomeOf(test);
    expect(actual).toBe(expected);
  });

  it('differs in no more than is known', () => {
    expect(all.filter(([, test]) => isKnown(test))).toHaveLength(40);
  });
});
