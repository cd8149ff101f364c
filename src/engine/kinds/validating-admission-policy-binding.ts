import type { ValidatingAdmissionPolicyBinding } from '../machinery/api/admissionregistration-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkPolicyBinding } from './admission-spec/policy-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultMatch } from './shared/webhook-defaults.js';

export const validatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/api/admissionregistration/v1.ValidatingAdmissionPolicyBinding',
  columns: [
    nameColumn,
    { name: 'PolicyName', type: 'string', value: ({ spec }) => spec?.policyName ?? '' },
    { name: 'ParamRef', type: 'string', value: parameter },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,

  defaults({ spec }) {
    defaultMatch(spec?.matchResources);
  },

  validate: checkPolicyBinding,
  validateUpdate: (object, _old, report) => checkPolicyBinding(object, report),
});

function parameter({ spec }: ValidatingAdmissionPolicyBinding): string {
  const { name = '', namespace = '' } = spec?.paramRef ?? {};
  if (name === '') return '<unset>';
  return `${namespace === '' ? '*' : namespace}/${name}`;
}
