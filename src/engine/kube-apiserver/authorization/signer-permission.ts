import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';
import { ClusterAuthorizer } from './cluster-authorizer.js';

interface SignerQuestion {
  readonly reader: ResourceReader;
  readonly user: UserInfo;
  readonly verb: 'approve' | 'sign';
  readonly signerName: string;
}

/** Whether the user may do this for the signer, by its name or for its whole domain. */
export function mayForSigner({ reader, user, verb, signerName }: SignerQuestion): boolean {
  const authorizer = new ClusterAuthorizer(reader);
  const what = { group: 'certificates.k8s.io', version: '*', resource: 'signers', subresource: '', namespace: '' };
  const may = (name: string): boolean =>
    authorizer.authorize({ ...what, user, verb, name, path: '', isResource: true }).isAllowed;
  const [domain = ''] = signerName.split('/');
  return may(signerName) || may(`${domain}/*`);
}
