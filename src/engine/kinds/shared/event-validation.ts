/** Mirrors `ValidateEventCreate` and `ValidateEventUpdate`: what core v1 checks, and the stricter events.k8s.io. */
import type { Event as CoreEvent } from '../../machinery/api/core-v1.js';
import type { Event } from '../../machinery/api/events-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { invalid, required } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkQualifiedName } from '../pod-spec/checks.js';
import { checkImmutable } from './immutable.js';

const REPORTING_INSTANCE_BYTES_MAX = 128;
const ACTION_BYTES_MAX = 128;
const REASON_BYTES_MAX = 128;
const NOTE_BYTES_MAX = 1_024;

export const validateCoreEvent = (event: CoreEvent, report: Report): void =>
  validateLegacy(
    {
      namespace: event.metadata.namespace ?? '',
      involvedNamespace: event.involvedObject.namespace ?? '',
      hasEventTime: (event.eventTime ?? undefined) !== undefined,
      controllerField: 'reportingComponent',
      controller: event.reportingComponent ?? '',
      instance: event.reportingInstance ?? '',
      action: event.action ?? '',
      reason: event.reason ?? '',
      message: event.message ?? '',
    },
    report,
  );

export function validateEvent(event: Event, report: Report): void {
  validateLegacy(legacyPartOf(event), report);
  validateSeries(event, report);
  if ((event.eventTime ?? undefined) === undefined) report(required('eventTime'));
  const { type = '', deprecatedSource: source } = event;
  if (type !== 'Normal' && type !== 'Warning') report(invalid('type', '', `has invalid value: ${type}`));
  const unset = 'needs to be unset';
  if ((event.deprecatedFirstTimestamp ?? undefined) !== undefined) report(invalid('firstTimestamp', '', unset));
  if ((event.deprecatedLastTimestamp ?? undefined) !== undefined) report(invalid('lastTimestamp', '', unset));
  if ((event.deprecatedCount ?? 0) !== 0) report(invalid('count', '', unset));
  if ((source?.component ?? '') !== '' || (source?.host ?? '') !== '') report(invalid('source', '', unset));
}

export function validateEventUpdate(event: Event, old: Event, report: Report): void {
  validateLegacy(legacyPartOf(event), report);
  if (!deepEqual(event.series, old.series)) validateSeries(event, report);
  checkImmutable(report, 'involvedObject', [event.regarding ?? {}, old.regarding ?? {}]);
  checkText(report, 'reason', event.reason, old.reason);
  checkText(report, 'message', event.note, old.note);
  checkImmutable(report, 'source', [event.deprecatedSource ?? {}, old.deprecatedSource ?? {}]);
  checkImmutable(report, 'firstTimestamp', [
    event.deprecatedFirstTimestamp ?? null,
    old.deprecatedFirstTimestamp ?? null,
  ]);
  checkImmutable(report, 'lastTimestamp', [event.deprecatedLastTimestamp ?? null, old.deprecatedLastTimestamp ?? null]);
  checkImmutable(report, 'count', [event.deprecatedCount ?? 0, old.deprecatedCount ?? 0]);
  checkText(report, 'reason', event.reason, old.reason);
  checkText(report, 'type', event.type, old.type);
  checkImmutable(report, 'eventTime', [event.eventTime, old.eventTime]);
  checkText(report, 'action', event.action, old.action);
  checkImmutable(report, 'related', [event.related, old.related]);
  checkText(report, 'reportingController', event.reportingController, old.reportingController);
  checkText(report, 'reportingInstance', event.reportingInstance, old.reportingInstance);
}

interface LegacyPart {
  readonly namespace: string;
  readonly involvedNamespace: string;
  readonly hasEventTime: boolean;
  readonly controllerField: string;
  readonly controller: string;
  readonly instance: string;
  readonly action: string;
  readonly reason: string;
  readonly message: string;
}

const legacyPartOf = (event: Event): LegacyPart => ({
  namespace: event.metadata.namespace ?? '',
  involvedNamespace: event.regarding?.namespace ?? '',
  hasEventTime: (event.eventTime ?? undefined) !== undefined,
  controllerField: 'reportingController',
  controller: event.reportingController ?? '',
  instance: event.reportingInstance ?? '',
  action: event.action ?? '',
  reason: event.reason ?? '',
  message: event.note ?? '',
});

/** Events without an event time are of the old form, which says less. */
function validateLegacy(part: LegacyPart, report: Report): void {
  const { namespace, involvedNamespace: involved } = part;
  const elsewhere = invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  if (!part.hasEventTime) {
    const matches = involved === '' ? namespace === '' || namespace === 'default' : involved === namespace;
    if (!matches) report(elsewhere);
    return;
  }
  if (involved === '' && namespace !== 'default' && namespace !== 'kube-system') report(elsewhere);
  if (part.controller === '') report(required(part.controllerField));
  checkQualifiedName(report, part.controllerField, part.controller);
  checkLength(report, 'reportingInstance', part.instance, REPORTING_INSTANCE_BYTES_MAX);
  checkLength(report, 'action', part.action, ACTION_BYTES_MAX);
  checkLength(report, 'reason', part.reason, REASON_BYTES_MAX);
  if (byteLength(part.message) > NOTE_BYTES_MAX) {
    report(invalid('message', '', `can have at most ${NOTE_BYTES_MAX} characters`));
  }
}

function checkLength(report: Report, path: string, text: string, bytesMax: number): void {
  if (text === '') report(required(path));
  if (byteLength(text) > bytesMax) report(invalid(path, '', `can have at most ${bytesMax} characters`));
}

function validateSeries({ series }: Event, report: Report): void {
  if (series === undefined) return;
  if (series.count < 2) report(invalid('series.count', '', 'should be at least 2'));
  if (series.lastObservedTime === null) report(required('series.lastObservedTime'));
}

const checkText = (report: Report, path: string, now = '', before = ''): void =>
  checkImmutable(report, path, [now, before]);
