import { assert } from '../../kernel/assert.js';
import type { JsonValue } from '../structure.js';
import { PACKAGES, TYPE_FACTS } from './facts.js';
import type {
  FieldSchema,
  FieldSlot,
  InlineMember,
  LeafKind,
  LeafSchema,
  ListSchema,
  SchemaChoice,
  SchemaRegistry,
  StructLayout,
  StructSchema,
  TypeSchema,
  Wire,
} from './schema.js';

const API_PACKAGE = 'k8s.io/api/';
const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const EXTENSIONS = 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1';
const EXTENSIONS_SCHEMA = `${EXTENSIONS}.JSONSchemaProps`;

/** The Go packages of the built-in API groups; in `k8s.io/api` a group's folder is the first label of its name. */
const PACKAGES_BY_GROUP: ReadonlyMap<string, string> = new Map([
  ['', `${API_PACKAGE}core`],
  ['meta.k8s.io', 'k8s.io/apimachinery/pkg/apis/meta'],
  ['apiextensions.k8s.io', 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions'],
  ['apiregistration.k8s.io', 'k8s.io/kube-aggregator/pkg/apis/apiregistration'],
  ['metrics.k8s.io', 'k8s.io/metrics/pkg/apis/metrics'],
  ...[
    'apps',
    'autoscaling',
    'batch',
    'policy',
    'admission.k8s.io',
    'admissionregistration.k8s.io',
    'apidiscovery.k8s.io',
    'authentication.k8s.io',
    'authorization.k8s.io',
    'certificates.k8s.io',
    'coordination.k8s.io',
    'discovery.k8s.io',
    'events.k8s.io',
    'flowcontrol.apiserver.k8s.io',
    'networking.k8s.io',
    'node.k8s.io',
    'rbac.authorization.k8s.io',
    'resource.k8s.io',
    'scheduling.k8s.io',
    'storage.k8s.io',
  ].map((group): [string, string] => [group, `${API_PACKAGE}${group.split('.')[0] ?? group}`]),
]);

const LEAVES: Readonly<Record<string, LeafKind>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  any: 'any',
};
const NAMED_LEAVES: Readonly<Record<string, LeafKind>> = {
  [`${META}.Time`]: 'time',
  [`${META}.MicroTime`]: 'microTime',
  [`${META}.Duration`]: 'duration',
  [`${META}.FieldsV1`]: 'fieldsV1',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'rawExtension',
  'k8s.io/apimachinery/pkg/types.UID': 'string',
  'k8s.io/apimachinery/pkg/types.NodeName': 'string',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
  [`${EXTENSIONS}.JSON`]: 'json',
};
/** `ObjectMeta.creationTimestamp` alone is left out when zero, where other times are null. */
const OMITTED_WHEN_ZERO = 'creationTimestamp';
/** Lists whose emptiness tells defaulting that they were given; what is valid never has them empty. */
const KEPT_EMPTY: ReadonlySet<string> = new Set([`${API_PACKAGE}autoscaling/v2.HPAScalingRules.policies`]);
const WIRE_KINDS: Readonly<Record<string, Wire['kind']>> = { b: 'bytes', v: 'varint', f: 'fixed64' };

export function createSchemaRegistry(): SchemaRegistry {
  return Object.freeze(new Registry());
}

class Registry implements SchemaRegistry {
  /** By reference as the facts write it: `11.Pod`, `[]11.Container`, `{string}string`. */
  readonly #byReference = new Map<string, TypeSchema>();

  get typeNames(): readonly string[] {
    return Object.keys(TYPE_FACTS).map(fullName);
  }

  schemaOf(typeName: string): TypeSchema {
    const dot = typeName.lastIndexOf('.');
    const index = PACKAGES.indexOf(typeName.slice(0, dot));
    assert(index >= 0, `no API type ${typeName}`);
    return this.#refer(`${index}${typeName.slice(dot)}`);
  }

  schemaOfKind(group: string, version: string, kind: string): StructSchema | undefined {
    const index = PACKAGES.indexOf(`${PACKAGES_BY_GROUP.get(group)}/${version}`);
    const reference = `${index}.${kind}`;
    if (!Object.hasOwn(TYPE_FACTS, reference)) return undefined;
    const schema = this.#refer(reference);
    return schema.kind === 'struct' && schema.fields.has('kind') ? schema : undefined;
  }

  #refer(reference: string): TypeSchema {
    const known = this.#byReference.get(reference);
    if (known !== undefined) return known;
    const schema = this.#make(reference);
    this.#byReference.set(reference, schema);
    return schema;
  }

  #make(reference: string): TypeSchema {
    if (reference === '[]byte') return leaf('bytes', '[]uint8', undefined);
    if (reference.startsWith('[]')) return this.#list(reference.slice(2));
    if (reference.startsWith('{')) return this.#map(reference);
    const scalar = LEAVES[reference];
    if (scalar !== undefined) return leaf(scalar, reference === 'any' ? 'interface {}' : reference, undefined);

    const typeName = fullName(reference);
    const named = NAMED_LEAVES[typeName];
    if (named !== undefined) return leaf(named, goNameOf(typeName), typeName);
    if (typeName.startsWith(`${EXTENSIONS_SCHEMA}Or`)) return this.#choice(typeName);
    const facts = TYPE_FACTS[reference] ?? '';
    if (facts.startsWith('=')) return this.#alias(typeName, facts);
    assert(facts !== '' || typeName === `${EXTENSIONS}.CustomResourceSubresourceStatus`, `no API type ${typeName}`);
    return new Struct(typeName, () => this.#membersOf(typeName, facts));
  }

  #list(element: string): ListSchema {
    const schema = this.#refer(element);
    return Object.freeze({ kind: 'list', goName: `[]${schema.goName}`, typeName: undefined, element: schema });
  }

  #map(reference: string): TypeSchema {
    const end = reference.indexOf('}');
    const key = this.#refer(reference.slice(1, end));
    const value = this.#refer(reference.slice(end + 1));
    return Object.freeze({
      kind: 'map',
      goName: `map[${key.goName}]${value.goName}`,
      typeName: undefined,
      value,
    });
  }

  /** A named string, number, list or map: as what it names, under its own name. */
  #alias(typeName: string, facts: string): TypeSchema {
    // Constants may hold blanks of their own, such as `digital signature`.
    const blank = facts.indexOf(' ');
    const [reference, values] =
      blank < 0 ? [facts.slice(1), undefined] : [facts.slice(1, blank), facts.slice(blank + 1)];
    const target = this.#refer(reference);
    const names = { goName: goNameOf(typeName), typeName };
    if (target.kind === 'list' || target.kind === 'map') return Object.freeze({ ...target, ...names });
    assert(isLeaf(target), `${typeName} names neither a leaf, nor a list, nor a map`);
    return Object.freeze({ ...target, ...names, values: Object.freeze(values?.split('|') ?? []) });
  }

  #choice(typeName: string): SchemaChoice {
    const schema = this.schemaOf(EXTENSIONS_SCHEMA);
    const extensions = PACKAGES.indexOf(EXTENSIONS);
    const names = { goName: goNameOf(typeName), typeName, schema };
    switch (typeName.slice(EXTENSIONS_SCHEMA.length)) {
      case 'OrBool':
        return Object.freeze({ kind: 'schemaOrBoolean', ...names, alternative: this.#refer('bool') });
      case 'OrArray':
        return Object.freeze({
          kind: 'schemaOrSchemas',
          ...names,
          alternative: this.#refer(`[]${extensions}.JSONSchemaProps`),
        });
      default:
        return Object.freeze({ kind: 'schemaOrStrings', ...names, alternative: this.#refer('[]string') });
    }
  }

  #membersOf(typeName: string, facts: string): readonly (FieldSchema | InlineMember)[] {
    if (facts === '') return Object.freeze([]);
    return Object.freeze(facts.split(';').map((each) => this.#member(typeName, each)));
  }

  #member(owner: string, facts: string): FieldSchema | InlineMember {
    const [name = '', flags = '', reference = '', wireFacts = '-', ...extras] = facts.split(' ');
    const type = this.#refer(reference);
    const wire = wireOf(wireFacts);
    if (flags.includes('^')) {
      assert(type.kind === 'struct', `${owner} inlines ${type.goName}, which is no struct`);
      return Object.freeze({ inline: true, type, wire });
    }
    const extra = new Map(extras.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
    const omitEmpty = flags.includes('o');
    const pointer = flags.includes('*');
    const omitZero = owner === `${META}.ObjectMeta` && name === OMITTED_WHEN_ZERO;
    return Object.freeze({
      inline: false,
      name,
      type,
      embedded: Object.freeze([]),
      wire,
      omitEmpty,
      optional: flags.includes('?'),
      required: flags.includes('!'),
      pointer,
      default: defaultOf(type, extra.get('d')),
      patchStrategy: Object.freeze(extra.get('ps')?.split(',') ?? []),
      patchMergeKey: extra.get('pk'),
      listType: extra.get('lt') as FieldSchema['listType'],
      listMapKeys: Object.freeze(extra.get('lk')?.split(',') ?? []),
      mapType: extra.get('mt') as FieldSchema['mapType'],
      structType: extra.get('st') as FieldSchema['structType'],
      whenAbsent: omitZero ? 'nothing' : whenAbsent(type, omitEmpty, pointer),
      dropsEmpty: omitEmpty && !pointer && canBeEmpty(type) && !KEPT_EMPTY.has(`${owner}.${name}`),
    });
  }
}

/** A struct that reads its fields when they are first asked for, so that types may contain themselves. */
class Struct implements StructSchema {
  readonly kind = 'struct';
  readonly typeName: string;
  readonly goName: string;
  readonly name: string;
  readonly #expand: () => readonly (FieldSchema | InlineMember)[];
  #members: readonly (FieldSchema | InlineMember)[] | undefined;
  #ordered: readonly FieldSchema[] | undefined;
  #fields: ReadonlyMap<string, FieldSchema> | undefined;
  #layout: StructLayout | undefined;

  constructor(typeName: string, expand: () => readonly (FieldSchema | InlineMember)[]) {
    this.typeName = typeName;
    this.goName = goNameOf(typeName);
    this.name = typeName.slice(typeName.lastIndexOf('.') + 1);
    this.#expand = expand;
    Object.freeze(this);
  }

  get members(): readonly (FieldSchema | InlineMember)[] {
    return (this.#members ??= this.#expand());
  }

  get ordered(): readonly FieldSchema[] {
    return (this.#ordered ??= Object.freeze(this.members.flatMap(flattened)));
  }

  get fields(): ReadonlyMap<string, FieldSchema> {
    return (this.#fields ??= new Map(this.ordered.map((field) => [field.name, field])));
  }

  get layout(): StructLayout {
    return (this.#layout ??= layoutOf(this.ordered));
  }
}

function layoutOf(ordered: readonly FieldSchema[]): StructLayout {
  const slots = ordered.map((field, place): FieldSlot => Object.freeze({ field, place }));
  return Object.freeze({
    slots: new Map(slots.map((slot) => [slot.field.name, slot])),
    always: Object.freeze(slots.filter(({ field }) => field.whenAbsent !== 'nothing')),
  });
}

function flattened(member: FieldSchema | InlineMember): readonly FieldSchema[] {
  if (!member.inline) return [member];
  const { name } = member.type;
  return member.type.ordered.map((field) => Object.freeze({ ...field, embedded: [name, ...field.embedded] }));
}

const LEAF_KINDS: ReadonlySet<string> = new Set([...Object.values(LEAVES), ...Object.values(NAMED_LEAVES), 'bytes']);
const isLeaf = (schema: TypeSchema): schema is LeafSchema => LEAF_KINDS.has(schema.kind);

const leaf = (kind: LeafKind, goName: string, typeName: string | undefined): LeafSchema =>
  Object.freeze({ kind, goName, typeName, values: [] });

/** `11.Pod` → `k8s.io/api/core/v1.Pod`. */
function fullName(reference: string): string {
  const dot = reference.indexOf('.');
  const path = PACKAGES[Number(reference.slice(0, dot))];
  assert(path !== undefined, `the facts refer to ${reference}`);
  return `${path}${reference.slice(dot)}`;
}

/** `k8s.io/api/core/v1.Pod` → `v1.Pod`. */
const goNameOf = (typeName: string): string => typeName.slice(typeName.lastIndexOf('/') + 1);

function wireOf(facts: string): Wire | undefined {
  const match = /^(\d+)([bvf])(\*?)$/.exec(facts);
  if (match === null) return undefined;
  const kind = WIRE_KINDS[match[2] ?? ''];
  assert(kind !== undefined, `the facts have a wire ${facts}`);
  return Object.freeze({ number: Number(match[1]), kind, repeated: match[3] === '*' });
}

function defaultOf(type: TypeSchema, text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'float64':
      return Number(text);
    case 'boolean':
      return text === 'true';
    default:
      return text;
  }
}

/** What `omitempty` can leave out; to Go a struct is never empty. */
function canBeEmpty(type: TypeSchema): boolean {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float64':
    case 'list':
    case 'map':
    case 'any':
      return true;
    default:
      return false;
  }
}

function whenAbsent(type: TypeSchema, omitEmpty: boolean, pointer: boolean): FieldSchema['whenAbsent'] {
  if (omitEmpty && (pointer || canBeEmpty(type))) return 'nothing';
  return pointer ? 'null' : 'zero';
}
