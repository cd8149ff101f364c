import { certificateSigningRequest } from '../../../kinds/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../machinery/api/certificates-v1.js';
import { deepEqual } from '../../../machinery/equality.js';
import { goQuote } from '../../../machinery/go-text.js';
import { mayForSigner } from '../../authorization/signer-permission.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

/** Who writes a certificate, or says that there will be none, needs permission for the request's signer. */
export const certificateSigning = defineAdmissionPlugin({
  name: 'CertificateSigning',
  operations: ['UPDATE'],
  resources: ['certificates.k8s.io/certificatesigningrequests'],

  validate(attributes, { reader }) {
    const { subresource, user } = attributes;
    if (subresource !== 'status') return undefined;
    const old = attributes.old as CertificateSigningRequest;
    const { status } = objectOf(certificateSigningRequest, attributes);
    const isUntouched =
      (old.status?.certificate ?? '') === (status?.certificate ?? '') &&
      deepEqual(old.status?.conditions ?? [], status?.conditions ?? []);
    const { signerName } = old.spec;
    if (isUntouched || mayForSigner({ reader, user, verb: 'sign', signerName })) return undefined;
    const fault = `user not permitted to sign requests with signerName ${goQuote(signerName)}`;
    throw admissionForbidden(attributes, fault);
  },
});
