import type { CertificateSigningRequest } from '../../../machinery/api/certificates-v1.js';
import { goQuote } from '../../../machinery/go-text.js';
import { mayForSigner } from '../../authorization/signer-permission.js';
import { defineAdmissionPlugin } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

/** Who approves a request needs permission for its signer. */
export const certificateApproval = defineAdmissionPlugin({
  name: 'CertificateApproval',
  operations: ['UPDATE'],
  resources: ['certificates.k8s.io/certificatesigningrequests'],

  validate(attributes, { reader }) {
    const { subresource, old, user } = attributes;
    if (subresource !== 'approval') return undefined;
    const { signerName } = (old as CertificateSigningRequest).spec;
    if (mayForSigner({ reader, user, verb: 'approve', signerName })) return undefined;
    const fault = `user not permitted to approve requests with signerName ${goQuote(signerName)}`;
    throw admissionForbidden(attributes, fault);
  },
});
