import type { ServiceAccount } from '../machinery/api/core-v1.js';
import type { UserInfo } from '../machinery/user.js';
import type { CertificateAuthority } from '../machinery/x509/certificate-authority.port.js';

/** What only the holder of a cluster's keys can make, and knows of who asks for it. */
export interface Credentials {
  /** Without it nothing is certified. */
  readonly certificateAuthority: CertificateAuthority | undefined;
  /** A token without an end, for a Secret of this name. */
  accountToken(account: ServiceAccount, secretName: string): string;
  /** Whether the user may create this subresource of certificate signing requests. */
  mayRequestCertificate(user: UserInfo, subresource: string): boolean;
}
