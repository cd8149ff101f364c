import type { Event } from '../../machinery/api/core-v1.js';
import type { Column } from '../../machinery/kind.js';
import { timeSince } from './columns.js';

/** The columns of Events in both of their forms, read from the core form. */
export const eventColumns: readonly Column<Event>[] = [
  { name: 'Last Seen', type: 'string', value: (event, { now }) => timeSince(lastSeen(event), now) },
  { name: 'Type', type: 'string', value: ({ type = '' }) => type },
  { name: 'Reason', type: 'string', value: ({ reason = '' }) => reason },
  { name: 'Object', type: 'string', value: target },
  { name: 'Subobject', type: 'string', priority: 1, value: ({ involvedObject }) => involvedObject.fieldPath ?? '' },
  { name: 'Source', type: 'string', priority: 1, value: sourceOf },
  { name: 'Message', type: 'string', value: ({ message = '' }) => message.trim() },
  { name: 'First Seen', type: 'string', priority: 1, value: (event, { now }) => timeSince(firstSeen(event), now) },
  { name: 'Count', type: 'string', priority: 1, value: ({ series, count = 0 }) => series?.count ?? (count || 1) },
  { name: 'Name', type: 'string', format: 'name', priority: 1, value: ({ metadata }) => metadata.name },
];

const firstSeen = ({ firstTimestamp, eventTime }: Event) => firstTimestamp ?? eventTime;

const lastSeen = (event: Event) =>
  event.series === undefined ? (event.lastTimestamp ?? firstSeen(event)) : event.series.lastObservedTime;

function target({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const instance = source?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}
