import { join } from 'node:path';
import type { Config } from '../config/config.js';
import type { Doors } from '../config/doors.js';
import type { ServerIdentity } from '../config/server-identity.js';

/** What a start says: the doors, the admin token once in the life of a data directory, and how to begin. */
export function bannerText(config: Config, doors: Doors, { adminToken, isAdminTokenNew }: ServerIdentity): string {
  const { httpUrl, httpsUrl } = doors;
  const tokenFile = join(config.dataDir, 'admin-token');
  const bearer = config.adminToken === undefined ? `$(cat ${tokenFile})` : '$FLOTILLA_ADMIN_TOKEN';
  const clusters = `${httpUrl}/api/v1/tenants/default/clusters`;
  const curl = `curl -fsS -H "Authorization: Bearer ${bearer}"`;
  return [
    'Flotilla',
    `  Kubernetes  ${httpsUrl}/k8s/<tenant>/<cluster>`,
    `  Management  ${httpUrl}/api/v1`,
    `  Streams     ${httpUrl}/socket.io`,
    `  Operations  ${httpUrl}/healthz /readyz /metrics /docs`,
    ...(isAdminTokenNew ? [`  Admin token ${adminToken}  (shown this once; kept in ${tokenFile})`] : []),
    '',
    `${curl} -H 'Content-Type: application/json' -d '{"name":"demo"}' ${clusters}`,
    `${curl} ${clusters}/demo/kubeconfig -o demo.kubeconfig`,
    'kubectl --kubeconfig demo.kubeconfig get nodes',
    '',
  ].join('\n');
}
