import type { LimitRange } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { defaultLimits, dropEmptyLimits, validateLimitRange } from './shared/limit-range-validation.js';

export const limitRange = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.LimitRange',
  columns: [nameColumn, createdAtColumn],
  createsOnUpdate: true,

  defaults: defaultLimits,
  prepareForCreate(draft, { random }) {
    if (draft.metadata.name === '') draft.metadata.name = random.uuid();
    dropEmptyLimits(draft);
  },
  prepareForUpdate: dropEmptyLimits,

  validate: validateLimitRange,
  validateUpdate: (object, _old, report) => validateLimitRange(object, report),
});
