import { timestamp } from '../kernel/clock.js';
import type { APIService } from '../machinery/api/apiregistration-v1.js';
import { pathSegmentFaults } from '../machinery/names.js';
import { defineKind } from '../machinery/kind.js';
import { validateApiService } from './shared/api-service-validation.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1.APIService',
  subresources: [statusSubresource],
  statusKeepsMetadata: true,
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      value: ({ spec }) =>
        spec?.service === undefined ? 'Local' : `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}`,
    },
    { name: 'Available', type: 'string', value: availability },
    ageColumn,
  ],
  allowsUnconditionalUpdate: false,

  defaults({ spec }) {
    if (spec?.service !== undefined) spec.service.port ??= 443;
  },
  // What the cluster serves itself is available at once.
  prepareForCreate(draft, { now }) {
    const local = { reason: 'Local', message: 'Local APIServices are always available' };
    draft.status =
      draft.spec?.service === undefined
        ? { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: timestamp(now), ...local }] }
        : {};
  },

  validateName: pathSegmentFaults,
  validate: validateApiService,
  validateUpdate: (object, _old, report) => validateApiService(object, report),
});

function availability({ status }: APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}
