import type { ApiServer } from '../engine/kube-apiserver/api-server.js';
import type { ObjectWatchRequest, ObjectWatchSink } from '../engine/kube-apiserver/watch/object-watch.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { genericNotFound } from '../engine/machinery/status-error.js';

/** The objects of one kind, named as a manifest names it, and which of them. */
export interface ObjectsToWatch extends Omit<ObjectWatchRequest, 'kind'> {
  readonly apiVersion: string;
  readonly kind: string;
}

const NOTHING_TO_CANCEL: WireCall = Object.freeze({ cancel: () => undefined });

/** A kind that is not served is an error of the sink's. */
export function watchObjects(
  apiServer: ApiServer,
  { apiVersion, kind: kindName, ...selection }: ObjectsToWatch,
  sink: ObjectWatchSink,
): WireCall {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const kind = apiServer.registry.byKind(group, apiVersion.slice(slash + 1), kindName);
  if (kind !== undefined) return apiServer.watch({ kind, ...selection }, sink);
  sink.error(genericNotFound().status);
  return NOTHING_TO_CANCEL;
}
