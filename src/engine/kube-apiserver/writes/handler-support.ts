import { managerOfAgent } from '../ownership/manager-of-agent.js';
import type { FaceWriter } from '../ownership/field-tracker.js';
import type { ResourceRequest } from '../request-context.js';
import type { ResourceTarget } from '../routing.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import type { RequestOptions } from '../admission/request-options.js';
import type { Settle } from './settled.js';
import type { WriteScope, Written } from './write-scope.js';

export const scopeOf = (
  { target, user, warnings, audit }: ResourceRequest,
  { isDryRun, told }: { readonly isDryRun: boolean; readonly told: RequestOptions },
): WriteScope => ({
  user,
  kind: target.kind,
  namespace: target.namespace,
  subresource: target.subresource,
  isDryRun,
  options: told,
  warnings,
  audit,
});

/** Who owns what the request writes. */
export const writerOf = (
  { target, request }: ResourceRequest,
  face: Face,
  fieldManager: string | undefined,
): FaceWriter => ({
  kind: target.kind,
  face,
  subresource: target.subresource ?? '',
  manager:
    fieldManager === undefined || fieldManager === '' ? managerOfAgent(request.headers['user-agent']) : fieldManager,
});

/** `namespace/name`, or the bare name of a cluster-scoped object. */
export const keyOfTarget = ({ namespace, name = '' }: ResourceTarget): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** Turns what a write made into an answer that shows the face it was made through. */
export function answerWritten(
  { answers }: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): Settle<Written> {
  return ({ value, error }) => {
    if (error !== undefined) return settle({ error });
    const { object, entry, revision, isNew } = value;
    const status = isNew ? 201 : 200;
    if (!face.isObject) {
      return settle({ value: answers.shown(context, { status, object: face.show(object), revision }, face) });
    }
    settle({
      value: answers.object(context, { status, kind: context.target.kind, object, bytes: entry?.bytes, revision }),
    });
  };
}
