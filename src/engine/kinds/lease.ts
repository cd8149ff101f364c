import type { Lease } from '../machinery/api/coordination-v1.js';
import { forbidden, invalid } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  metadataRules: 'machinery',
  type: 'k8s.io/api/coordination/v1.Lease',
  columns: [nameColumn, { name: 'Holder', type: 'string', value: ({ spec }) => spec?.holderIdentity ?? '' }, ageColumn],
  createsOnUpdate: true,
  allowsUnconditionalUpdate: false,

  // Coordinated leader election is an alpha feature: its fields do not stay.
  prepareForCreate({ spec }) {
    delete spec.strategy;
    delete spec.preferredHolder;
  },
  prepareForUpdate({ spec }, old) {
    if (old.spec?.strategy === undefined) delete spec.strategy;
    if (old.spec?.preferredHolder === undefined) delete spec.preferredHolder;
  },

  validate,
  validateUpdate: (object, _old, report) => validate(object, report),
});

function validate({ spec }: Lease, report: Report): void {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions = 0 } = spec ?? {};
  if (duration !== undefined && duration <= 0) {
    report(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  if (transitions < 0) report(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  if ((spec?.preferredHolder ?? '') !== '' && (spec?.strategy ?? '') === '') {
    report(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
  }
}
