import { parse } from 'yaml';

/** The token of the only user of a kubeconfig. */
export const tokenOfKubeconfig = (text: string): string =>
  (parse(text) as { readonly users: readonly [{ readonly user: { readonly token: string } }] }).users[0].user.token;
