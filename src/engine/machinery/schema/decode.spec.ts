import fc from 'fast-check';
import { assert } from '../../kernel/assert.js';
import type { JsonValue } from '../structure.js';
import { builtInSchemas, schemaOfKind } from './built-in-schemas.js';
import { decode, normalise } from './decode.js';
import { DecodeError } from './decode-error.js';
import { NumberLiteral } from './number-literal.js';
import type { StructSchema, TypeSchema } from './schema.js';

const kindOf = (group: string, version: string, kind: string): StructSchema => {
  const schema = schemaOfKind(group, version, kind);
  assert(schema !== undefined, `no kind ${kind}`);
  return schema;
};
const pod = kindOf('', 'v1', 'Pod');
const deployment = kindOf('apps', 'v1', 'Deployment');
const configMap = kindOf('', 'v1', 'ConfigMap');
const definition = kindOf('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition');

const STRICT = { strict: true };
const decoded = (schema: StructSchema, value: unknown) => decode(schema, value, STRICT).object;
const unknownIn = (schema: StructSchema, value: unknown) => decode(schema, value, STRICT).unknown;
const container = (fields: object) => ({ spec: { containers: [{ name: 'c', ...fields }] } });

/** The message of the refusal; fails when the value decodes. */
function refusal(schema: StructSchema, value: unknown): string {
  try {
    decode(schema, value, { strict: false });
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
  throw new Error('the value decodes');
}

describe('decode', () => {
  it('fills in zero structs, and null where Go writes it', () => {
    expect(decoded(deployment, {})).toEqual({
      metadata: {},
      spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
      status: {},
    });
    expect(decoded(pod, { status: { conditions: [{ type: 'Ready', status: 'True' }] } })['status']).toEqual({
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
    });
  });

  it('leaves a zero creation time out', () => {
    expect(decoded(configMap, { metadata: { creationTimestamp: null } })).toEqual({ metadata: {} });
    expect(decoded(configMap, { metadata: { creationTimestamp: '0001-01-01T00:00:00Z' } })).toEqual({ metadata: {} });
  });

  it('drops what is empty and keeps what a pointer points to', () => {
    const spec = { replicas: 0, minReadySeconds: 0, paused: false, revisionHistoryLimit: 0, selector: {} };
    expect(decoded(deployment, { metadata: { labels: {}, finalizers: [], namespace: '' }, spec })).toMatchObject({
      metadata: {},
      spec: { replicas: 0, selector: {}, revisionHistoryLimit: 0 },
    });
    expect(Object.keys(decoded(deployment, { spec })['spec'] as object)).toEqual([
      'replicas',
      'selector',
      'template',
      'strategy',
      'revisionHistoryLimit',
    ]);
  });

  it('writes fields in the order of the struct and maps sorted by key', () => {
    const given = { spec: {}, metadata: { labels: { b: '1', a: '2' }, name: 'x' }, apiVersion: 'v1', kind: 'Pod' };
    expect(JSON.stringify(decoded(pod, given))).toBe(
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","labels":{"a":"2","b":"1"}},"spec":{"containers":null},"status":{}}',
    );
  });

  it('reads null as absent, in lists and maps as the zero value', () => {
    expect(
      decoded(pod, { metadata: null, spec: { nodeName: null, containers: [null], nodeSelector: { a: null } } }),
    ).toEqual({
      metadata: {},
      spec: { containers: [{ name: '', resources: {} }], nodeSelector: { a: '' } },
      status: {},
    });
  });

  it('writes quantities, times, bytes and durations in canonical form', () => {
    expect(decoded(pod, container({ resources: { limits: { cpu: 0.5, memory: '1024Ki' } } }))['spec']).toMatchObject({
      containers: [{ resources: { limits: { cpu: '500m', memory: '1Mi' } } }],
    });
    const at = '2024-02-29T23:30:00.5-01:00';
    expect(decoded(configMap, { metadata: { creationTimestamp: at } })).toEqual({
      metadata: { creationTimestamp: '2024-03-01T00:30:00Z' },
    });
    const lease = kindOf('coordination.k8s.io', 'v1', 'Lease');
    expect(decoded(lease, { spec: { renewTime: '2024-01-01T00:00:00.000120+00:00' } })['spec']).toEqual({
      renewTime: '2024-01-01T00:00:00.000120Z',
    });
    expect(decoded(configMap, { binaryData: { a: 'YR==', b: 'YWJj\n', c: [1, 2] } })['binaryData']).toEqual({
      a: 'YQ==',
      b: 'YWJj',
      c: 'AQI=',
    });
    const metrics = kindOf('metrics.k8s.io', 'v1beta1', 'NodeMetrics');
    expect(decoded(metrics, { window: '90s' })).toMatchObject({ window: '1m30s' });
  });

  it('keeps the spelling of numbers where a parser gives it', () => {
    const limits = (cpu: unknown) => ({ spec: { limits: [{ type: 'Pod', max: { cpu } }] } });
    const range = kindOf('', 'v1', 'LimitRange');
    expect(decoded(range, limits(new NumberLiteral('1e3')))['spec']).toEqual({
      limits: [{ type: 'Pod', max: { cpu: '1e3' } }],
    });
    expect(refusal(pod, { spec: { terminationGracePeriodSeconds: new NumberLiteral('1.0') } })).toBe(
      'json: cannot unmarshal number 1.0 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
    );
  });

  it('shares nothing with what it was given', () => {
    const given = { data: { a: '1' }, metadata: { managedFields: [{ fieldsV1: { 'f:data': {} } }] } };
    const object = decoded(configMap, given);
    given.data.a = '2';
    Object.assign(given.metadata.managedFields[0]?.fieldsV1['f:data'] ?? {}, { b: 1 });
    expect(object).toMatchObject({ data: { a: '1' }, metadata: { managedFields: [{ fieldsV1: { 'f:data': {} } }] } });
  });

  it('treats __proto__ as a key like any other', () => {
    const object = decoded(configMap, JSON.parse('{"data":{"__proto__":"x"}}'));
    expect(JSON.stringify(object)).toBe('{"metadata":{},"data":{"__proto__":"x"}}');
    expect(unknownIn(configMap, JSON.parse('{"__proto__":{"a":1}}'))).toEqual(['__proto__']);
    expect(unknownIn(configMap, JSON.parse('{"constructor":1}'))).toEqual(['constructor']);
  });

  it('reads schemas of custom resources with their alternatives', () => {
    const schema = {
      type: 'object',
      properties: {
        list: { items: { type: 'string', bogus: 1 }, enum: [null, { a: [1] }] },
        open: { additionalProperties: true, dependencies: { a: ['b'] } },
      },
    };
    const body = { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] } };
    expect(decoded(definition, body)).toMatchObject({
      spec: {
        versions: [
          {
            served: false,
            schema: {
              openAPIV3Schema: { properties: { list: { items: { type: 'string' }, enum: [null, { a: [1] }] } } },
            },
          },
        ],
      },
    });
    // Such an alternative is decoded on its own, without strictness.
    expect(unknownIn(definition, body)).toEqual([]);
  });
});

describe('the refusal of decode', () => {
  const field = (names: string) => `into Go struct field ${names}`;

  it.each<[string, StructSchema, unknown, string]>([
    [
      'a string for a list',
      pod,
      { spec: { containers: 'x' } },
      `string ${field('PodSpec.spec.containers')} of type []v1.Container`,
    ],
    [
      'an item',
      pod,
      { spec: { containers: [['c']] } },
      `array ${field('PodSpec.spec.containers')} of type v1.Container`,
    ],
    [
      'a field of an item',
      pod,
      container({ tty: 'x' }),
      `string ${field('Container.spec.containers.tty')} of type bool`,
    ],
    [
      'a named string',
      pod,
      container({ imagePullPolicy: 1 }),
      `number ${field('Container.spec.containers.imagePullPolicy')} of type v1.PullPolicy`,
    ],
    [
      'a map',
      pod,
      { spec: { nodeSelector: 'a=b' } },
      `string ${field('PodSpec.spec.nodeSelector')} of type map[string]string`,
    ],
    [
      'a value of a map',
      pod,
      { metadata: { labels: { a: 1 } } },
      `number ${field('ObjectMeta.metadata.labels')} of type string`,
    ],
    [
      'a fraction',
      pod,
      container({ securityContext: { runAsUser: 1.5 } }),
      `number 1.5 ${field('SecurityContext.spec.containers.securityContext.runAsUser')} of type int64`,
    ],
    [
      'an int32 out of range',
      pod,
      container({ ports: [{ containerPort: 2147483648 }] }),
      `number 2147483648 ${field('ContainerPort.spec.containers.ports.containerPort')} of type int32`,
    ],
    [
      'an inline struct',
      pod,
      container({ livenessProbe: { httpGet: { port: true } } }),
      `bool ${field('HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port')} of type int32`,
    ],
    ['bytes', configMap, { binaryData: { a: 1 } }, `number ${field('ConfigMap.binaryData')} of type []uint8`],
    [
      'a time',
      configMap,
      { metadata: { creationTimestamp: 5 } },
      `number ${field('ObjectMeta.metadata.creationTimestamp')} of type string`,
    ],
    ['the kind', pod, { kind: 5 }, `number ${field('Pod.TypeMeta.kind')} of type string`],
    [
      'the first of two',
      pod,
      { spec: { hostNetwork: 1, containers: 1 } },
      `number ${field('PodSpec.spec.hostNetwork')} of type bool`,
    ],
  ])('names the place of %s', (_, schema, value, words) => {
    expect(refusal(schema, value)).toBe(`json: cannot unmarshal ${words}`);
  });

  it('is the plain words of a type that parses itself, before an earlier misfit', () => {
    const cpu = container({ tty: 'x', resources: { limits: { cpu: true } } });
    expect(refusal(pod, cpu)).toMatch(/^quantities must match the regular expression /);
    expect(refusal(configMap, { binaryData: { a: '*' } })).toBe('illegal base64 data at input byte 0');
    expect(refusal(configMap, { metadata: { creationTimestamp: '2024-13-01T00:00:00Z' } })).toBe(
      'parsing time "2024-13-01T00:00:00Z": month out of range',
    );
  });

  it('is about the whole value at the top', () => {
    expect(refusal(pod, [])).toBe('json: cannot unmarshal array into Go value of type v1.Pod');
  });
});

describe('unknown fields', () => {
  it('are dropped, and reported in document order when strict', () => {
    const body = {
      zzz: 1,
      spec: { containers: [{ name: 'a' }, { Command: ['x'], name: 'b' }], bogus: {} },
      a: { b: 1 },
    };
    expect(decode(pod, body, STRICT)).toMatchObject({
      object: decode(pod, body, { strict: false }).object,
      unknown: ['zzz', 'spec.containers[1].Command', 'spec.bogus', 'a'],
    });
    expect(decode(pod, body, { strict: false })).toMatchObject({ unknown: [], warnings: [] });
  });
});

describe('every built-in type', () => {
  const structs = builtInSchemas.typeNames
    .map((name) => builtInSchemas.schemaOf(name))
    .filter((schema): schema is StructSchema => schema.kind === 'struct');

  it('has fields of known types, each of its own name', () => {
    for (const { ordered, fields } of structs) expect(fields.size).toBe(ordered.length);
    expect(structs.length).toBeGreaterThan(600);
  });

  it('decodes to what decodes to itself, in the same order', () => {
    const anyStruct = fc.constantFrom(...structs).chain((schema) => fc.tuple(fc.constant(schema), valueOf(schema, 4)));
    fc.assert(
      fc.property(anyStruct, ([schema, value]) => {
        const { object, unknown } = decode(schema, value, STRICT);
        expect(unknown).toEqual([]);
        expect(JSON.stringify(normalise(schema, object))).toBe(JSON.stringify(object));
      }),
      { numRuns: 500 },
    );
  });

  it('reports each field that it does not have, wherever it stands', () => {
    const podWithUnknown = fc.tuple(valueOf(pod, 6), fc.infiniteStream(fc.boolean()));
    fc.assert(
      fc.property(podWithUnknown, ([value, choices]) => {
        const planted: string[] = [];
        const spoiled = plant(pod, value, '', { planted, choices });
        const { object, unknown } = decode(pod, spoiled, STRICT);
        expect([...unknown]).toEqual(planted.slice(0, 100));
        expect(object).toEqual(decoded(pod, value));
      }),
      { numRuns: 100 },
    );
  });
});

/** Any value of a type, to a depth. */
function valueOf(schema: TypeSchema, depth: number): fc.Arbitrary<JsonValue> {
  switch (schema.kind) {
    case 'struct': {
      const fields = depth === 0 ? [] : schema.ordered;
      const model = Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type, depth - 1)]));
      return fc.record(model, { requiredKeys: [] }).map((record) => ({ ...record }) as JsonValue);
    }
    case 'list':
      return fc.array(valueOf(schema.element, depth), { maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.string({ maxLength: 5 }), valueOf(schema.value, depth), { maxKeys: 3 });
    case 'schemaOrBoolean':
    case 'schemaOrSchemas':
    case 'schemaOrStrings':
      return fc.oneof(valueOf(schema.schema, Math.min(depth, 1)), valueOf(schema.alternative, Math.min(depth, 1)));
    case 'boolean':
      return fc.boolean();
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'float64':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'intOrString':
      return fc.oneof(fc.integer(), fc.string());
    case 'quantity':
      return fc.constantFrom('1', '100m', '1.5Gi', '2e3', '0');
    case 'time':
      return fc.constantFrom('2024-01-31T00:00:00Z', '2024-01-01T10:00:00.25+02:00', '0001-01-01T00:00:00Z');
    case 'microTime':
      return fc.constantFrom('2024-01-31T00:00:00.000001Z', '2024-01-01T10:00:00.250000+02:00');
    case 'duration':
      return fc.constantFrom('90s', '1h', '-1.5ms', '0');
    case 'bytes':
      return fc.constantFrom('', 'YQ==', 'YWJj');
    case 'json':
    case 'rawExtension':
    case 'fieldsV1':
    case 'any':
      return fc.constantFrom<JsonValue>({ a: [1, null] }, [], 'x', null);
    default:
      return fc.string();
  }
}

interface Planting {
  readonly planted: string[];
  readonly choices: Iterator<boolean>;
}

/** The value with unknown fields put last into some of its structs, and their paths in document order. */
function plant(schema: TypeSchema, value: JsonValue, path: string, planting: Planting): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (schema.kind === 'list' && Array.isArray(value)) {
    return value.map((each: JsonValue, index) => plant(schema.element, each, `${path}[${index}]`, planting));
  }
  if (schema.kind !== 'struct') return value;
  const entries = Object.entries(value).map(([key, each]): [string, JsonValue] => {
    const field = schema.fields.get(key);
    return [key, field === undefined ? each : plant(field.type, each, path === '' ? key : `${path}.${key}`, planting)];
  });
  const spoiled = Object.fromEntries(entries);
  if (planting.choices.next().value !== true) return spoiled;
  planting.planted.push(path === '' ? 'not-a-field' : `${path}.not-a-field`);
  return { ...spoiled, 'not-a-field': { deep: 1 } };
}
