import { prepareApproval } from '../../kinds/certificate-spec/preparation.js';
import { validateRequestApproval } from '../../kinds/certificate-spec/validation.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { statusRules } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

/** The decision on a certificate signing request: of its status, only the conditions may change. */
export const approvalFace = (kind: Kind): Face =>
  wholeFace(kind, {
    ...statusRules(kind),
    prepare: (draft, old, context) =>
      prepareApproval(draft as Draft<CertificateSigningRequest>, old as CertificateSigningRequest, context),
    validate: (object, old, report) =>
      validateRequestApproval(object as CertificateSigningRequest, old as CertificateSigningRequest, report),
  });
