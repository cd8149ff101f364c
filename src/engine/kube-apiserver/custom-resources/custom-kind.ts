/** A version of a CustomResourceDefinition as a kind. Mirrors the strategies of apiextensions' `registry/customresource`. */
import type {
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../machinery/api/apiextensions-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { CustomForm, CustomScale } from '../../machinery/custom-form.js';
import { deepEqual } from '../../machinery/equality.js';
import { goFormat, goQuote } from '../../machinery/go-text.js';
import { defineKind, type Kind, type Subresource, type Verb } from '../../machinery/kind.js';
import type { MergeType } from '../../machinery/managed-fields/merge-type.js';
import { qualifiedNameFaults } from '../../machinery/names.js';
import { apiVersionOf, type Draft, type KubeObject } from '../../machinery/object.js';
import type { JsonObject } from '../../machinery/structure.js';
import { dropField, field, setField } from '../strategy/update-rules.js';
import type { VersionConversion } from './conversion.port.js';
import { customColumns, firstByPath } from './custom-columns.js';
import { scaleAccessOf } from './custom-scale.js';
import { CustomValidation } from './custom-validation.js';
import { defaulted } from '../../machinery/custom-schema/defaulting.js';
import { deprecationOf } from './deprecation.js';
import { finalizerWarning } from './finalizer-warning.js';
import { parseJsonPath } from './json-path-parser.js';
import { mergeTypeOfObject } from './merge-types.js';
import { coercedObject, readCustomObject } from '../../machinery/custom-schema/object-reading.js';
import type { SchemaRules } from './schema-rules.port.js';
import { structuralSchemaOf, type StructuralSchema } from '../../machinery/custom-schema/structural-schema.js';

/** The Go type that has the metadata and nothing else. */
const METADATA_TYPE = 'k8s.io/apimachinery/pkg/apis/meta/v1.PartialObjectMetadata';
/** In the order in which upstream's discovery names them. */
const VERBS: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const FACE_VERBS: Subresource['verbs'] = ['get', 'patch', 'update'];
const SCALE = Object.freeze({ group: 'autoscaling', version: 'v1', kind: 'Scale' });
const OPEN = Object.freeze({ 'x-kubernetes-preserve-unknown-fields': true });

/** What the kinds of one definition have in common. */
export interface DefinitionParts {
  readonly spec: CustomResourceDefinitionSpec;
  readonly names: CustomResourceDefinitionNames;
  readonly conversion: VersionConversion;
  readonly rules: SchemaRules | undefined;
  readonly metadataType: MergeType;
  readonly id: string;
  versionOf(version: string): Kind | undefined;
  isVersion(apiVersion: string): boolean;
  storageKind(): Kind;
  /** As the storage version keeps it: without what only another version knows. */
  toStored(object: KubeObject): KubeObject;
}

export function customKind(version: CustomResourceDefinitionVersion, parts: DefinitionParts): Kind {
  const { spec, names } = parts;
  const source = version.schema?.openAPIV3Schema ?? OPEN;
  const structure = structuralSchemaOf(source);
  const scale = scaleOf(version);
  const hasStatus = version.subresources?.status !== undefined;
  const validation = new CustomValidation({ source, structure, scale, rules: parts.rules });
  const apiVersion = apiVersionOf({ group: spec.group, version: version.name });
  const deprecation = deprecationOf(spec, version);
  const custom = customForm(version, parts, { structure, scale, validation });
  const warnings = (object: KubeObject, old?: KubeObject): readonly string[] => [
    ...validation.warningsOf(object),
    ...finalizerWarnings(object, old),
  ];
  return defineKind<KubeObject>({
    group: spec.group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? '',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    scope: spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    type: METADATA_TYPE,
    custom,
    verbs: VERBS,
    subresources: subresourcesOf(hasStatus, scale !== undefined),
    ...(scale === undefined ? {} : { scale: scaleAccessOf(scale) }),
    columns: customColumns(version.additionalPrinterColumns),
    selectableFields: selectorOf(version),
    storagePrefix: `${spec.group}/${names.plural}`,
    storedAs: {
      get kind() {
        return parts.storageKind();
      },
      toStored: (object) => parts.toStored(object),
      fromStored(object) {
        // What no version knows any more stays as it is, and is refused where somebody asks for it.
        if (!parts.isVersion(object.apiVersion)) return object;
        return shownAs(converted(object, apiVersion, parts.conversion), structure);
      },
    },
    ...(deprecation === undefined ? {} : { deprecation }),
    countsGenerations: true,
    allowsUnconditionalUpdate: false,

    defaults(draft) {
      if (structure.hasDefaults) Object.assign(draft, defaulted(draft as unknown as JsonObject, structure));
    },
    prepareForCreate(draft) {
      if (hasStatus) dropField(draft, 'status');
    },
    prepareForUpdate(draft, old) {
      if (hasStatus) setField(draft, 'status', field(old, 'status'));
    },
    prepareForStatusUpdate: keepAllButStatus,
    raisesGeneration: (object, old) => !deepEqual(withoutMetadata(object), withoutMetadata(old)),

    validate: (object, report) => validation.check(object, undefined, report),
    validateUpdate: (object, old, report) => validation.check(object, old, report),
    validateStatusUpdate: (object, old, report) => validation.checkStatus(object, old, report),
    warnings,
    statusWarnings: warnings,
  });
}

interface VersionParts {
  readonly structure: StructuralSchema;
  readonly scale: CustomScale | undefined;
  readonly validation: CustomValidation;
}

function customForm(
  version: CustomResourceDefinitionVersion,
  parts: DefinitionParts,
  { structure, scale, validation }: VersionParts,
): CustomForm {
  const { names, metadataType, id } = parts;
  return {
    id: `${id}/${version.name}`,
    listKind: names.listKind ?? `${names.kind}List`,
    schema: version.schema?.openAPIV3Schema,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    mergeType: mergeTypeOfObject(structure, metadataType),
    versionOf: (name) => parts.versionOf(name),
    read(value, isStrict) {
      const read = readCustomObject(value, structure, isStrict);
      validation.noteRead(read.object, value);
      return read;
    },
    converter: parts.spec.conversion?.strategy === 'Webhook' ? parts.spec.conversion.webhook : undefined,
    scale,
  };
}

function scaleOf({ subresources }: CustomResourceDefinitionVersion): CustomScale | undefined {
  const scale = subresources?.scale;
  if (scale === undefined) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  return {
    specReplicasPath,
    statusReplicasPath,
    labelSelectorPath: labelSelectorPath === '' ? undefined : labelSelectorPath,
  };
}

const subresourcesOf = (hasStatus: boolean, hasScale: boolean): readonly Subresource[] => [
  ...(hasStatus ? [{ name: 'status', verbs: FACE_VERBS }] : []),
  ...(hasScale ? [{ name: 'scale', verbs: FACE_VERBS, responseKind: SCALE }] : []),
];

function selectorOf({
  selectableFields = [],
}: CustomResourceDefinitionVersion): (object: KubeObject) => Record<string, string> {
  const fields = selectableFields.map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    path: parseJsonPath(jsonPath) ?? [],
  }));
  return (object) => {
    const values: Record<string, string> = {};
    for (const { name, path } of fields) {
      const value = firstByPath(path, object) ?? null;
      values[name] = value === null ? '' : goFormat(value);
    }
    return values;
  };
}

export const converted = (object: KubeObject, apiVersion: string, conversion: VersionConversion): KubeObject =>
  object.apiVersion === apiVersion
    ? object
    : (conversion.convert(object as unknown as JsonObject, apiVersion) as unknown as KubeObject);

/** A stored object by the schema as it is now: the very object when that changes nothing. */
function shownAs(object: KubeObject, structure: StructuralSchema): KubeObject {
  const coerced = coercedObject(object as unknown as JsonObject, structure);
  return defaulted(coerced, structure) as unknown as KubeObject;
}

/** Only the status is taken from a write of the status; who owns it is noted all the same. */
function keepAllButStatus(draft: Draft<KubeObject>, old: KubeObject): void {
  const status = field(draft, 'status');
  const { managedFields, resourceVersion } = draft.metadata;
  for (const name of Object.keys(draft)) dropField(draft, name);
  Object.assign(draft, old);
  const metadata: Draft<ObjectMeta> = { ...(old.metadata as Draft<ObjectMeta>) };
  setField(metadata, 'managedFields', managedFields);
  setField(metadata, 'resourceVersion', resourceVersion);
  draft.metadata = metadata;
  setField(draft, 'status', status);
}

function withoutMetadata(object: KubeObject): object {
  const { metadata: _metadata, ...content } = object;
  return content;
}

function finalizerWarnings({ metadata }: KubeObject, old?: KubeObject): readonly string[] {
  const { finalizers } = metadata;
  if (finalizers === undefined) return [];
  const former = old?.metadata.finalizers ?? [];
  const added = [...new Set(finalizers)].filter((each) => !former.includes(each)).sort();
  return added.flatMap((each) => {
    const faults = qualifiedNameFaults(each).map((fault) => `metadata.finalizers: ${goQuote(each)}: ${fault}`);
    const warning = finalizerWarning(each);
    return warning === undefined ? faults : [...faults, warning];
  });
}
