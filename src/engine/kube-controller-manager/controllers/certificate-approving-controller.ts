// Mirrors upstream's csrapproving: a kubelet that may ask for its own client certificate gets it without a human.
import { certificateSigningRequest } from '../../kinds/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import type { CertificateRequest } from '../../machinery/x509/certificate-request.js';
import { hasCondition, isIssued, requestIn } from '../certificates/requests.js';
import { kubeletClientFault, KUBELET_CLIENT_SIGNER } from '../certificates/signers.js';
import { defineController } from '../controller.js';
import type { Credentials } from '../credentials.port.js';

interface Recognizer {
  readonly subresource: string;
  readonly message: string;
  recognizes(object: CertificateSigningRequest, request: CertificateRequest): boolean;
}

const RECOGNIZERS: readonly Recognizer[] = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    recognizes: ({ spec }, { commonName }) => spec.username === commonName,
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    recognizes: () => true,
  },
];

export const certificateApprovingController = defineController<CertificateSigningRequest>({
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: 'certificate-controller',
  primary: certificateSigningRequest,
  concerns: isUndecided,

  reconcile({ client, settings }, object) {
    const { credentials } = settings;
    if (object === undefined || credentials === undefined || !isUndecided(object)) return undefined;
    const request = requestIn(object);
    if (request === undefined || kubeletClientFault(request, object.spec.usages ?? []) !== undefined) return undefined;
    const found = RECOGNIZERS.find(
      (each) => each.recognizes(object, request) && isAllowed(credentials, object, each.subresource),
    );
    if (found === undefined) return undefined;
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: found.message };
    const conditions = [...(object.status?.conditions ?? []), approved];
    const target = { key: object.metadata.name, subresource: 'approval' };
    client.patchSubresource(certificateSigningRequest, target, { status: { conditions } });
    return undefined;
  },
});

function isUndecided(object: CertificateSigningRequest): boolean {
  const isDecided = hasCondition(object, 'Approved') || hasCondition(object, 'Denied');
  return object.spec.signerName === KUBELET_CLIENT_SIGNER && !isDecided && !isIssued(object);
}

function isAllowed(credentials: Credentials, { spec }: CertificateSigningRequest, subresource: string): boolean {
  const { username = '', uid = '', groups = [] } = spec;
  const user = { username, groups, ...(uid === '' ? {} : { uid }) };
  return credentials.mayRequestCertificate(user, subresource);
}
