import { stringify } from 'yaml';

export interface KubeconfigInput {
  readonly cluster: string;
  readonly tenant: string;
  readonly server: string;
  /** PEM. */
  readonly caCertificate: string;
  readonly token: string;
  /** The user's name in the file. */
  readonly user: string;
}

/** A kubeconfig with one context, which is current. */
export function kubeconfigText({
  cluster,
  tenant,
  server,
  caCertificate,
  token,
  user: username,
}: KubeconfigInput): string {
  const name = `${tenant}-${cluster}`;
  const user = `${username}@${name}`;
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
