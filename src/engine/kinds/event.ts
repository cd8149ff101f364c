import type { Event } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { eventColumns } from './shared/event-columns.js';
import { validateCoreEvent } from './shared/event-validation.js';

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  metadataRules: 'afterwards',
  type: 'k8s.io/api/core/v1.Event',
  columns: eventColumns,
  selectableFields: ({ involvedObject, reason = '', reportingComponent = '', source, type = '' }) => ({
    'involvedObject.kind': involvedObject.kind ?? '',
    'involvedObject.namespace': involvedObject.namespace ?? '',
    'involvedObject.name': involvedObject.name ?? '',
    'involvedObject.uid': involvedObject.uid ?? '',
    'involvedObject.apiVersion': involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': involvedObject.fieldPath ?? '',
    reason,
    reportingComponent,
    source: source?.component || reportingComponent,
    type,
  }),
  createsOnUpdate: true,

  // Upstream checks neither the name nor, on updates, what has changed.
  validateName: () => [],
  validate: validateCoreEvent,
  validateUpdate: (object, _old, report) => validateCoreEvent(object, report),
});
