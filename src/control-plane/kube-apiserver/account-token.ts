import type { WireResponse } from '../../engine/kube-apiserver/wire.js';
import { clusterAdministrator } from '../../engine/machinery/user.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';

export interface AccountTokenOrder {
  readonly namespace: string;
  readonly name: string;
  readonly expirationSeconds: number | undefined;
}

/** A token of a service account, or the Status that says why there is none: a TokenRequest, as any client makes it. */
export async function accountToken(
  live: LiveCluster,
  { namespace, name, expirationSeconds }: AccountTokenOrder,
): Promise<{ readonly token: string } | { readonly code: number; readonly message: string }> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const body = Buffer.from(JSON.stringify({ spec: { expirationSeconds } }));
  const { status, body: parts } = await new Promise<WireResponse>((resolve, reject) => {
    live.handle(
      { method: 'POST', path, query: '', headers: {}, body, user: clusterAdministrator },
      { respond: resolve, stream: () => ({ write: () => undefined, end: () => reject(new Error('no answer')) }) },
    );
  });
  const answer = JSON.parse(Buffer.concat(parts).toString()) as {
    readonly status: { readonly token: string };
    readonly message: string;
  };
  return status === 201 ? { token: answer.status.token } : { code: status, message: answer.message };
}
