// Mirrors upstream's csrsigning controllers, one for each built-in signer: what is approved gets a certificate.
import { timestamp } from '../../kernel/clock.js';
import { certificateSigningRequest } from '../../kinds/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { base64OfPem, hasCondition, isIssued, requestIn } from '../certificates/requests.js';
import { signRequest } from '../certificates/sign-request.js';
import { isBuiltInSigner, signerFault } from '../certificates/signers.js';
import { defineController } from '../controller.js';

export const certificateSigningController = defineController<CertificateSigningRequest>({
  name: 'certificatesigningrequest-signing-controller',
  serviceAccount: 'certificate-controller',
  primary: certificateSigningRequest,
  concerns: isWaiting,

  reconcile({ client, simulation, settings }, object) {
    const authority = settings.credentials?.certificateAuthority;
    if (object === undefined || authority === undefined || !isWaiting(object)) return undefined;
    const request = requestIn(object);
    if (request === undefined) return undefined;
    const { status, spec } = object;
    const fault = signerFault(spec.signerName, request, spec.usages ?? []);
    if (fault !== undefined) {
      const now = timestamp(simulation.now);
      const failed = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: fault,
        lastUpdateTime: now,
      };
      const conditions = [...(status?.conditions ?? []), failed];
      client.updateStatus(certificateSigningRequest, { ...object, status: { ...status, conditions } });
      return undefined;
    }
    const certificate = signRequest({ authority, now: simulation.now, random: simulation.random }, object, request);
    if (certificate === undefined) return undefined;
    const signed = { ...object, status: { ...status, certificate: base64OfPem(certificate) } };
    client.updateStatus(certificateSigningRequest, signed);
    return undefined;
  },
});

function isWaiting(object: CertificateSigningRequest): boolean {
  const isOpen = hasCondition(object, 'Approved') && !hasCondition(object, 'Failed') && !isIssued(object);
  return isOpen && isBuiltInSigner(object.spec.signerName);
}
