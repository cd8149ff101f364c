import type { ObjectWatchSink } from '../watch/object-watch.js';
import type { WireCall } from '../wire.js';
import type { AuditRecord } from './audit-record.js';
import { objectText } from './response-text.js';

const OK = 200;
const UNKNOWN = 500;

/** A watch below HTTP whose beginning and end are told. */
export function auditedWatch(
  record: AuditRecord,
  sink: ObjectWatchSink,
  begin: (sink: ObjectWatchSink) => WireCall,
): WireCall {
  const call = begin({
    event: (event) => {
      record.headed(OK);
      sink.event(event);
    },
    error: (status) => {
      record.answered(objectText(status), status);
      record.headed(status.code ?? UNKNOWN);
      record.completed();
      sink.error(status);
    },
  });
  record.headed(OK);
  return {
    cancel: () => {
      call.cancel();
      record.completed();
    },
  };
}
