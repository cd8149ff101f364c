import type { Event as CoreEvent } from '../machinery/api/core-v1.js';
import type { Event } from '../machinery/api/events-v1.js';
import type { Column } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import { event } from './event.js';
import { eventColumns } from './shared/event-columns.js';
import { validateEvent, validateEventUpdate } from './shared/event-validation.js';

/** The events.k8s.io form of the Events that the core group stores. */
export const eventV1 = defineKind<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  type: 'k8s.io/api/events/v1.Event',
  columns: eventColumns.map((column): Column<Event> => ({
    ...column,
    value: (object, context) => column.value(coreForm(object), context),
  })),
  createsOnUpdate: true,
  storagePrefix: event.storagePrefix,
  storedAs: { kind: event, toStored: coreForm, fromStored },

  selectableFields({ regarding = {}, reason = '', reportingController = '', type = '' }) {
    return {
      reason,
      'regarding.kind': regarding.kind ?? '',
      'regarding.namespace': regarding.namespace ?? '',
      'regarding.name': regarding.name ?? '',
      'regarding.uid': regarding.uid ?? '',
      'regarding.apiVersion': regarding.apiVersion ?? '',
      'regarding.resourceVersion': regarding.resourceVersion ?? '',
      'regarding.fieldPath': regarding.fieldPath ?? '',
      reportingController,
      type,
    };
  },
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
});

function coreForm(object: Event): CoreEvent {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: object.metadata,
    involvedObject: object.regarding ?? {},
    ...(object.reason === undefined ? {} : { reason: object.reason }),
    ...(object.note === undefined ? {} : { message: object.note }),
    source: object.deprecatedSource ?? {},
    firstTimestamp: object.deprecatedFirstTimestamp ?? null,
    lastTimestamp: object.deprecatedLastTimestamp ?? null,
    ...(object.deprecatedCount === undefined ? {} : { count: object.deprecatedCount }),
    ...(object.type === undefined ? {} : { type: object.type }),
    eventTime: object.eventTime,
    ...(object.series === undefined ? {} : { series: object.series }),
    ...(object.action === undefined ? {} : { action: object.action }),
    ...(object.related === undefined ? {} : { related: object.related }),
    reportingComponent: object.reportingController ?? '',
    reportingInstance: object.reportingInstance ?? '',
  };
}

function fromStored(stored: KubeObject): Event {
  const object = stored as CoreEvent;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: object.metadata,
    eventTime: object.eventTime ?? null,
    ...(object.series === undefined
      ? {}
      : { series: { count: object.series.count ?? 0, lastObservedTime: object.series.lastObservedTime ?? null } }),
    ...textIfAny('reportingController', object.reportingComponent),
    ...textIfAny('reportingInstance', object.reportingInstance),
    ...textIfAny('action', object.action),
    ...textIfAny('reason', object.reason),
    regarding: object.involvedObject,
    ...(object.related === undefined ? {} : { related: object.related }),
    ...textIfAny('note', object.message),
    ...textIfAny('type', object.type),
    deprecatedSource: object.source ?? {},
    deprecatedFirstTimestamp: object.firstTimestamp ?? null,
    deprecatedLastTimestamp: object.lastTimestamp ?? null,
    ...(object.count === undefined ? {} : { deprecatedCount: object.count }),
  };
}

const textIfAny = <Key extends string>(key: Key, value = ''): { readonly [K in Key]?: string } =>
  value === '' ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
