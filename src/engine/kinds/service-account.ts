import type { ServiceAccount } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import type { Draft } from '../machinery/object.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.ServiceAccount',
  subresources: [
    {
      name: 'token',
      verbs: ['create'],
      responseKind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    },
  ],
  columns: [nameColumn, ageColumn],

  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
});

/** Of a reference to a Secret only the name counts. */
function keepSecretNames(draft: Draft<ServiceAccount>): void {
  if (draft.secrets !== undefined)
    draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}
