/** ComponentStatuses: made when they are asked for, and stored nowhere. Mirrors `componentstatus/rest.go`. */
import { componentStatus } from '../../kinds/component-status.js';
import type { ComponentStatus } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { notFound } from '../../machinery/status-error.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import { negotiateObject } from '../negotiation/negotiation.js';
import { listOptionsOf } from '../reads/list-options.js';
import { Selection } from '../reads/selection.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireResponse } from '../wire.js';

const COMPONENTS: readonly string[] = ['scheduler', 'controller-manager', 'etcd-0'];

export const isComputed = (kind: Kind): boolean => kind === componentStatus;

export function getComputed(parts: ServerParts, context: ResourceRequest): WireResponse {
  const { name = '' } = context.target;
  if (!COMPONENTS.includes(name)) throw notFound({ group: '', resource: componentStatus.singular }, name);
  const revision = parts.storage.revision;
  return parts.answers.object(context, { status: 200, kind: componentStatus, object: statusOf(name), revision });
}

export function listComputed(parts: ServerParts, context: ResourceRequest): WireResponse {
  const negotiated = negotiateObject(context);
  const { labels, fields } = listOptionsOf(context.query, false);
  const selection = new Selection(componentStatus, labels, fields);
  const items = COMPONENTS.map(statusOf)
    .filter((each) => selection.shows(each))
    .map((object) => ({ object, bytes: parts.text.encode(encodeJson(object)) }));
  const answer = { kind: componentStatus, metadata: {}, items, revision: parts.storage.revision };
  return parts.answers.listing(context, answer, negotiated);
}

/** A component that this server can ask is one that answers. */
const statusOf = (name: string): ComponentStatus => ({
  kind: 'ComponentStatus',
  apiVersion: 'v1',
  metadata: { name },
  conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
});
