import { encodeJson } from '../../machinery/json/encode-json.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { ApiCall, Outcome } from '../../machinery/resource-api.port.js';
import type { AuditRecord } from './audit-record.js';
import { objectText } from './response-text.js';

const CREATED = 201;
const OK = 200;
const UNKNOWN = 500;

/** Tells what a component sends, and then what comes of it. */
export function told(audit: AuditRecord, call: ApiCall, done: (outcome: Outcome) => void): (outcome: Outcome) => void {
  tellRequest(audit, call);
  return (outcome) => {
    const { object, error } = outcome;
    if (error === undefined) audit.answered(objectText(object), undefined);
    else audit.answered(objectText(error.status), error.status);
    audit.headed(error === undefined ? successOf(call) : (error.status.code ?? UNKNOWN));
    audit.completed();
    done(outcome);
  };
}

function tellRequest(audit: AuditRecord, call: ApiCall): void {
  const { kind } = call;
  const type = { kind: kind.kind, apiVersion: apiVersionOf(kind) };
  switch (call.verb) {
    case 'create':
    case 'update':
      return audit.requested({ ...type, ...call.object } as KubeObject);
    case 'patch':
      return audit.requestedWith(() => encodeJson(call.patch as object));
    case 'delete': {
      const { options } = call;
      if (options === undefined) return undefined;
      return audit.requestedWith(() =>
        encodeJson({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', ...options }),
      );
    }
    case 'create-subresource':
      return audit.requestedWith(() => encodeJson(call.body as object));
  }
}

const successOf = ({ verb }: ApiCall): number => (verb === 'create' || verb === 'create-subresource' ? CREATED : OK);
