import type { CustomResourceDefinition, JSONSchemaProps } from '../machinery/api/apiextensions-v1.js';
import { fieldErrorMessage } from '../machinery/field-error.js';
import type { Draft } from '../machinery/object.js';
import { customResourceDefinition } from './custom-resource-definition.js';

const bodyOf = (spec: object): Draft<CustomResourceDefinition> =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      ...spec,
    },
    status: { storedVersions: ['v1'] },
  }) as unknown as Draft<CustomResourceDefinition>;

function faultsOf(spec: object): readonly string[] {
  const draft = bodyOf(spec);
  customResourceDefinition.defaults?.(draft);
  const faults: string[] = [];
  customResourceDefinition.validate?.(draft, (error) => faults.push(fieldErrorMessage(error)));
  return faults;
}

const withSchemas = (...schemas: readonly JSONSchemaProps[]) => ({
  versions: schemas.map((schema, index) => ({
    name: `v${index + 1}`,
    served: true,
    storage: index === 0,
    schema: { openAPIV3Schema: schema },
  })),
});
const propertyA = (a: JSONSchemaProps): JSONSchemaProps => ({ type: 'object', properties: { a } });
const AT = 'spec.validation.openAPIV3Schema.properties[a]';

describe('a custom resource definition', () => {
  it('gets the names that follow from its kind', () => {
    const draft = bodyOf({});
    customResourceDefinition.defaults?.(draft);
    expect(draft.spec.names).toMatchObject({ singular: 'thing', listKind: 'ThingList' });
    expect(faultsOf({})).toEqual([]);
  });

  it('bears a body that says nothing', () => {
    const draft = { ...bodyOf({}), spec: undefined } as unknown as Draft<CustomResourceDefinition>;
    customResourceDefinition.defaults?.(draft);
    const faults: string[] = [];
    customResourceDefinition.validate?.(draft, (error) => faults.push(error.field));
    expect(faults).toEqual(expect.arrayContaining(['spec.group', 'spec.scope', 'spec.names.plural', 'spec.versions']));
  });

  it('has one storage version, and none twice', () => {
    const version = { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } };
    expect(faultsOf({ versions: [version, version] }).map((each) => each.replace(/\[\{.*\}\]/, '[…]'))).toEqual([
      'spec.versions: Invalid value: […]: must contain unique version names',
      'spec.versions: Invalid value: […]: must have exactly one version marked as storage version',
    ]);
  });

  it('is named by its plural and group', () => {
    expect(faultsOf({ group: 'other.example.com' })).toContain(
      'metadata.name: Invalid value: "things.example.com": must be spec.names.plural+"."+spec.group',
    );
  });

  it('needs approval in a protected group', () => {
    expect(faultsOf({ group: 'x.k8s.io' }).at(-1)).toMatch(/^metadata.annotations\[api-approved.kubernetes.io\]/);
  });
});

describe('the schema of a custom resource', () => {
  it.each<readonly [string, JSONSchemaProps, readonly string[]]>([
    ['without a type', {}, [`${AT}.type: Required value: must not be empty for specified object fields`]],
    ['of a list without items', { type: 'array' }, [`${AT}.items: Required value: must be specified`]],
    [
      'with a type in a restriction',
      { type: 'string', allOf: [{ type: 'string' }] },
      [`${AT}.allOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'with both kinds of values',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      [],
    ],
    [
      'with a pattern that cannot be read',
      { type: 'string', pattern: '[a' },
      [
        `${AT}.pattern: Invalid value: "[a": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: \`[a\``,
      ],
    ],
    [
      'of a keyed list without keys',
      { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
      [`${AT}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
  ])('%s', (_title, schema, faults) => {
    expect(faultsOf(withSchemas(propertyA(schema)))).toEqual(faults);
  });

  it('restricts only what is there', () => {
    const schema: JSONSchemaProps = { type: 'object', anyOf: [{ properties: { b: { minLength: 1 } } }] };
    expect(faultsOf(withSchemas(schema))).toEqual([
      'spec.validation.openAPIV3Schema.properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]',
    ]);
  });

  it('is named by its version where versions differ', () => {
    expect(faultsOf(withSchemas({ type: 'object' }, propertyA({})))).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    ]);
  });
});
