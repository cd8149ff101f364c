import type { ValidatingAdmissionPolicy } from '../machinery/api/admissionregistration-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkPolicy } from './admission-spec/policy-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { defaultMatch } from './shared/webhook-defaults.js';

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/api/admissionregistration/v1.ValidatingAdmissionPolicy',
  subresources: [statusSubresource],
  statusKeepsMetadata: true,
  columns: [
    nameColumn,
    { name: 'Validations', type: 'integer', value: ({ spec }) => spec?.validations?.length ?? 0 },
    {
      name: 'ParamKind',
      type: 'string',
      value: ({ spec }) =>
        spec?.paramKind === undefined ? '<unset>' : `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`,
    },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,

  defaults({ spec }) {
    if (spec === undefined) return;
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints);
  },
  prepareForCreate(draft) {
    draft.status = {};
  },

  validate: (object, report) => checkPolicy(object, report),
  validateUpdate: (object, old, report) => checkPolicy(object, report, old),
});
