import { timestamp, type Instant } from '../kernel/clock.js';
import type { CustomResourceDefinition } from '../machinery/api/apiextensions-v1.js';
import { defineKind } from '../machinery/kind.js';
import type { Draft } from '../machinery/object.js';
import {
  checkDefinition,
  checkDefinitionStatus,
  checkDefinitionUpdate,
} from './custom-resource-spec/definition-rules.js';
import { formatWarnings } from './custom-resource-spec/format-warnings.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.CustomResourceDefinition',
  subresources: [statusSubresource],
  columns: [nameColumn, createdAtColumn],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,

  defaults(draft) {
    // Upstream's structs are there when a body has none of them.
    const spec = (draft.spec ??= emptySpec());
    spec.names ??= { plural: '', kind: '' };
    const { status } = draft;
    spec.names.singular ||= spec.names.kind.toLowerCase();
    if (spec.names.kind !== '') spec.names.listKind ||= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service !== undefined) service.port ??= 443;
    if (status !== undefined && (status.storedVersions ?? []).length === 0) {
      status.storedVersions = storageVersions(spec);
    }
  },
  prepareForUpdate(draft, old) {
    const { status } = old;
    if (status === undefined) delete draft.status;
    else draft.status = status as NonNullable<typeof draft.status>;
    const [storage] = storageVersions(draft.spec) ?? [];
    const stored = status?.storedVersions ?? [];
    if (storage === undefined || stored.includes(storage)) return;
    draft.status = { ...draft.status, storedVersions: stored.concat(storage) };
  },
  prepareForCreate(draft) {
    draft.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storageVersions(draft.spec),
    };
  },

  isCommon: true,
  markForDeletion,
  warnings: (object, old) => formatWarnings(object, old),

  validate: checkDefinition,
  validateUpdate: checkDefinitionUpdate,
  validateStatusUpdate: (object, _old, report) => checkDefinitionStatus(object, report),
});

const emptySpec = (): Draft<CustomResourceDefinition['spec']> => ({
  group: '',
  names: { plural: '', kind: '' },
  scope: '',
  versions: [],
});

/** Of several that claim to be it, the first. */
function storageVersions({ versions }: CustomResourceDefinition['spec']): string[] | null {
  const first = (versions ?? []).find(({ storage }) => storage);
  return first === undefined ? null : [first.name];
}

/** The first DELETE only marks: the instances go first. */
function markForDeletion(definition: CustomResourceDefinition, now: Instant): CustomResourceDefinition | undefined {
  const { metadata, status } = definition;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const finalizers = metadata.finalizers ?? [];
  const time = timestamp(now);
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  } as const;
  const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  return {
    ...definition,
    metadata: {
      ...metadata,
      deletionTimestamp: time,
      finalizers: finalizers.includes(CLEANUP) ? finalizers : [...finalizers, CLEANUP],
    },
    status: { ...status, conditions: [...others, condition] },
  };
}
