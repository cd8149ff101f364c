import type { FieldSchema, StructSchema } from './schema.js';
import { createSchemaRegistry } from './schema-registry.js';

const registry = createSchemaRegistry();

function structOf(typeName: string): StructSchema {
  const schema = registry.schemaOf(typeName);
  if (schema.kind !== 'struct') throw new Error(`${typeName} is no struct`);
  return schema;
}

function fieldOf(typeName: string, name: string): FieldSchema {
  const field = structOf(typeName).fields.get(name);
  if (field === undefined) throw new Error(`${typeName} has no field ${name}`);
  return field;
}

const CORE = 'k8s.io/api/core/v1';

describe('the schema registry', () => {
  it('finds kinds by group, version and kind, and nothing else', () => {
    expect(registry.schemaOfKind('apps', 'v1', 'Deployment')?.typeName).toBe('k8s.io/api/apps/v1.Deployment');
    expect(registry.schemaOfKind('', 'v1', 'PodList')?.typeName).toBe(`${CORE}.PodList`);
    expect(registry.schemaOfKind('rbac.authorization.k8s.io', 'v1', 'Role')?.goName).toBe('v1.Role');
    expect(registry.schemaOfKind('', 'v1', 'PodSpec')).toBeUndefined();
    expect(registry.schemaOfKind('', 'v2', 'Pod')).toBeUndefined();
    expect(registry.schemaOfKind('apps.example.com', 'v1', 'Deployment')).toBeUndefined();
    expect(registry.schemaOfKind('', 'v1', 'constructor')).toBeUndefined();
  });

  it('gives one schema per type, and stops on a type that does not exist', () => {
    expect(structOf(`${CORE}.Pod`)).toBe(structOf(`${CORE}.Pod`));
    expect(() => registry.schemaOf(`${CORE}.Pood`)).toThrow('no API type');
    expect(() => registry.schemaOf('example.com/v1.Pod')).toThrow('no API type');
  });

  it('knows merge rules, wire numbers and defaults', () => {
    expect(fieldOf(`${CORE}.PodSpec`, 'containers')).toMatchObject({
      wire: { number: 2, kind: 'bytes', repeated: true },
      omitEmpty: false,
      patchStrategy: ['merge'],
      patchMergeKey: 'name',
      listType: 'map',
      listMapKeys: ['name'],
      type: { kind: 'list', goName: '[]v1.Container', element: { typeName: `${CORE}.Container` } },
    });
    expect(fieldOf(`${CORE}.PodSpec`, 'volumes').patchStrategy).toEqual(['merge', 'retainKeys']);
    expect(fieldOf(`${CORE}.ContainerPort`, 'protocol')).toMatchObject({ default: 'TCP', type: { kind: 'string' } });
    expect(fieldOf(`${CORE}.SecurityContext`, 'runAsUser')).toMatchObject({ pointer: true, type: { kind: 'int64' } });
  });

  it('expands inline structs, and keeps them as members for protobuf', () => {
    const volume = structOf(`${CORE}.Volume`);
    expect(volume.fields.get('emptyDir')).toMatchObject({ embedded: ['VolumeSource'], wire: { number: 2 } });
    expect(volume.members).toHaveLength(2);
    expect(volume.members[1]).toMatchObject({ inline: true, wire: { number: 2 }, type: { name: 'VolumeSource' } });
    expect(structOf(`${CORE}.Pod`).members[0]).toMatchObject({ inline: true, wire: undefined });
    const action = fieldOf(`${CORE}.EphemeralContainer`, 'livenessProbe');
    expect(action.embedded).toEqual(['EphemeralContainerCommon']);
  });

  it('names maps and aliases as Go does', () => {
    expect(fieldOf(`${CORE}.ResourceRequirements`, 'limits').type).toMatchObject({
      kind: 'map',
      goName: 'v1.ResourceList',
      value: { kind: 'quantity', goName: 'resource.Quantity' },
    });
    expect(fieldOf(`${CORE}.Secret`, 'data').type.goName).toBe('map[string][]uint8');
    expect(fieldOf(`${CORE}.Container`, 'imagePullPolicy').type).toMatchObject({
      goName: 'v1.PullPolicy',
      values: ['Always', 'Never', 'IfNotPresent'],
    });
  });

  it('knows the constants of a named string, those with blanks too', () => {
    const usage = registry.schemaOf('k8s.io/api/certificates/v1.KeyUsage');
    const values = 'values' in usage ? usage.values : [];
    expect(values).toHaveLength(23);
    expect(values).toEqual(expect.arrayContaining(['any', 'digital signature', 'ipsec end system']));
  });

  it('follows types that contain themselves', () => {
    const props = 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps';
    expect(fieldOf(props, 'properties').type).toMatchObject({ kind: 'map', value: { typeName: props } });
    expect(fieldOf(props, 'items').type).toMatchObject({ kind: 'schemaOrSchemas', schema: { typeName: props } });
    expect(fieldOf(props, 'not').type).toBe(structOf(props));
  });
});
