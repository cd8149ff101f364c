import { stringify } from 'yaml';

export interface KubeconfigInput {
  readonly cluster: string;
  readonly tenant: string;
  readonly server: string;
  /** PEM. */
  readonly caCertificate: string;
  readonly token: string;
}

const USER = 'kubernetes-admin';

/** A kubeconfig with one context, which is current. */
export function kubeconfigText({ cluster, tenant, server, caCertificate, token }: KubeconfigInput): string {
  const name = `${tenant}-${cluster}`;
  const user = `${USER}@${name}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name,
          cluster: { server, 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') },
        },
      ],
      users: [{ name: user, user: { token } }],
      contexts: [{ name, context: { cluster: name, user } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}
