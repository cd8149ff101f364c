import type { WireResponse } from '../engine/kube-apiserver/wire.js';
import type { StatusError } from '../engine/machinery/status-error.js';

/** A Status that hosting itself answers with, before or instead of the cluster. */
export function statusResponse(error: StatusError): WireResponse {
  const retryAfter = error.retryAfterSeconds;
  return {
    status: error.code,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: [Buffer.from(`${JSON.stringify(error.status)}\n`)],
    revision: 0,
  };
}
